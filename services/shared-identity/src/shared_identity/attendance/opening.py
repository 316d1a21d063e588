"""When a door is open: around the days of its event, in Paris. Before, nobody at it learns who comes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from servicekit.refusals import Conflict

from shared_identity.attendance.domain import Scan
from shared_identity.days import day_of, start_of
from shared_identity.joint_events.domain import JointEvent

LATE = timedelta(days=7)
"""How long after it closed a door hears of what a phone saw while it was open."""

_ONE = timedelta(days=1)


class DoorNotOpen(Conflict):
    """A door is open from the day before its event to the day after."""


def opens_at(event: JointEvent) -> datetime:
    """When a door opens: as the day before its event begins."""
    return start_of(day_of(event.starts_at) - _ONE)


def closes_at(event: JointEvent) -> datetime:
    """When a door closes: as the day after its event is over."""
    return start_of(day_of(event.ends_at) + _ONE + _ONE)


def check_open(event: JointEvent, now: datetime) -> None:
    """Raises DoorNotOpen when it is too early, or too late, to ask who comes."""
    if not _is_open(event, now):
        raise DoorNotOpen(field="event_id")


def check_heard(event: JointEvent, scans: Iterable[Scan], now: datetime) -> None:
    """Raises DoorNotOpen for scans that arrive while a door is closed.

    Those that a phone made while it was open are heard for some days more; nobody gets a seat without a ticket then.
    """
    if _is_open(event, now):
        return
    if not closes_at(event) <= now < closes_at(event) + LATE:
        raise DoorNotOpen(field="event_id")
    for scan in scans:
        if scan.walk_in is not None or not _is_open(event, scan.said_at):
            raise DoorNotOpen(field="scans", scan=scan.scan_id)


def _is_open(event: JointEvent, at: datetime) -> bool:
    return opens_at(event) <= at < closes_at(event)
