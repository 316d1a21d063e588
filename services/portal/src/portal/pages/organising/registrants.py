"""Who registered: one's own by name, the others as counts; in tabs by state, exported and printed."""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groupement.shared_identity.v1.joint_event_pb2 import Session
from groupement.shared_identity.v1.registration_pb2 import (
    REGISTRATION_STATE_ATTENDED,
    REGISTRATION_STATE_CANCELLED,
    REGISTRATION_STATE_CONFIRMED,
    REGISTRATION_STATE_LAPSED,
    REGISTRATION_STATE_NO_SHOW,
    REGISTRATION_STATE_OFFERED,
    REGISTRATION_STATE_WAITING,
    Registration,
    RegistrationState,
)
from groupement.shared_identity.v1.registration_service_pb2 import (
    CountRegistrationsResponse,
    ListRegistrationsRequest,
    ListRegistrationsResponse,
    WithdrawRegistrationRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import OWN, Desk, desk_of
from portal.pages.organising.overview import counted
from portal.visit import Visit
from portal.words import word

_PAGE, _MOST = 50, 200
_LONGEST_EXPORT = 20_000
_BOM = "\ufeff"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

States = tuple[RegistrationState.ValueType, ...]
TABS: Mapping[str, tuple[str, States]] = {
    "": (
        N_("Avec une place"),
        (REGISTRATION_STATE_CONFIRMED, REGISTRATION_STATE_ATTENDED, REGISTRATION_STATE_NO_SHOW),
    ),
    "attente": (N_("En attente"), (REGISTRATION_STATE_WAITING,)),
    "proposees": (N_("Place proposée"), (REGISTRATION_STATE_OFFERED,)),
    "presents": (N_("Venus"), (REGISTRATION_STATE_ATTENDED,)),
    "absents": (N_("Absents"), (REGISTRATION_STATE_NO_SHOW,)),
    "rendues": (N_("Places rendues"), (REGISTRATION_STATE_CANCELLED, REGISTRATION_STATE_LAPSED)),
}


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab: how many of one's own are in it, and how many in all."""

    value: str
    text: str
    own: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The event's parts by id, in words; `chosen` are the sessions one can filter by."""

    sessions: Mapping[str, str]
    chosen: Sequence[Session]
    questions: Mapping[str, str]


async def show(visit: Visit) -> Response:
    """`GET .../{event}/inscrits?etat=&temps=&q=&apres=`"""
    return await _registrants_page(await desk_of(visit, OWN), Form(), 200)


async def show_print(visit: Visit) -> Response:
    """`GET .../{event}/inscrits/liste`: everybody with a seat on paper, to sign in by hand."""
    desk = await desk_of(visit, OWN)
    found = await _all(desk, TABS[""][1], visit.query("temps"))
    return await desk.page("print.html", tab="inscrits", registrations=found, parts=_parts(desk))


async def export(visit: Visit) -> Response:
    """`GET .../{event}/inscrits.csv?etat=&temps=`: own registrants only, for spreadsheets in French (RFC 4180, `;`)."""
    desk = await desk_of(visit, OWN)
    states = TABS.get(visit.query("etat"), TABS[""])[1]
    sheet = _sheet(desk, await _all(desk, states, visit.query("temps")))
    whose = desk.own.structure or "".join(c for c in desk.own.name.casefold() if c.isascii() and c.isalnum())
    name = f"{desk.event.slug}-inscrits-de-{whose or 'organisateur'}-{visit.today()}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(sheet.encode(), media_type="text/csv; charset=utf-8", headers=headers)


async def withdraw(visit: Visit) -> Response:
    """`POST .../{event}/inscrits/{registration}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, OWN)

    async def do() -> str:
        wish = WithdrawRegistrationRequest(
            event_id=desk.event.event_id, registration_id=visit.path("registration"), request_id=form.request_id
        )
        gone = await desk.ask(desk.identity.registrations.WithdrawRegistration, wish)
        return visit.language.say(
            "La place de %(name)s est reprise ; un message le dit.", name=gone.registration.attendee.given_name
        )

    async def again(shown: Form, status: int) -> Response:
        return await _registrants_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to="/inscrits")


def tabs_of(desk: Desk, counts: CountRegistrationsResponse) -> list[Tab]:
    """The tabs with their counts; those that say nothing yet are left out until somebody is in them."""
    own = {each.state: each.own for each in counts.states}
    total = {each.state: each.total for each in counts.states}
    tabs = [
        Tab(
            value=value,
            text=desk.visit.language.say(text),
            own=sum(own.get(state, 0) for state in states),
            total=sum(total.get(state, 0) for state in states),
        )
        for value, (text, states) in TABS.items()
    ]
    return [tab for tab in tabs if tab.total or tab.value in ("", "attente")]


async def _registrants_page(desk: Desk, form: Form, status: int) -> Response:
    visit = desk.visit
    asked = visit.query("etat")
    tab = asked if asked in TABS else ""
    asked_for = (TABS[tab][1], visit.query("temps"), visit.query("q"), visit.query("apres"))
    counts, page = await asyncio.gather(counted(desk), _page(desk, *asked_for, _PAGE))
    tabs = tabs_of(desk, counts.found)
    return await desk.page(
        "registrants.html",
        tab="inscrits",
        status=status,
        form=form,
        registrations=page.registrations,
        next_page=page.next_page_token,
        state=tab,
        counts=counts,
        tabs=tabs,
        here=next((each for each in tabs if each.value == tab), Tab(value=tab, text="", own=0, total=0)),
        asked={"temps": visit.query("temps"), "q": visit.query("q")},
        search=Form(values={"temps": visit.query("temps"), "q": visit.query("q")}),
        parts=_parts(desk),
    )


def _parts(desk: Desk) -> Parts:
    return Parts(
        sessions={each.session_id: each.title for each in desk.event.sessions},
        chosen=[each for each in desk.event.sessions if each.chosen],
        questions={each.question_id: each.label for each in desk.event.questions},
    )


async def _page(
    desk: Desk, states: States, session_id: str, query: str, token: str, size: int
) -> ListRegistrationsResponse:
    wish = ListRegistrationsRequest(
        event_id=desk.event.event_id,
        states=states,
        session_id=session_id,
        query=query,
        page_size=size,
        page_token=token,
    )
    return await desk.ask(desk.identity.registrations.ListRegistrations, wish)


async def _all(desk: Desk, states: States, session_id: str) -> list[Registration]:
    """Every page of own registrants, up to what one sheet holds."""
    found: list[Registration] = []
    token = ""
    while len(found) < _LONGEST_EXPORT:
        page = await _page(desk, states, session_id, "", token, _MOST)
        found += page.registrations
        token = page.next_page_token
        if not token:
            break
    return found


def _sheet(desk: Desk, registrations: list[Registration]) -> str:
    """Whose data this is on the first line, then a head, then one line a registrant."""
    speech = desk.visit.language
    titles = {each.session_id: each.title for each in desk.event.sessions}
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    whose = speech.say("Inscrits de %(name)s à « %(event)s »", name=desk.own.name, event=desk.event.title)
    writer.writerow([plain_cell(whose), desk.visit.today().isoformat()])
    heads = (N_("Nom"), N_("Prénom"), N_("Adresse e-mail"), N_("Profil"), N_("Organisation"), N_("État"), N_("Temps"))
    writer.writerow([*(speech.say(head) for head in heads), *(plain_cell(q.label) for q in desk.event.questions)])
    for each in registrations:
        writer.writerow([plain_cell(cell) for cell in _line(desk, each, titles)])
    return _BOM + written.getvalue()


def _line(desk: Desk, registration: Registration, titles: Mapping[str, str]) -> list[str]:
    speech, attendee = desk.visit.language, registration.attendee
    answers = {answer.question_id: ", ".join(answer.values) for answer in attendee.answers}
    return [
        attendee.family_name,
        attendee.given_name,
        attendee.email,
        speech.say(word("registrant_profile", attendee.profile)),
        attendee.organisation,
        speech.say(word("registration_state", registration.state)),
        ", ".join(titles.get(each, "") for each in registration.session_ids),
        *(answers.get(question.question_id, "") for question in desk.event.questions),
    ]


def plain_cell(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
