"""Where scans are kept: a log by door, added to and never changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work, insert_if_absent
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Row,
    Subquery,
    Table,
    Text,
    and_,
    func,
    select,
    true,
)

from shared_identity.attendance.domain import Kept, Outcome, Scan, ScanKind
from shared_identity.tables import METADATA

scan = Table(
    "scan",
    METADATA,
    Column("scan_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("session_id", Text, nullable=False),
    # What a door saw of somebody goes when they do.
    Column("registration_id", Text, ForeignKey("registration.registration_id", ondelete="CASCADE")),
    Column("kind", Text, nullable=False),
    Column("walk_in", Boolean, nullable=False),
    Column("undone_scan_id", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_scan_registration", "event_id", "registration_id", "session_id"),
    Index("ix_scan_of", "registration_id"),
    Index("ix_scan_undone", "undone_scan_id"),
)
"""What doors saw; `session_id` "" at the event's own door, no `registration_id` while nobody is known for it."""


async def known(work: Work, event_id: str, scan_ids: Collection[str]) -> Mapping[str, Kept]:
    """Those of these scans that were taken in before."""
    wanted = select(scan).where(scan.c.scan_id.in_(scan_ids), scan.c.event_id == event_id)
    return {row.scan_id: _kept(row) for row in await work.execute(wanted)}


async def of_registrations(work: Work, event_id: str, registration_ids: Collection[str]) -> Sequence[Kept]:
    """All that any door saw of these people."""
    wanted = select(scan).where(scan.c.event_id == event_id, scan.c.registration_id.in_(registration_ids))
    return [_kept(row) for row in await work.execute(wanted)]


async def undone(work: Work, event_id: str, scan_ids: Collection[str]) -> set[str]:
    """Those of these scans that something undoes already, though they arrive only now."""
    wanted = select(scan.c.undone_scan_id).where(scan.c.undone_scan_id.in_(scan_ids), scan.c.event_id == event_id)
    return set((await work.execute(wanted)).scalars())


async def add(work: Work, event_id: str, seen: Iterable[tuple[Scan, Kept]], now: datetime) -> set[str]:
    """Keeps scans; gives those that were not there yet, wherever."""
    rows = [
        {
            "scan_id": said.scan_id,
            "event_id": event_id,
            "session_id": said.session_id,
            "registration_id": kept.registration_id or None,
            "kind": said.kind.value,
            "walk_in": said.walk_in is not None,
            "undone_scan_id": said.undone_scan_id,
            "device_id": said.device_id,
            "at": kept.at,
            "said_at": said.said_at,
            "received_at": now,
            "outcome": kept.outcome.value,
        }
        for said, kept in sorted(seen, key=lambda each: each[0].scan_id)
    ]
    return {row.scan_id for row in await insert_if_absent(work, scan, rows)}


async def present(work: Work, event_id: str) -> Mapping[str, set[str]]:
    """The registrations that are in, by session; "" is the event's own door."""
    latest = _latest([event_id])
    found: dict[str, set[str]] = {}
    for row in await work.execute(select(latest.c.session_id, latest.c.registration_id).where(_is_in(latest))):
        found.setdefault(row.session_id, set()).add(row.registration_id)
    return found


async def present_at_events(work: Work, event_ids: Collection[str]) -> set[str]:
    """The registrations that are in at the own door of one of these events."""
    latest = _latest(event_ids)
    wanted = select(latest.c.registration_id).where(_is_in(latest), latest.c.session_id == "")
    return set((await work.execute(wanted)).scalars())


async def walked_in(work: Work, event_id: str) -> set[str]:
    """The registrations of those who came without a ticket."""
    wanted = select(scan.c.registration_id).where(
        scan.c.event_id == event_id, scan.c.walk_in.is_(true()), scan.c.registration_id.is_not(None)
    )
    return set((await work.execute(wanted)).scalars())


def _latest(event_ids: Collection[str]) -> Subquery:
    """Scans of events, each with its place among those of the same person at the same door, the last first."""
    by = (scan.c.event_id, scan.c.session_id, scan.c.registration_id)
    order = (scan.c.at.desc(), scan.c.said_at.desc(), scan.c.scan_id.desc())
    place = func.row_number().over(partition_by=by, order_by=order).label("place")
    about = (scan.c.event_id.in_(event_ids), scan.c.registration_id.is_not(None))
    return select(*by, scan.c.kind, place).where(*about).subquery()


def _is_in(latest: Subquery) -> ColumnElement[bool]:
    return and_(latest.c.place == 1, latest.c.kind == ScanKind.IN.value)


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        scan_id=row.scan_id,
        session_id=row.session_id,
        registration_id=row.registration_id or "",
        walk_in=row.walk_in,
        kind=ScanKind(row.kind),
        at=row.at,
        said_at=row.said_at,
        outcome=Outcome(row.outcome),
    )
