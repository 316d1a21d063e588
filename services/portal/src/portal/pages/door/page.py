"""The door's page: whole without a script, by forms; with one it keeps working when the network drops."""

import hashlib
from datetime import timedelta

from groupement.shared_identity.v1.door_service_pb2 import (
    SCAN_KIND_IN,
    SCAN_KIND_UNDO,
    SCAN_OUTCOME_ALREADY_IN,
    SCAN_OUTCOME_IN,
    SCAN_OUTCOME_UNDONE,
    DoorEntry,
    FindAtDoorRequest,
    GetDoorCountsRequest,
    GetDoorEntryRequest,
    RecordScansRequest,
    Scan,
    ScanOutcome,
    ScanResult,
    WalkIn,
)
from groupement.shared_identity.v1.registration_pb2 import REGISTRANT_PROFILE_UNSPECIFIED, RegistrantProfile
from servicekit.timestamps import instant, timestamp
from starlette.responses import Response

from portal.csrf import origin_of
from portal.forms import Form
from portal.headers import door_headers, security_headers
from portal.pages.door import shell, speech
from portal.pages.door.hall import Hall, hall_of
from portal.pages.organising.moments import one_of
from portal.visit import Visit
from portal.words import word

KEPT = timedelta(days=2)
"""How long after the event a phone keeps its list."""

_FEWEST_LETTERS = 2
_WELL = (SCAN_OUTCOME_IN, SCAN_OUTCOME_ALREADY_IN, SCAN_OUTCOME_UNDONE)
_LEFT = "code="


async def show(visit: Visit) -> Response:
    """`GET /porte/{event}?pour=&q=&temps=&passage=&personne=&prenom=`; before the door opens, when it does."""
    hall = await hall_of(visit)
    return await _door_page(hall, Form(values={"q": visit.query("q"), "temps": visit.query("temps")}), 200)


async def show_person(visit: Visit) -> Response:
    """`GET /porte/{event}/personnes/{registration}`: what somebody asked of the welcome desk."""
    hall = await hall_of(visit)
    wish = GetDoorEntryRequest(event_id=hall.event.event_id, registration_id=visit.path("registration"))
    got = await hall.ask(hall.identity.doors.GetDoorEntry, wish)
    return await visit.page("door/person.html", hall=hall, entry=got.entry, theme_url=await shell.theme_url(visit))


async def check_in(visit: Visit) -> Response:
    """`POST /porte/{event}/entrees`: by code, by name found, without a ticket; or taking one of them back."""
    form = await visit.form()
    hall = await hall_of(visit)

    async def act() -> Response:
        wish = RecordScansRequest(event_id=hall.event.event_id, scans=[_scan(visit, form)])
        result = (await hall.ask(hall.identity.doors.RecordScans, wish)).results[0]
        return visit.redirect(_after(hall, form, result))

    async def again(shown: Form, status: int) -> Response:
        return await _door_page(hall, shown, status)

    return await visit.submit(form, act, again, fields={"given_name": "given_name"})


def _scan(visit: Visit, form: Form) -> Scan:
    """What the form says happened; sending it twice is one scan, since its id comes with the form."""
    scan = Scan(
        scan_id=f"scan_{form.request_id.partition('_')[2]}",
        device_id=f"device_{hashlib.sha256(visit.signed_in().person_id.encode()).hexdigest()[:32]}",
        kind=SCAN_KIND_UNDO if form.value("sens") == "annuler" else SCAN_KIND_IN,
        session_id=form.value("temps"),
        scan_time=timestamp(visit.now),
    )
    if form.value("passage"):
        scan.undone_scan_id = form.value("passage")
    elif form.value("registration_id"):
        scan.registration_id = form.value("registration_id")
    elif form.value("given_name"):
        scan.walk_in.CopyFrom(_walk_in(form))
    else:
        scan.ticket_hash = hashlib.sha256(ticket_code(form.value("q")).encode()).hexdigest()
    return scan


def ticket_code(typed: str) -> str:
    """The code of a ticket, out of its link too."""
    return "".join(typed.rpartition(_LEFT)[2].split())


def _walk_in(form: Form) -> WalkIn:
    return WalkIn(
        given_name=form.value("given_name"),
        family_name=form.value("family_name"),
        email=form.value("email"),
        profile=one_of(RegistrantProfile.values(), form.value("profile"), REGISTRANT_PROFILE_UNSPECIFIED),
    )


def _after(hall: Hall, form: Form, result: ScanResult) -> str:
    """The door again, with what became of the scan."""
    return hall.at(
        temps=form.value("temps"),
        issue=str(result.outcome),
        personne=result.registration_id,
        prenom=result.given_name,
        passage=result.scan_id if form.value("given_name") else "",
    )


async def _door_page(hall: Hall, form: Form, status: int) -> Response:
    visit = hall.visit
    counts = await hall.ask(hall.identity.doors.GetDoorCounts, GetDoorCountsRequest(event_id=hall.event.event_id))
    opens, closes = instant("open_time", counts.open_time), instant("close_time", counts.close_time)
    if visit.now < opens:
        theme_url = await shell.theme_url(visit)
        return await visit.page("door/early.html", status=status, hall=hall, opens=opens, theme_url=theme_url)
    is_over = visit.now >= closes
    session_id = form.value("temps")
    outcome = one_of(ScanOutcome.values(), visit.query("issue"), ScanOutcome.SCAN_OUTCOME_UNSPECIFIED)
    response = await visit.page(
        "door/door.html",
        status=status,
        hall=hall,
        event=hall.event,
        form=form,
        found=[] if is_over else await _found(hall, visit.query("q")),
        is_over=is_over,
        counts=counts.counts,
        session_id=session_id,
        here=next((s for s in counts.counts.sessions if s.session_id == session_id), counts.counts),
        outcome=outcome,
        went_well=outcome in _WELL,
        first_name=visit.query("prenom"),
        person=visit.query("personne"),
        passage=visit.query("passage"),
        profiles=[
            (value, visit.language.say(word("registrant_profile", value)))
            for value in RegistrantProfile.values()
            if value
        ],
        told=speech.told(hall, until=instant("end_time", hall.event.end_time) + KEPT),
        main=shell.address("door.js"),
        theme_url=await shell.theme_url(visit),
    )
    settings = visit.portal.settings
    usual = security_headers(issuer_origin=origin_of(settings.issuer), secure=settings.secure)
    response.headers.update(door_headers(usual))
    return response


async def _found(hall: Hall, query: str) -> list[DoorEntry]:
    if len(query) < _FEWEST_LETTERS:
        return []
    wish = FindAtDoorRequest(event_id=hall.event.event_id, query=query[:100])
    return list((await hall.ask(hall.identity.doors.FindAtDoor, wish)).entries)
