"""Writing to people: invitations on one's allocation, messages to one's own registrants."""

import re

from groupement.shared_identity.v1.registration_pb2 import (
    REGISTRATION_STATE_CONFIRMED,
    REGISTRATION_STATE_OFFERED,
    REGISTRATION_STATE_WAITING,
    RegistrationState,
)
from groupement.shared_identity.v1.registration_service_pb2 import (
    InviteRequest,
    ListInvitationsRequest,
    RevokeInvitationRequest,
    SendMessageRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import OWN, Desk, desk_of
from portal.pages.organising.overview import counted
from portal.pages.organising.seats import event_seats
from portal.visit import Visit

_BETWEEN = re.compile(r"[\s,;]+")
AUDIENCES: dict[str, tuple[str, tuple[RegistrationState.ValueType, ...]]] = {
    "places": (N_("Mes inscrits qui ont une place"), (REGISTRATION_STATE_CONFIRMED,)),
    "attente": (N_("Mes inscrits qui attendent une place"), (REGISTRATION_STATE_WAITING, REGISTRATION_STATE_OFFERED)),
    "tous": (
        N_("Tous mes inscrits, avec une place ou en attente"),
        (REGISTRATION_STATE_CONFIRMED, REGISTRATION_STATE_WAITING, REGISTRATION_STATE_OFFERED),
    ),
}


async def show_invitations(visit: Visit) -> Response:
    """`GET .../{event}/invitations?apres=`"""
    desk = await desk_of(visit, OWN)
    return await _invitations_page(desk, Form(values={"emails": "", "message": ""}), 200)


async def invite(visit: Visit) -> Response:
    """`POST .../{event}/invitations`: addresses as people paste them."""
    form = await visit.form()
    desk = await desk_of(visit, OWN)

    async def do() -> str:
        wish = InviteRequest(
            event_id=desk.event.event_id,
            emails=[each for each in _BETWEEN.split(form.value("emails")) if each],
            message=form.value("message"),
            request_id=form.request_id,
        )
        made = await desk.ask(desk.identity.registrations.Invite, wish)
        return visit.language.count(
            "%(num)s invitation est partie.", "%(num)s invitations sont parties.", len(made.invitations)
        )

    async def again(shown: Form, status: int) -> Response:
        return await _invitations_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to="/invitations")


async def revoke(visit: Visit) -> Response:
    """`POST .../{event}/invitations/{invitation}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, OWN)

    async def do() -> str:
        wish = RevokeInvitationRequest(
            event_id=desk.event.event_id, invitation_id=visit.path("invitation"), request_id=form.request_id
        )
        gone = await desk.ask(desk.identity.registrations.RevokeInvitation, wish)
        return visit.language.say("L'invitation de %(email)s ne vaut plus.", email=gone.invitation.email)

    async def again(shown: Form, status: int) -> Response:
        return await _invitations_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to="/invitations")


async def show_messages(visit: Visit) -> Response:
    """`GET .../{event}/messages`"""
    desk = await desk_of(visit, OWN)
    values = {"audience": "places", "session_id": "", "subject": "", "text": ""}
    return await _messages_page(desk, Form(values=values), 200)


async def send(visit: Visit) -> Response:
    """`POST .../{event}/messages`: shows it first, sends it once it was read."""
    form = await visit.form()
    desk = await desk_of(visit, OWN)
    if form.value("step") != "send":
        return await _messages_page(desk, form, 200, preview=bool(form.value("subject") and form.value("text")))

    async def do() -> str:
        wish = SendMessageRequest(
            event_id=desk.event.event_id,
            states=AUDIENCES.get(form.value("audience"), AUDIENCES["places"])[1],
            session_id=form.value("session_id"),
            subject=form.value("subject"),
            text=form.value("text"),
            request_id=form.request_id,
        )
        sent = await desk.ask(desk.identity.registrations.SendMessage, wish)
        return visit.language.count(
            "Le message part à %(num)s personne.", "Le message part à %(num)s personnes.", sent.recipients
        )

    async def again(shown: Form, status: int) -> Response:
        return await _messages_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to="/messages")


async def _invitations_page(desk: Desk, form: Form, status: int) -> Response:
    wish = ListInvitationsRequest(event_id=desk.event.event_id, page_size=50, page_token=desk.visit.query("apres"))
    page = await desk.ask(desk.identity.registrations.ListInvitations, wish)
    counts = await counted(desk)
    seats = event_seats(desk, counts.found.pools)
    allocation = next((pool for who, pool in seats.allocations if who.organiser_id == desk.organiser_id), None)
    return await desk.page(
        "invitations.html",
        tab="invitations",
        status=status,
        form=form,
        invitations=page.invitations,
        next_page=page.next_page_token,
        allocation=allocation,
    )


async def _messages_page(desk: Desk, form: Form, status: int, *, preview: bool = False) -> Response:
    counts = await counted(desk)
    own = {each.state: each.own for each in counts.found.states}
    audiences = [
        (name, desk.visit.language.say(text), sum(own.get(state, 0) for state in states))
        for name, (text, states) in AUDIENCES.items()
    ]
    return await desk.page(
        "messages.html",
        tab="messages",
        status=status,
        form=form,
        preview=preview,
        audiences=audiences,
        chosen_sessions=[each for each in desk.event.sessions if each.chosen],
        session_choices=[(each.session_id, each.title) for each in desk.event.sessions if each.chosen],
    )
