"""A member and events: registering in one go, their tickets."""

import asyncio
from dataclasses import dataclass

from groupement.shared_identity.v1.joint_event_pb2 import JointEvent
from groupement.shared_identity.v1.registration_pb2 import (
    REGISTRATION_STATE_ATTENDED,
    REGISTRATION_STATE_CONFIRMED,
    REGISTRATION_STATE_OFFERED,
    REGISTRATION_STATE_WAITING,
    Ticket,
)
from groupement.shared_identity.v1.registration_service_pb2 import ListMyTicketsRequest, RegisterMeRequest
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.events.fields import Fields, arrangement_version, attendee, checked, chosen, complete, names_of
from portal.pages.events.seats import Stage, moments, published, seats_of
from portal.parts import Part, part
from portal.rendering import with_query
from portal.visit import Visit

_MOST = 50
_PATIENCE = 3.0
_DONE = N_("Votre inscription est faite. Le billet est aussi parti par e-mail.")
_WAITING = N_("Vous êtes sur la liste d'attente. Dès qu'une place se libère, nous vous l'offrons par e-mail.")
_SIGNS: dict[int, str] = {
    REGISTRATION_STATE_CONFIRMED: "ok",
    REGISTRATION_STATE_OFFERED: "wait",
    REGISTRATION_STATE_WAITING: "wait",
    REGISTRATION_STATE_ATTENDED: "ok",
}
_LIVE = frozenset({REGISTRATION_STATE_CONFIRMED, REGISTRATION_STATE_OFFERED, REGISTRATION_STATE_WAITING})


@dataclass(frozen=True, kw_only=True)
class TicketLine:
    """A ticket and the event it is for."""

    ticket: Ticket
    event: JointEvent

    @property
    def offered(self) -> bool:
        """Whether a seat awaits an answer."""
        return self.ticket.state == REGISTRATION_STATE_OFFERED

    @property
    def sign(self) -> str:
        """The sign that goes with its state."""
        return _SIGNS.get(self.ticket.state, "")

    @property
    def address(self) -> str:
        """Where the ticket is; the event's page for one without a code."""
        code = self.ticket.code
        return with_query("/billet", code=code) if code else f"/evenements/{self.event.slug}"


async def show(visit: Visit) -> Response:
    """`GET /mes-billets?quand=`: the tickets of whoever has signed in."""
    visit.signed_in()
    past = visit.query("quand") == "tous"
    lines = await my_tickets(visit, upcoming_only=not past)
    return await visit.page("events/mine.html", lines=lines, past=past)


async def register(visit: Visit) -> Response:
    """`POST /evenements/{slug}/moi`: registers whoever has signed in, or puts them on the list if they said so."""
    form = await visit.form()
    visit.signed_in()
    event = await published(visit)
    form = complete(event, form)
    shown = checked(event, form, visit.language, named=False)
    if shown.errors:
        return await _again(visit, event, shown, 422)

    async def act() -> Response:
        ticket = await _register(visit, event, form)
        say = _DONE if ticket.state == REGISTRATION_STATE_CONFIRMED else _WAITING
        line = TicketLine(ticket=ticket, event=event)
        return visit.redirect(line.address, say=visit.language.say(say))

    async def again(refused: Form, status: int) -> Response:
        return await _again(visit, event, refused, status)

    return await visit.submit(form, act, again, fields=names_of(event))


async def my_tickets(visit: Visit, *, upcoming_only: bool) -> list[TicketLine]:
    """The visitor's tickets, the next event first; raises refusals."""
    wish = ListMyTicketsRequest(page_size=_MOST, upcoming_only=upcoming_only)
    stub = visit.backends.identity.registrations
    tickets = (await visit.ask(stub.ListMyTickets, wish, structure=_any(visit), timeout=_PATIENCE)).tickets
    slugs = list(dict.fromkeys(ticket.event_slug for ticket in tickets))
    events = dict(zip(slugs, await asyncio.gather(*(published(visit, slug) for slug in slugs)), strict=True))
    return [TicketLine(ticket=ticket, event=events[ticket.event_slug]) for ticket in tickets]


async def my_ticket(visit: Visit, event: JointEvent) -> Ticket | None:
    """The visitor's ticket at an event that still means something; None when nobody can tell."""
    wish = ListMyTicketsRequest(page_size=_MOST, upcoming_only=True)
    stub = visit.backends.identity.registrations
    told = await part(visit.ask(stub.ListMyTickets, wish, structure=_any(visit), timeout=_PATIENCE), empty=None)
    tickets = told.found.tickets if told.found else ()
    return next((t for t in tickets if t.event_id == event.event_id and t.state in _LIVE), None)


async def tickets_part(visit: Visit) -> Part[list[TicketLine]]:
    """The visitor's tickets to come, as a part of a page."""
    return await part(my_tickets(visit, upcoming_only=True), empty=[])


async def _register(visit: Visit, event: JointEvent, form: Form) -> Ticket:
    wish = RegisterMeRequest(
        event_id=event.event_id,
        session_ids=chosen(form, moments(event)),
        attendee=attendee(event, form, visit.language),
        or_wait=form.value("ou_attendre") == "oui",
        arrangement_version=arrangement_version(event, form),
        invitation_code=form.value("invitation"),
        request_id=form.request_id,
    )
    return (await visit.ask(visit.backends.identity.registrations.RegisterMe, wish, structure=_any(visit))).ticket


async def _again(visit: Visit, event: JointEvent, form: Form, status: int) -> Response:
    seats = await seats_of(visit, event)
    return await visit.page(
        "events/register_me.html",
        status=status,
        event=event,
        seats=seats,
        fields=Fields(event=event, seats=seats, form=form, wishing=seats.stage is Stage.FULL),
        form=form,
    )


def _any(visit: Visit) -> str:
    """A structure to speak to shared-identity for: events belong to none, any will do."""
    return visit.portal.settings.structures[0]
