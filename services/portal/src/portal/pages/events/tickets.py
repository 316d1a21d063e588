"""A ticket, by the code its holder got by mail: what it says, and what may be done with it."""

from groupement.shared_identity.v1.joint_event_pb2 import JointEvent
from groupement.shared_identity.v1.registration_pb2 import REGISTRATION_STATE_WAITING, RegistrationState, Ticket
from groupement.shared_identity.v1.registration_service_pb2 import GetTicketRequest
from starlette.responses import Response

from portal.forms import Form
from portal.pages.events.calendar import answer, calendar, told_to
from portal.pages.events.fields import Fields
from portal.pages.events.private import private
from portal.pages.events.seats import moments, published, seats_of, stage
from portal.visit import Visit

_KEPT_BY_NOBODY = "no-store, private"


async def show(visit: Visit) -> Response:
    """`GET /billet?code=`"""
    code = visit.query("code")
    ticket = await ticket_of(visit, code)
    return await ticket_page(visit, code, ticket, Form(), 200)


async def ics(visit: Visit) -> Response:
    """`GET /billet.ics?code=`: the event, for the holder's calendar."""
    ticket = await ticket_of(visit, visit.query("code"))
    event = await published(visit, ticket.event_slug)
    made = calendar([event], name=event.title, told=told_to(visit))
    return private(answer(made, event.slug, cache=_KEPT_BY_NOBODY))


async def ticket_of(visit: Visit, code: str) -> Ticket:
    """The ticket of a code; raises UNKNOWN_TICKET."""
    return (await visit.ask(visit.backends.identity.registrations.GetTicket, GetTicketRequest(code=code))).ticket


async def ticket_page(visit: Visit, code: str, ticket: Ticket, form: Form, status: int) -> Response:
    """The ticket as its holder sees it."""
    event = await published(visit, ticket.event_slug)
    response = await visit.page(
        "events/ticket.html",
        status=status,
        code=code,
        ticket=ticket,
        event=event,
        state=state_of(ticket),
        stage=stage(event, None, visit.now).value,
        sessions=_sessions(event, ticket),
        choices=bool(moments(event)),
        form=form,
    )
    return private(response)


def state_of(ticket: Ticket) -> str:
    """How far it has come, by its name in the contract: CONFIRMED, WAITING, OFFERED..."""
    return RegistrationState.Name(ticket.state).removeprefix("REGISTRATION_STATE_")


async def deed_page(visit: Visit, template: str, form: Form, status: int) -> Response:
    """A page about one thing to do with the ticket whose code stands in the form."""
    code = form.value("code")
    ticket = await ticket_of(visit, code)
    event = await published(visit, ticket.event_slug)
    seats = await seats_of(visit, event)
    waiting = ticket.state == REGISTRATION_STATE_WAITING
    return private(
        await visit.page(
            template,
            status=status,
            code=code,
            ticket=ticket,
            event=event,
            state=state_of(ticket),
            fields=Fields(event=event, seats=seats, form=form, wishing=waiting, held=frozenset(ticket.session_ids)),
            form=form,
        )
    )


def _sessions(event: JointEvent, ticket: Ticket) -> list[object]:
    """What the holder takes part in: what is for everybody, and what they chose."""
    return [session for session in event.sessions if not session.chosen or session.session_id in ticket.session_ids]
