"""Taking scans in: each becomes something for somebody, and says what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared_identity.attendance.domain import Kept, Outcome, Scan, counts_at, is_in, outcome
from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations.domain import State
from shared_identity.registrations.doors import Seat


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one scan; "" for whatever is not known."""

    scan_id: str
    outcome: Outcome
    registration_id: str = ""
    given_name: str = ""


class Presence:
    """What the doors of an event saw of some people so far."""

    def __init__(self, seen: Iterable[Kept]) -> None:
        self._seen: defaultdict[tuple[str, str], list[Kept]] = defaultdict(list)
        for kept in seen:
            self._seen[kept.registration_id, kept.session_id].append(kept)

    def take(self, kept: Kept) -> Kept:
        """Takes a scan in; gives it with what became of it."""
        seen = self._seen[kept.registration_id, kept.session_id]
        before = is_in(seen)
        seen.append(kept)
        return replace(kept, outcome=outcome(kept.kind, was_in=before, now_in=is_in(seen)))


def turned_away(scan: Scan, seat: Seat | None, event: JointEvent) -> Outcome | None:
    """Why a scan counts for nothing; None when it counts."""
    if seat is None:
        return Outcome.UNKNOWN_TICKET
    if seat.state is not State.CONFIRMED:
        return Outcome.NO_SEAT
    if not scan.session_id:
        return None
    session = next((each for each in event.sessions if each.session_id == scan.session_id), None)
    is_theirs = session is not None and (not session.chosen or session.session_id in seat.session_ids)
    return None if is_theirs else Outcome.OTHER_SESSION


def kept(scan: Scan, registration_id: str, now: datetime, came: Outcome = Outcome.UNDONE) -> Kept:
    """A scan as it is kept, of somebody or, with `registration_id` "", of nobody known."""
    return Kept(
        scan_id=scan.scan_id,
        session_id=scan.session_id,
        registration_id=registration_id,
        walk_in=scan.walk_in is not None,
        kind=scan.kind,
        at=counts_at(scan.said_at, now),
        said_at=scan.said_at,
        outcome=came,
    )


def result(held: Kept, seats: Mapping[str, Seat]) -> Result:
    """What became of a scan that is kept."""
    seat = seats.get(held.registration_id)
    return Result(
        scan_id=held.scan_id,
        outcome=held.outcome,
        registration_id=held.registration_id,
        given_name="" if seat is None else seat.given_name,
    )


def refused(scan: Scan, why: Outcome, seat: Seat | None) -> Result:
    """What became of a scan that counts for nothing."""
    if seat is None:
        return Result(scan_id=scan.scan_id, outcome=why)
    return Result(scan_id=scan.scan_id, outcome=why, registration_id=seat.registration_id, given_name=seat.given_name)
