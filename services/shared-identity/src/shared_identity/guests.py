"""What installs who comes to a joint event, and what became of it: tables in its entry of `[[events]]`.

- `registrations`: people who registered alike, from a `day` on, named in `people` as "Name Surname <address>"; what
  they said (`profile`, `answers`, `session_ids`...), whose they are (`invited_by`, `member_of`: an organiser), whether
  they `left` on a day, whether they `came`. Who finds no seat for a whole wish waits, as ever.
- `invitations`: what an `organiser_id` sent on a `day` to `emails`, and nobody used yet.
- `held`: an event of the past was closed on a day (`closed`), its door let `walk_ins` in.
- `contributions`: what came out of its challenges, and how far the follow-up is (`state`).

Nobody is written to for what is loaded: see `registrations.installing`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from itertools import count
from typing import Any

from groupement.shared_identity.v1 import outcome_service_pb2
from groupement.shared_identity.v1 import registration_service_pb2 as pb
from servicekit.fields import day as read_day
from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.attendance.domain import Outcome, Scan, ScanKind, WalkIn
from shared_identity.attendance.recording import Recording
from shared_identity.days import day_of, start_of
from shared_identity.documents import Entry, EntryMalformed, day, entries, naming, read, table
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.outcomes import closing
from shared_identity.outcomes import usecases as outcomes
from shared_identity.outcomes import wire as outcomes_wire
from shared_identity.registrations import installing, wire
from shared_identity.registrations.domain import Registration
from shared_identity.registrations.installing import Arrival
from shared_identity.registrations.office import Office

PARTS = ("registrations", "invitations", "contributions", "held")
"""The tables of an event's entry that are read here."""

_ALIKE = {"people", "day", "left", "came", "profile", "locale", "organisation", "access_needs", "diet", "answers"}
_ALIKE |= {"session_ids", "invited_by", "member_of"}
_ATTENDEE = ("locale", "organisation", "access_needs", "diet", "answers")
_MORNING, _APART = timedelta(hours=9), timedelta(minutes=13)
_EARLY, _BEHIND = timedelta(minutes=20), timedelta(seconds=25)


async def load(work: Work, office: Office, event_id: str, parts: Entry, *, now: datetime) -> None:
    """Brings the guests of an event that was just installed; raises a Refusal naming what is wrong."""
    event = await joint_events.event(work, event_id)
    await _invitations(work, office, event, parts.get("invitations", []), now)
    came = await _registrations(work, office, event, parts.get("registrations", []), now)
    await installing.settle(work, office, event, now=now)
    await _contributions(work, event, parts.get("contributions", []))
    with naming("held"):
        held = _known(parts.get("held", {}), {"closed", "walk_ins"})
        await _let_in(work, office, event, came, _listed(held, "walk_ins"))
        if "closed" in held:
            await closing.settle(work, event, office=office, now=instant("closed", held, now))


def instant(field: str, entry: Entry, now: datetime) -> datetime:
    """The morning of a day that an entry says; raises DayMalformed."""
    return start_of(read_day(field, day(str(entry.get(field, "")), day_of(now)))) + _MORNING


async def _invitations(work: Work, office: Office, event: JointEvent, listed: object, now: datetime) -> None:
    for where, value in _each("invitations", listed):
        with naming(where):
            entry = _known(value, {"organiser_id", "day", "emails"})
            at, organiser_id = instant("day", entry, now), str(entry.get("organiser_id", ""))
            for email in _listed(entry, "emails"):
                await installing.invite(work, office, event, organiser_id, str(email), at=at)


async def _registrations(
    work: Work, office: Office, event: JointEvent, listed: object, now: datetime
) -> Sequence[Registration]:
    """Registers all; gives those who came in the end."""
    came: list[Registration] = []
    for where, value in _each("registrations", listed):
        with naming(where):
            entry = _known(value, _ALIKE)
            held = await _alike(work, office, event, entry, now)
            came += held if entry.get("came", False) else []
    return came


async def _alike(work: Work, office: Office, event: JointEvent, entry: Entry, now: datetime) -> Sequence[Registration]:
    """Registers people who registered alike, one after the other."""
    since = instant("day", entry, now)
    left_at = instant("left", entry, now) if "left" in entry else None
    held = []
    for place, named in enumerate(_listed(entry, "people")):
        with naming(f"people[{place}]"):
            arrival = Arrival(
                wish=wire.wish(_wish(entry, str(named))),
                at=since + place * _APART,
                invited_by=str(entry.get("invited_by", "")),
                member_of=str(entry.get("member_of", "")),
                left_at=left_at,
            )
            held.append(await installing.register(work, office, event, arrival))
    return held


def _wish(entry: Entry, named: str) -> pb.ConfirmRegistrationRequest:
    name, email = parseaddr(named)
    given, _, family = name.partition(" ")
    attendee = {key: entry[key] for key in _ATTENDEE if key in entry} | {"email": email}
    attendee |= {"given_name": given, "family_name": family}
    if "profile" in entry:
        attendee["profile"] = f"REGISTRANT_PROFILE_{entry['profile']}"
    return read(pb.ConfirmRegistrationRequest(), {"attendee": attendee, "session_ids": entry.get("session_ids", [])})


async def _let_in(
    work: Work, office: Office, event: JointEvent, came: Sequence[Registration], walk_ins: Sequence[object]
) -> None:
    """What the doors of the event saw: each who came, at the event's and at those of the sessions they chose."""
    scans = list(_scans(event, came, walk_ins))
    if not scans:
        return
    recording = Recording(work=work, event=event, office=office, now=event.ends_at)
    for result in await recording.take(scans):
        if result.outcome is not Outcome.IN:
            raise EntryMalformed("Nobody comes in without a seat.", field="came")


def _scans(event: JointEvent, came: Sequence[Registration], walk_ins: Sequence[object]) -> Iterator[Scan]:
    starts = {session.session_id: session.starts_at for session in event.sessions}
    device_id, place = new_id("device"), count()
    for held in came:
        for session_id in ("", *held.session_ids):
            at = starts.get(session_id, event.starts_at - _EARLY) + next(place) * _BEHIND
            yield _scan(device_id, at, session_id=session_id, registration_id=held.registration_id)
    for named in walk_ins:
        given, _, family = str(named).partition(" ")
        walk_in = WalkIn(given_name=given, family_name=family)
        yield _scan(device_id, event.starts_at + next(place) * _BEHIND, walk_in=walk_in)


def _scan(device_id: str, at: datetime, **of_whom: Any) -> Scan:
    return Scan(scan_id=new_id("scan"), device_id=device_id, kind=ScanKind.IN, said_at=at, **of_whom)


async def _contributions(work: Work, event: JointEvent, listed: object) -> None:
    for place, (where, value) in enumerate(_each("contributions", listed)):
        with naming(where):
            said = read(outcome_service_pb2.Contribution(), _prefixed(table(value)))
            words, state = outcomes_wire.words(said), outcomes_wire.state(said)
            await outcomes.keep(work, event, words, state, now=event.ends_at + place * _BEHIND)


def _prefixed(entry: Entry) -> Entry:
    kind, state = entry.get("kind", "UNSPECIFIED"), entry.get("state", "CAPTURED")
    return {**entry, "kind": f"CONTRIBUTION_KIND_{kind}", "state": f"CONTRIBUTION_STATE_{state}"}


def _each(name: str, listed: object) -> Sequence[tuple[str, object]]:
    """What stands in a list, each with the name of its place."""
    with naming(name):
        return [(f"{name}[{position}]", value) for position, value in enumerate(entries(listed))]


def _known(value: object, known: set[str]) -> dict[str, Any]:
    """What stands here, which must be a table of nothing but this; raises EntryMalformed."""
    entry = table(value)
    for stranger in sorted(entry.keys() - known):
        raise EntryMalformed("Nothing like this is said here.", field=stranger)
    return entry


def _listed(entry: Entry, name: str) -> Sequence[object]:
    with naming(name):
        return entries(entry.get(name, []))
