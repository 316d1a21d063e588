"""What installs joint events: `[[events]]` of a TOML document, whole, with their seats, published or not.

An event's parts are tables in it: `organisers`, `challenges`, `sessions`, `questions`, `delegates`, `arrangement`. Its
`day` is a day as the alliance's loader writes them, times are "18:00" of that day in Paris, after midnight when they
are before the event's own. It is `published` now (true), or on a day. Who comes to it is read by `guests`. An event
that is there already is left as it is: loading the same document again changes nothing.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from groupement.shared_identity.v1 import joint_event_pb2 as pb
from groupement.shared_identity.v1 import joint_event_service_pb2 as service_pb
from servicekit.fields import day as read_day
from servicekit.identifiers import is_id
from servicekit.sql import Work
from servicekit.timestamps import timestamp

from shared_identity import guests
from shared_identity.days import PARIS, day_of, start_of
from shared_identity.documents import Entry, EntryMalformed, day, entries, naming, read, table
from shared_identity.joint_events import installing, wishes
from shared_identity.joint_events.installing import Plan
from shared_identity.joint_events.parts import Delegate
from shared_identity.registrations.office import Office
from shared_identity.seats import usecases as seats

_P = TypeVar("_P")
_ENUMS = {
    "role": "ORGANISER_ROLE_",
    "access": "ORGANISER_ACCESS_",
    "format": "SESSION_FORMAT_",
    "kind": "QUESTION_KIND_",
}
_SEATING = ("seats", "release", "open_to_members")


async def load(work: Work, office: Office, document: Entry, *, now: datetime) -> bool:
    """Loads a document; False when all of it was there already. Raises a Refusal naming the entry at fault."""
    with naming("events"):
        listed = entries(document.get("events", []))
    changed = False
    for position, entry in enumerate(listed):
        with naming(f"events[{position}]"):
            changed |= await _event(work, office, table(entry), now)
    return changed


async def _event(work: Work, office: Office, entry: dict[str, Any], now: datetime) -> bool:
    event_id = _id(entry.pop("event_id", ""), "event")
    if await installing.installed(work, event_id):
        return False
    published, size, wanted = _published(entry, now), entry.pop("seats", 0), _seating(entry)
    coming = {name: entry.pop(name) for name in guests.PARTS if name in entry}
    plan = _plan(event_id, entry, now)
    await installing.install(work, plan, now=now)
    await _seat(work, event_id, size, wanted, day_of(now))
    if published is not None:
        await installing.publish(work, event_id, now=published)
    if coming:
        await guests.load(work, office, event_id, coming, now=now)
    return True


def _published(entry: dict[str, Any], now: datetime) -> datetime | None:
    """When an event was published: now, or on the day that is said; None when it was not."""
    said = entry.pop("published", False)
    if isinstance(said, str):
        return guests.instant("published", {"published": said}, now)
    return now if said else None


def _plan(event_id: str, entry: dict[str, Any], now: datetime) -> Plan:
    times = _Times(read_day("day", day(str(entry.pop("day", "")), day_of(now))), str(entry.get("start", "")))
    arrangement = entry.pop("arrangement", None)
    parts = {name: entry.pop(name, []) for name in ("organisers", "challenges", "sessions", "questions", "delegates")}
    return Plan(
        event_id=event_id,
        details=wishes.details(read(service_pb.CreateEventRequest(), times.placed(entry))),
        organisers=_several(parts, "organisers", lambda one: wishes.organiser(read(pb.Organiser(), one))),
        challenges=_several(parts, "challenges", lambda one: wishes.challenge(read(pb.Challenge(), one))),
        sessions=_several(parts, "sessions", lambda one: wishes.session(read(pb.Session(), times.placed(one)))),
        questions=_several(parts, "questions", lambda one: wishes.question(read(pb.Question(), one))),
        delegates=_several(parts, "delegates", lambda one: _delegate(event_id, one)),
        arrangement=None
        if arrangement is None
        else wishes.arrangement(read(pb.Arrangement(), _bare(table(arrangement), "approved")), now),
        approved=arrangement is not None and bool(table(arrangement).get("approved", False)),
    )


class _Times:
    """The times of one event, as its document writes them."""

    def __init__(self, on: date, start: str) -> None:
        self._on = on
        self._start = self._clock("start", start)

    def placed(self, entry: Entry) -> dict[str, Any]:
        """An entry with its `start` and `end` as the contract writes them."""
        rest = {name: value for name, value in entry.items() if name not in ("start", "end")}
        for name in ("start", "end"):
            rest[f"{name}_time"] = timestamp(self._instant(name, str(entry.get(name, "")))).ToJsonString()
        return rest

    def _instant(self, field: str, text: str) -> datetime:
        at = self._clock(field, text)
        on = self._on if at >= self._start else self._on + timedelta(days=1)
        return datetime.combine(on, at, PARIS).astimezone(UTC)

    @staticmethod
    def _clock(field: str, text: str) -> time:
        try:
            return time.fromisoformat(text)
        except ValueError as error:
            raise EntryMalformed("A time is written like 18:00.", field=field) from error


def _several(parts: Entry, name: str, make: Callable[[dict[str, Any]], _P]) -> tuple[_P, ...]:
    with naming(name):
        listed = entries(parts[name])
    made = []
    for position, entry in enumerate(listed):
        with naming(f"{name}[{position}]"):
            noun = name.removesuffix("s")
            bare = _bare(table(entry), *_SEATING)
            _id(bare.get(f"{noun}_id", ""), noun)
            made.append(make(_prefixed(bare)))
    return tuple(made)


def _delegate(event_id: str, entry: dict[str, Any]) -> Delegate:
    delegate_id = str(entry.pop("delegate_id"))
    return wishes.delegate(read(service_pb.InviteDelegateRequest(event_id=event_id), entry), delegate_id)


def _prefixed(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: f"{_ENUMS[name]}{value}" if name in _ENUMS else value for name, value in entry.items()}


def _bare(entry: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in without}


def _seating(entry: Entry) -> Sequence[tuple[str, dict[str, Any]]]:
    """Which organisers and sessions have seats of their own, as they are written."""
    with naming("seats"):
        found = [table(each) for name in ("organisers", "sessions") for each in entries(entry.get(name, []))]
    return [(str(each.get("organiser_id") or each.get("session_id")), each) for each in found if "seats" in each]


async def _seat(
    work: Work, event_id: str, size: object, wanted: Sequence[tuple[str, dict[str, Any]]], today: date
) -> None:
    """Sets the seats of an event, then those set apart for organisers, and those of sessions."""
    if size:
        await seats.set_size(work, event_id, _number(size))
    for whose, entry in wanted:
        if is_id(whose, "session"):
            await seats.set_session_size(work, event_id, whose, _number(entry["seats"]))
            continue
        release = str(entry.get("release", ""))
        await seats.allocate(
            work,
            event_id,
            whose,
            _number(entry["seats"]),
            release_at=start_of(read_day("release", day(release, today))) if release else None,
            open_to_members=bool(entry.get("open_to_members", False)),
        )


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise EntryMalformed("A number is written here.", field="seats")
    return value


def _id(value: object, noun: str) -> str:
    if not is_id(str(value), noun):
        raise EntryMalformed(f"It is named by an identifier: {noun}_ and 32 hexadecimal digits.", field=f"{noun}_id")
    return str(value)
