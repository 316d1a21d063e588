"""Presence at a joint event: what its doors saw, folded so that the order in which it arrives does not matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from servicekit.refusals import Invalid

MOST_SCANS = 500
FEWEST_LETTERS = 2
MOST_FOUND = 20
MOST_QUERY = 100
_AHEAD = timedelta(minutes=5)


class ScanMalformed(Invalid):
    """A scan does not have the form it must have."""


class TooManyScans(Invalid):
    """Five hundred scans are taken in at once, no more."""


class DeviceMalformed(Invalid):
    """A device names itself device_ and 32 hexadecimal digits."""


class QueryTooShort(Invalid):
    """A search begins with two letters at least."""


class ScanKind(StrEnum):
    """What a door saw."""

    IN = "IN"
    UNDO = "UNDO"


class Outcome(StrEnum):
    """What became of a scan."""

    IN = "IN"
    ALREADY_IN = "ALREADY_IN"
    UNDONE = "UNDONE"
    UNKNOWN_TICKET = "UNKNOWN_TICKET"
    NO_SEAT = "NO_SEAT"
    OTHER_SESSION = "OTHER_SESSION"
    FULL = "FULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkIn:
    """Somebody who came without a ticket, as they said at the door; `profile` is who they say they are."""

    given_name: str
    family_name: str = ""
    email: str = ""
    profile: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scan:
    """One thing that one device saw, at its event's door, or at a session's.

    Of whom: by the digest of a ticket's code, by a registration, by a scan that is undone, or without a ticket.
    """

    scan_id: str
    device_id: str
    kind: ScanKind
    session_id: str = ""
    ticket_hash: str = ""
    registration_id: str = ""
    walk_in: WalkIn | None = None
    undone_scan_id: str = ""
    said_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A scan as it is kept; `at` is when it counts, "" the registration of whoever it brought nobody in.

    `said_at` is the device's time, and decides between scans that count at one instant; `walk_in` says that it brought
    in somebody without a ticket.
    """

    scan_id: str
    session_id: str = ""
    registration_id: str = ""
    walk_in: bool = False
    kind: ScanKind
    at: datetime
    said_at: datetime
    outcome: Outcome

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """Where it stands among the scans of one person at one door."""
        return self.at, self.said_at, self.scan_id


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorEntry:
    """One person as a door sees them; needs only where they may be read."""

    registration_id: str
    display_name: str
    session_ids: Sequence[str] = ()
    present: bool = False
    has_needs: bool = False
    access_needs: str = ""
    diet: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionPresence:
    """How many chose a session, and how many are there."""

    session_id: str
    expected: int
    present: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorCounts:
    """How many have a seat, how many are in, how many of them came without a ticket."""

    expected: int
    present: int
    walk_ins: int
    sessions: Sequence[SessionPresence] = ()


def counts_at(said_at: datetime, now: datetime) -> datetime:
    """When a scan counts: at the device's time, but for a clock that runs ahead, when it arrived."""
    return said_at if said_at <= now + _AHEAD else now


def is_in(seen: Iterable[Kept]) -> bool:
    """Whether somebody is in, by all that one door saw of them: the last scan holds, whenever it arrived."""
    last = max(seen, key=lambda kept: kept.order, default=None)
    return last is not None and last.kind is ScanKind.IN


def outcome(kind: ScanKind, *, was_in: bool, now_in: bool) -> Outcome:
    """What became of a scan: `was_in` without it, `now_in` with it. A later scan, arrived sooner, may outweigh it."""
    if not now_in:
        return Outcome.UNDONE
    return Outcome.ALREADY_IN if was_in or kind is ScanKind.UNDO else Outcome.IN


def display_name(given_name: str, family_name: str) -> str:
    """First name and initial: "Camille F."."""
    return f"{given_name} {family_name[0].upper()}." if family_name else given_name
