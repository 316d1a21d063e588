"""The waiting list of an event that is full: joining it, without an account."""

from groupement.shared_identity.v1.joint_event_pb2 import JointEvent
from groupement.shared_identity.v1.registration_service_pb2 import JoinWaitingListRequest, ResendTicketRequest
from starlette.responses import Response

from portal.forms import Form
from portal.pages.events.fields import NAMES, Fields, arrangement_version, attendee, checked, chosen, complete, names_of
from portal.pages.events.private import private
from portal.pages.events.seats import moments, published, seats_of
from portal.visit import Visit


async def show(visit: Visit) -> Response:
    """`GET /evenements/{slug}/liste-d-attente?invitation=`"""
    event = await published(visit)
    form = complete(event, Form(values={"invitation": visit.query("invitation")}))
    return await _form_page(visit, event, form, 200)


async def join(visit: Visit) -> Response:
    """`POST /evenements/{slug}/liste-d-attente`"""
    form = await visit.form()
    event = await published(visit)
    form = complete(event, form)
    shown = checked(event, form, visit.language, named=True)
    if shown.errors:
        return await _form_page(visit, event, shown, 422)

    async def act() -> Response:
        await _join(visit, event, form)
        response = visit.redirect(f"/evenements/{event.slug}/en-attente")
        visit.portal.cookies.keep_address(response, form.value("email"), visit.now)
        return response

    async def again(refused: Form, status: int) -> Response:
        return await _form_page(visit, event, refused, status)

    return await visit.submit(form, act, again, fields=names_of(event))


async def joined(visit: Visit) -> Response:
    """`GET /evenements/{slug}/en-attente`: what happens now."""
    address = visit.portal.cookies.address(visit.request, visit.now)
    return private(await visit.page("events/joined.html", event=await published(visit), address=address))


async def show_resend(visit: Visit) -> Response:
    """`GET /evenements/{slug}/retrouver`: for whoever has lost their ticket."""
    return await _resend_page(visit, await published(visit), Form(values={"email": ""}), 200)


async def resend(visit: Visit) -> Response:
    """`POST /evenements/{slug}/retrouver`: writes again; says the same whether the address has a ticket or none."""
    form = await visit.form()
    event = await published(visit)
    if not form.value("email"):
        missing = NAMES["email"]
        return await _resend_page(visit, event, form.wrong("email", visit.language.say(missing)), 422)

    async def act() -> Response:
        wish = ResendTicketRequest(event_id=event.event_id, email=form.value("email"), request_id=form.request_id)
        await visit.ask(visit.backends.identity.registrations.ResendTicket, wish)
        response = visit.redirect(f"/evenements/{event.slug}/retrouve")
        visit.portal.cookies.keep_address(response, form.value("email"), visit.now)
        return response

    async def again(refused: Form, status: int) -> Response:
        return await _resend_page(visit, event, refused, status)

    return await visit.submit(form, act, again)


async def resent(visit: Visit) -> Response:
    """`GET /evenements/{slug}/retrouve`"""
    address = visit.portal.cookies.address(visit.request, visit.now)
    return private(await visit.page("events/resent.html", event=await published(visit), address=address))


async def _join(visit: Visit, event: JointEvent, form: Form) -> None:
    wish = JoinWaitingListRequest(
        event_id=event.event_id,
        attendee=attendee(event, form, visit.language),
        session_ids=chosen(form, moments(event)),
        invitation_code=form.value("invitation"),
        arrangement_version=arrangement_version(event, form),
        request_id=form.request_id,
    )
    await visit.ask(visit.backends.identity.registrations.JoinWaitingList, wish)


async def _form_page(visit: Visit, event: JointEvent, form: Form, status: int) -> Response:
    seats = await seats_of(visit, event)
    fields = Fields(event=event, seats=seats, form=form, wishing=True)
    shown = await visit.page("events/wait.html", status=status, event=event, seats=seats, fields=fields, form=form)
    return private(shown) if form.value("invitation") else shown


async def _resend_page(visit: Visit, event: JointEvent, form: Form, status: int) -> Response:
    return await visit.page("events/resend.html", status=status, event=event, form=form)
