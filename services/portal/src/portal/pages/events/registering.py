"""Registering without an account: a seat is kept, a form filled in, a ticket leaves by mail."""

from dataclasses import replace

from groupement.shared_identity.v1.joint_event_pb2 import JointEvent
from groupement.shared_identity.v1.registration_pb2 import Hold
from groupement.shared_identity.v1.registration_service_pb2 import (
    ConfirmRegistrationRequest,
    GetHoldRequest,
    HoldSeatRequest,
    ReleaseHoldRequest,
)
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form, new_request_id
from portal.i18n import N_
from portal.pages.events.fields import Fields, arrangement_version, attendee, checked, chosen, complete, names_of
from portal.pages.events.poster import event_page
from portal.pages.events.private import digest_of, private
from portal.pages.events.seats import moments, published, seats_of
from portal.refusals import form_status
from portal.rendering import with_query
from portal.visit import Visit

_GONE, _FULL = "UNKNOWN_HOLD", "EVENT_FULL"
_JUST_TAKEN = N_("La dernière place vient d'être prise. Laissez-nous votre adresse : la prochaine vous sera proposée.")
_RELEASED = N_("La place que vous gardiez est rendue.")
_RESUMED = "reprise"
"""In a form that asks for a seat again, with all that was typed before the first one was lost."""


async def hold(visit: Visit) -> Response:
    """`POST /evenements/{slug}/inscription`: keeps a seat, then shows the form with what was typed before."""
    form = await visit.form()
    event = await published(visit)
    try:
        kept = await _hold(visit, event, form)
    except Refusal as refusal:
        return await _not_held(visit, event, form, refusal)
    if form.value(_RESUMED):
        typed = replace(form, request_id=new_request_id())
        return private(await _form_page(visit, event, kept, complete(event, typed), 200))
    return private(visit.redirect(with_query(f"/inscription/{kept.code}", evenement=event.slug)))


async def show(visit: Visit) -> Response:
    """`GET /inscription/{code}?evenement=`: the form, while the seat is kept."""
    try:
        kept = await _kept(visit)
    except Refusal as refusal:
        if refusal.reason != _GONE or not visit.query("evenement"):
            raise
        return await _expired(visit, await published(visit, visit.query("evenement")), Form())
    event = await published(visit, kept.event_slug)
    return private(await _form_page(visit, event, kept, complete(event, Form()), 200))


async def confirm(visit: Visit) -> Response:
    """`POST /inscription/{code}`: registers, and says where the ticket went."""
    form = await visit.form()
    event = await published(visit, form.value("evenement"))
    form = complete(event, form)
    shown = checked(event, form, visit.language, named=True)
    try:
        if shown.errors:
            return await _again(visit, event, shown, 422)
        await _confirm(visit, event, form)
    except Refusal as refusal:
        if refusal.reason == _GONE:
            return await _expired(visit, event, form)
        if not belongs_in_form(refusal):
            raise
        refused = form.refused(refusal, visit.language, names_of(event))
        return await _again(visit, event, refused, form_status(refusal))
    response = visit.redirect(f"/evenements/{event.slug}/inscrit")
    visit.portal.cookies.keep_address(response, form.value("email"), visit.now)
    return private(response)


async def release(visit: Visit) -> Response:
    """`POST /inscription/{code}/rendre`: gives the seat back before its time."""
    form = await visit.form()
    wish = ReleaseHoldRequest(code=visit.path("code"), request_id=form.request_id)
    slug = (await visit.ask(visit.backends.identity.registrations.ReleaseHold, wish)).event_slug
    return visit.redirect(f"/evenements/{slug}" if slug else "/evenements", say=visit.language.say(_RELEASED))


async def done(visit: Visit) -> Response:
    """`GET /evenements/{slug}/inscrit`: where the ticket went, and what comes next."""
    address = visit.portal.cookies.address(visit.request, visit.now)
    return private(await visit.page("events/done.html", event=await published(visit), address=address))


async def _hold(visit: Visit, event: JointEvent, form: Form) -> Hold:
    wish = HoldSeatRequest(
        event_id=event.event_id,
        visitor=digest_of(visit),
        invitation_code=form.value("invitation"),
        request_id=form.request_id,
    )
    return (await visit.ask(visit.backends.identity.registrations.HoldSeat, wish)).hold


async def _not_held(visit: Visit, event: JointEvent, form: Form, refusal: Refusal) -> Response:
    """To the waiting list when it is full; the event's page with a sentence otherwise."""
    if refusal.reason == _FULL:
        return visit.redirect(f"/evenements/{event.slug}/liste-d-attente", say=visit.language.say(_JUST_TAKEN))
    if not belongs_in_form(refusal):
        raise refusal
    refused = replace(form, request_id=new_request_id()).refused(refusal, visit.language)
    return await event_page(visit, event, await seats_of(visit, event), refused, form_status(refusal))


async def _kept(visit: Visit) -> Hold:
    wish = GetHoldRequest(code=visit.path("code"))
    return (await visit.ask(visit.backends.identity.registrations.GetHold, wish)).hold


async def _confirm(visit: Visit, event: JointEvent, form: Form) -> None:
    wish = ConfirmRegistrationRequest(
        code=visit.path("code"),
        attendee=attendee(event, form, visit.language),
        session_ids=chosen(form, moments(event)),
        arrangement_version=arrangement_version(event, form),
        request_id=form.request_id,
    )
    await visit.ask(visit.backends.identity.registrations.ConfirmRegistration, wish)


async def _again(visit: Visit, event: JointEvent, form: Form, status: int) -> Response:
    """The form with what is to put right; the seat is still kept. Raises UNKNOWN_HOLD."""
    return private(await _form_page(visit, event, await _kept(visit), form, status))


async def _form_page(visit: Visit, event: JointEvent, kept: Hold, form: Form, status: int) -> Response:
    seats = await seats_of(visit, event)
    return await visit.page(
        "events/register.html",
        status=status,
        event=event,
        hold=kept,
        fields=Fields(event=event, seats=seats, form=form),
        form=form,
    )


async def _expired(visit: Visit, event: JointEvent, form: Form) -> Response:
    """The seat is no longer kept: one click keeps another, and what was typed is not lost."""
    typed = replace(complete(event, form), request_id=new_request_id())
    seats = await seats_of(visit, event)
    return private(await visit.page("events/expired.html", status=410, event=event, seats=seats, form=typed))
