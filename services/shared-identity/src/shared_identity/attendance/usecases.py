"""What is done at the doors of a joint event: the list a door works from, scans, searches, the welcome desk."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.caller import Caller
from servicekit.fields import check_text, sort_name
from servicekit.identifiers import is_id
from servicekit.sql import Work

from shared_identity.attendance import storage
from shared_identity.attendance.domain import (
    FEWEST_LETTERS,
    MOST_FOUND,
    MOST_QUERY,
    DoorCounts,
    DoorEntry,
    QueryTooShort,
    Scan,
    SessionPresence,
    display_name,
)
from shared_identity.attendance.folding import Result
from shared_identity.attendance.opening import check_open
from shared_identity.attendance.recording import Recording
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access
from shared_identity.registrations import doors
from shared_identity.registrations.doors import Seat
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import UnknownRegistration


@dataclass(frozen=True, kw_only=True, slots=True)
class AtDoor:
    """What a door works from: the event, who has a seat, who is in, who without a ticket, how many that makes."""

    event: JointEvent
    seats: Sequence[Seat]
    present: Collection[str]
    walked_in: Collection[str]
    counts: DoorCounts


async def door_list(work: Work, caller: Caller, event_id: str, *, now: datetime) -> AtDoor:
    """What a door works from; raises UnknownEvent, NoAccessToEvent or DoorNotOpen."""
    event = await _open_door(work, caller, event_id, now)
    return await at_door(work, event)


async def record(
    work: Work, caller: Caller, event_id: str, scans: Sequence[Scan], *, office: Office, now: datetime
) -> tuple[Sequence[Result], DoorCounts]:
    """Takes in what a door saw; the event is held, so that two doors of it take turns.

    Raises UnknownEvent, NoAccessToEvent, ScanMalformed, and EventOver or DoorNotOpen when it is told something new at
    the wrong time.
    """
    event, _ = await joint_events.standing_held(work, caller, event_id, at_least=Access.DOOR)
    results = await Recording(work=work, event=event, office=office, now=now).take(scans)
    return results, (await at_door(work, event)).counts


async def find(work: Work, caller: Caller, event_id: str, query: str, *, now: datetime) -> Sequence[DoorEntry]:
    """Those of whose name a word begins like this, or whose address it is.

    Raises QueryTooShort, UnknownEvent, NoAccessToEvent or DoorNotOpen.
    """
    if len(sort_name(query).strip()) < FEWEST_LETTERS:
        raise QueryTooShort(field="query")
    check_text("query", query, most=MOST_QUERY)
    event = await _open_door(work, caller, event_id, now)
    found = await doors.named(work, event.event_id, query, limit=MOST_FOUND)
    present = (await storage.present(work, event.event_id)).get("", set())
    return [_entry(seat, is_in=seat.registration_id in present) for seat in found]


async def entry(work: Work, caller: Caller, event_id: str, registration_id: str, *, now: datetime) -> DoorEntry:
    """One person at the welcome desk, what they need included.

    Raises UnknownRegistration, UnknownEvent, NoAccessToEvent or DoorNotOpen.
    """
    event = await _open_door(work, caller, event_id, now)
    wanted = [registration_id] if is_id(registration_id, "registration") else []
    seat = (await doors.by_id(work, event.event_id, wanted)).get(registration_id)
    if seat is None or not seat.is_taken:
        raise UnknownRegistration(field="registration_id")
    present = (await storage.present(work, event.event_id)).get("", set())
    return _entry(seat, is_in=registration_id in present, access_needs=seat.access_needs, diet=seat.diet)


async def counts(work: Work, caller: Caller, event_id: str) -> AtDoor:
    """How many are expected and present, whenever it is asked; raises UnknownEvent or NoAccessToEvent."""
    event, _ = await joint_events.standing(work, caller, event_id, at_least=Access.DOOR)
    return await at_door(work, event)


async def present_at(work: Work, event_id: str, registration_ids: Collection[str]) -> set[str]:
    """Those of these registrations that are in, at the event's own door."""
    return (await storage.present(work, event_id)).get("", set()).intersection(registration_ids)


async def present_at_events(work: Work, event_ids: Collection[str]) -> set[str]:
    """The registrations that are in at the own door of one of these events."""
    return await storage.present_at_events(work, event_ids)


async def at_door(work: Work, event: JointEvent) -> AtDoor:
    """What the doors of an event know, for whoever may know it."""
    seats = await doors.seats(work, event.event_id)
    present = await storage.present(work, event.event_id)
    walked_in = await storage.walked_in(work, event.event_id)
    return AtDoor(
        event=event,
        seats=seats,
        present=present.get("", set()),
        walked_in=walked_in,
        counts=_tally(event, seats, present, walked_in),
    )


async def _open_door(work: Work, caller: Caller, event_id: str, now: datetime) -> JointEvent:
    """An event whose door somebody holds now."""
    event, _ = await joint_events.standing(work, caller, event_id, at_least=Access.DOOR)
    check_open(event, now)
    return event


def _tally(
    event: JointEvent, seats: Sequence[Seat], present: Mapping[str, set[str]], walked_in: set[str]
) -> DoorCounts:
    there = {seat.registration_id for seat in seats}
    came = present.get("", set()) & there
    return DoorCounts(
        expected=len(seats),
        present=len(came),
        walk_ins=len(came & walked_in),
        sessions=[
            SessionPresence(
                session_id=session.session_id,
                expected=sum(session.session_id in seat.session_ids for seat in seats),
                present=len(present.get(session.session_id, set()) & there),
            )
            for session in event.sessions
        ],
    )


def _entry(seat: Seat, *, is_in: bool, access_needs: str = "", diet: str = "") -> DoorEntry:
    return DoorEntry(
        registration_id=seat.registration_id,
        display_name=display_name(seat.given_name, seat.family_name),
        session_ids=seat.session_ids,
        present=is_in,
        has_needs=seat.has_needs,
        access_needs=access_needs,
        diet=diet,
    )
