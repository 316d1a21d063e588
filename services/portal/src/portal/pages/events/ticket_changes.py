"""What the holder of a ticket may do: change workshop, hand it over, give it back, answer an offer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from groupement.shared_identity.v1.registration_pb2 import Attendee
from groupement.shared_identity.v1.registration_service_pb2 import (
    AcceptOfferRequest,
    CancelRegistrationRequest,
    ChangeSessionsRequest,
    DeclineOfferRequest,
    RejoinWaitingListRequest,
    TransferTicketRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.events.fields import NAMES, chosen, introduced
from portal.pages.events.private import private
from portal.pages.events.seats import moments, published
from portal.pages.events.tickets import deed_page, ticket_of, ticket_page
from portal.rendering import with_query
from portal.visit import Visit

_CHANGED = N_("C'est changé.")
_CANCELLED = N_("Votre place est rendue. Merci de l'avoir dit : elle servira à quelqu'un.")
_ACCEPTED = N_("La place est à vous. Votre billet est ci-dessous, et part aussi par e-mail.")
_DECLINED = N_("C'est noté : la place est proposée à la personne suivante.")
_REJOINED = N_("Vous êtes de nouveau sur la liste d'attente.")
_UNSEEN = {"code": ""}
"""What a refusal may name and the page does not show: said of the whole."""


async def show_change(visit: Visit) -> Response:
    """`GET /billet/changer?code=`"""
    ticket = await ticket_of(visit, visit.query("code"))
    event = await published(visit, ticket.event_slug)
    taken = {m.name: s.session_id for m in moments(event) for s in m.sessions if s.session_id in ticket.session_ids}
    form = _form(visit, *(moment.name for moment in moments(event)))
    return await deed_page(visit, "events/change.html", replace(form, values={**form.values, **taken}), 200)


async def change(visit: Visit) -> Response:
    """`POST /billet/changer`"""
    form = await visit.form()
    ticket = await ticket_of(visit, form.value("code"))
    choices = moments(await published(visit, ticket.event_slug))

    async def act() -> None:
        wish = ChangeSessionsRequest(
            code=form.value("code"), session_ids=chosen(form, choices), request_id=form.request_id
        )
        await visit.ask(visit.backends.identity.registrations.ChangeSessions, wish)

    fields = {"session_ids": choices[0].name} if choices else {}
    return await _do(visit, form, act, _page("events/change.html", visit), say=_CHANGED, fields=fields)


async def show_transfer(visit: Visit) -> Response:
    """`GET /billet/transmettre?code=`"""
    return await deed_page(visit, "events/transfer.html", _form(visit, *NAMES), 200)


async def transfer(visit: Visit) -> Response:
    """`POST /billet/transmettre`: the seat goes to somebody else; the old code opens nothing any more."""
    form = await visit.form()
    form = introduced(form, visit.language)
    if form.errors:
        return await deed_page(visit, "events/transfer.html", form, 422)

    async def act() -> Response:
        wish = TransferTicketRequest(
            code=form.value("code"),
            attendee=_successor(visit, form),
            request_id=form.request_id,
        )
        slug = (await visit.ask(visit.backends.identity.registrations.TransferTicket, wish)).event_slug
        response = visit.redirect(f"/evenements/{slug}/transmis")
        visit.portal.cookies.keep_address(response, form.value("email"), visit.now)
        return private(response)

    return await visit.submit(form, act, _page("events/transfer.html", visit), fields=_UNSEEN)


async def transferred(visit: Visit) -> Response:
    """`GET /evenements/{slug}/transmis`: to whom the ticket went."""
    address = visit.portal.cookies.address(visit.request, visit.now)
    return private(await visit.page("events/transferred.html", event=await published(visit), address=address))


async def show_cancel(visit: Visit) -> Response:
    """`GET /billet/annuler?code=`: asks once more."""
    return await deed_page(visit, "events/cancel.html", _form(visit), 200)


async def cancel(visit: Visit) -> Response:
    """`POST /billet/annuler`: gives the seat back, or leaves the list."""
    form = await visit.form()

    async def act() -> None:
        wish = CancelRegistrationRequest(code=form.value("code"), request_id=form.request_id)
        await visit.ask(visit.backends.identity.registrations.CancelRegistration, wish)

    return await _do(visit, form, act, _page("events/cancel.html", visit), say=_CANCELLED)


async def accept(visit: Visit) -> Response:
    """`POST /billet/accepter`: takes the seat offered."""
    form = await visit.form()

    async def act() -> None:
        wish = AcceptOfferRequest(code=form.value("code"), request_id=form.request_id)
        await visit.ask(visit.backends.identity.registrations.AcceptOffer, wish)

    return await _do(visit, form, act, _ticket(visit), say=_ACCEPTED)


async def show_decline(visit: Visit) -> Response:
    """`GET /billet/refuser?code=`: asks once more."""
    return await deed_page(visit, "events/decline.html", _form(visit), 200)


async def decline(visit: Visit) -> Response:
    """`POST /billet/refuser`: leaves the seat offered to the next."""
    form = await visit.form()

    async def act() -> None:
        wish = DeclineOfferRequest(code=form.value("code"), request_id=form.request_id)
        await visit.ask(visit.backends.identity.registrations.DeclineOffer, wish)

    return await _do(visit, form, act, _page("events/decline.html", visit), say=_DECLINED)


async def rejoin(visit: Visit) -> Response:
    """`POST /billet/rejoindre`: on the list again, at its end."""
    form = await visit.form()

    async def act() -> None:
        wish = RejoinWaitingListRequest(code=form.value("code"), request_id=form.request_id)
        await visit.ask(visit.backends.identity.registrations.RejoinWaitingList, wish)

    return await _do(visit, form, act, _ticket(visit), say=_REJOINED)


Shown = Callable[[Form, int], Awaitable[Response]]


async def _do(
    visit: Visit,
    form: Form,
    deed: Callable[[], Awaitable[None]],
    show: Shown,
    *,
    say: str,
    fields: dict[str, str] | None = None,
) -> Response:
    """Do it and go back to the ticket; or show the page again with what is wrong."""

    async def act() -> Response:
        await deed()
        there = with_query("/billet", code=form.value("code"))
        return private(visit.redirect(there, say=visit.language.say(say)))

    return await visit.submit(form, act, show, fields={**_UNSEEN, **(fields or {})})


def _successor(visit: Visit, form: Form) -> Attendee:
    return Attendee(
        given_name=form.value("given_name"),
        family_name=form.value("family_name"),
        email=form.value("email"),
        locale=visit.language.code,
    )


def _form(visit: Visit, *names: str) -> Form:
    return Form(values={**dict.fromkeys(names, ""), "code": visit.query("code")})


def _page(template: str, visit: Visit) -> Shown:
    async def show(form: Form, status: int) -> Response:
        return await deed_page(visit, template, form, status)

    return show


def _ticket(visit: Visit) -> Shown:
    async def show(form: Form, status: int) -> Response:
        code = form.value("code")
        return await ticket_page(visit, code, await ticket_of(visit, code), form, status)

    return show
