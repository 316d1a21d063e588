"""An event at a glance: what is missing before publishing, how it fills up; publishing, cancelling, closing it."""

from collections.abc import Sequence
from dataclasses import dataclass

from groupement.shared_identity.v1.joint_event_service_pb2 import CancelEventRequest, PublishEventRequest
from groupement.shared_identity.v1.outcome_service_pb2 import CloseEventRequest
from groupement.shared_identity.v1.registration_service_pb2 import (
    CountRegistrationsRequest,
    CountRegistrationsResponse,
)
from servicekit.refusals import Invalid
from servicekit.timestamps import instant
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import MANAGE, OWN, Desk, desk_of
from portal.pages.organising.seats import EventSeats, event_seats
from portal.parts import Part, part
from portal.visit import Visit

_NO_COUNTS = CountRegistrationsResponse()


class NotThatWord(Invalid):
    """What was typed to confirm is not the event's word."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do before publishing: whether it is done, whether publishing waits for it, where to do it."""

    done: bool
    needed: bool
    text: str
    to: str
    note: str = ""


async def show(visit: Visit) -> Response:
    """`GET .../{event}`"""
    return await _overview_page(await desk_of(visit), Form(), 200)


async def publish(visit: Visit) -> Response:
    """`POST .../{event}/publier`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        wish = PublishEventRequest(event_id=desk.event.event_id, etag=form.value("etag"), request_id=form.request_id)
        await desk.ask(desk.identity.joint_events.PublishEvent, wish)
        return visit.language.say("L'événement est publié : sa page est ouverte et les inscriptions aussi.")

    async def again(shown: Form, status: int) -> Response:
        return await _overview_page(desk, shown, status)

    return await desk.carry_out(form, do, again)


async def show_cancel(visit: Visit) -> Response:
    """`GET .../{event}/annuler`"""
    desk = await desk_of(visit, MANAGE)
    return await _cancel_page(desk, Form(values={"word": "", "explanation": ""}), 200)


async def cancel(visit: Visit) -> Response:
    """`POST .../{event}/annuler`: the event's word, typed, says that it is meant."""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        if form.value("word").casefold() != desk.event.slug:
            raise NotThatWord(field="word")
        wish = CancelEventRequest(
            event_id=desk.event.event_id,
            etag=desk.event.etag,
            explanation=form.value("explanation"),
            request_id=form.request_id,
        )
        await desk.ask(desk.identity.joint_events.CancelEvent, wish)
        return visit.language.say("L'événement est annulé. Toutes les personnes inscrites reçoivent un message.")

    async def again(shown: Form, status: int) -> Response:
        return await _cancel_page(desk, shown, status)

    return await desk.carry_out(form, do, again)


async def close(visit: Visit) -> Response:
    """`POST .../{event}/cloturer`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        wish = CloseEventRequest(event_id=desk.event.event_id, request_id=form.request_id)
        await desk.ask(desk.identity.outcomes.CloseEvent, wish)
        return visit.language.say("L'événement est clos : les présences sont définitives.")

    async def again(shown: Form, status: int) -> Response:
        return await _overview_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to="/bilan")


async def counted(desk: Desk) -> Part[CountRegistrationsResponse]:
    """How many registrants there are, own and all; nothing for who may only hold the door."""
    if not desk.may_see_own:
        return Part(found=_NO_COUNTS)
    wish = CountRegistrationsRequest(event_id=desk.event.event_id)
    return await part(desk.ask(desk.identity.registrations.CountRegistrations, wish), empty=_NO_COUNTS)


async def _overview_page(desk: Desk, form: Form, status: int) -> Response:
    counts = await counted(desk)
    seats = event_seats(desk, counts.found.pools)
    states = {each.state: each for each in counts.found.states}
    return await desk.page(
        "overview.html",
        tab="",
        status=status,
        form=form,
        counts=counts,
        states=states,
        seats=seats,
        steps=_steps(desk, seats) if desk.draft and desk.manages else (),
        ended=instant("end_time", desk.event.end_time) <= desk.visit.now,
    )


async def _cancel_page(desk: Desk, form: Form, status: int) -> Response:
    return await desk.page("cancel.html", tab="", status=status, form=form)


def _steps(desk: Desk, seats: EventSeats) -> Sequence[Step]:
    """What publishing waits for first, then what makes a better page."""
    event, say = desk.event, desk.visit.language.say
    waiting = [
        each.name
        for each in event.organisers
        if each.access >= OWN and each.approved_arrangement != event.arrangement.version
    ]
    proposed = event.arrangement.version > 0
    note = say("Attendu : %(names)s", names=", ".join(waiting)) if proposed and waiting else ""
    return (
        Step(
            done=seats.size > 0 and all(pool.size for _, pool in seats.sessions),
            needed=True,
            text=say(N_("Fixer le nombre de places, et celles de chaque atelier au choix")),
            to="/places",
        ),
        Step(done=proposed, needed=True, text=say(N_("Proposer l'arrangement entre organisateurs")), to="/arrangement"),
        Step(
            done=proposed and not waiting,
            needed=True,
            text=say(N_("Faire approuver l'arrangement par chaque organisateur")),
            to="/arrangement",
            note=note,
        ),
        Step(done=bool(event.sessions), needed=False, text=say(N_("Écrire le programme")), to="/programme"),
        Step(done=bool(event.description), needed=False, text=say(N_("Présenter l'événement")), to="/modifier"),
        Step(
            done=bool(event.venue.accessibility),
            needed=False,
            text=say(N_("Dire ce qui est accessible dans le lieu")),
            to="/modifier",
        ),
        Step(
            done=len(event.organisers) > 1,
            needed=False,
            text=say(N_("Ajouter les autres organisateurs")),
            to="/organisateurs",
        ),
    )
