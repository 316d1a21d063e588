"""Recording what doors saw: in any order, as often as it is sent, each scan once."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.sql import Work

from shared_identity.attendance import storage
from shared_identity.attendance.domain import Kept, Outcome, Scan, ScanMalformed, WalkIn
from shared_identity.attendance.folding import Presence, Result, kept, result, turned_away
from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations import doors
from shared_identity.registrations.doors import Seat

BringIn = Callable[[Work, JointEvent, WalkIn, datetime], Awaitable[str | None]]
"""Gives somebody without a ticket a seat, and its registration; None when none is left."""


@dataclass(kw_only=True)
class Recording:
    """One batch of scans of one event, which is held: what it needs to know, and what became of each scan so far."""

    work: Work
    event: JointEvent
    bring_in: BringIn
    now: datetime
    known: dict[str, Kept] = field(default_factory=dict)
    by_ticket: Mapping[str, Seat] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    presence: Presence = field(default_factory=lambda: Presence(()))
    results: dict[str, Result] = field(default_factory=dict)
    fresh: list[tuple[Scan, Kept]] = field(default_factory=list)

    async def take(self, scans: Sequence[Scan]) -> Sequence[Result]:
        """What became of each scan, in the order they were brought; raises EventOver, ScanMalformed."""
        await self._look_up(scans)
        new = {scan.scan_id: scan for scan in reversed(scans) if scan.scan_id not in self.known}
        if new:
            self.event.check_open()
        for scan in sorted(new.values(), key=_walk_ins_first):
            await self._one(scan)
        await self._keep()
        self.results |= {scan_id: result(held, self.seats) for scan_id, held in self.known.items()}
        return [self.results[scan.scan_id] for scan in scans]

    async def _look_up(self, scans: Sequence[Scan]) -> None:
        """Reads everybody these scans speak of, and all that was seen of them."""
        event_id = self.event.event_id
        named = {name for scan in scans for name in (scan.scan_id, scan.undone_scan_id) if name}
        self.known = dict(await storage.known(self.work, event_id, named))
        self.by_ticket = await doors.by_ticket(self.work, event_id, _each(scan.ticket_hash for scan in scans))
        ids = {scan.registration_id for scan in scans} | {held.registration_id for held in self.known.values()}
        ids |= {seat.registration_id for seat in self.by_ticket.values()}
        self.seats = dict(await doors.by_id(self.work, event_id, _each(ids)))
        self.presence = Presence(await storage.of_registrations(self.work, event_id, sorted(self.seats)))

    async def _one(self, scan: Scan) -> None:
        if scan.walk_in is not None:
            await self._walk_in(scan, scan.walk_in)
        elif scan.undone_scan_id and scan.undone_scan_id not in self.known:
            self._note(scan, kept(scan, "", self.now))
        else:
            self._about(scan, self._seat(scan))

    async def _walk_in(self, scan: Scan, walk_in: WalkIn) -> None:
        """A seat, if one is left; what undoes it may have arrived before it."""
        registration_id = await self.bring_in(self.work, self.event, walk_in, self.now)
        if registration_id is None:
            self._note(scan, kept(scan, "", self.now, Outcome.FULL))
            return
        self.seats |= await doors.by_id(self.work, self.event.event_id, [registration_id])
        for undo in await storage.claim(self.work, self.event.event_id, scan.scan_id, registration_id):
            self.presence.take(undo)
        self._note(scan, self.presence.take(kept(scan, registration_id, self.now)))

    def _about(self, scan: Scan, seat: Seat | None) -> None:
        away = turned_away(scan, seat, self.event)
        if seat is not None and away is None:
            self._note(scan, self.presence.take(kept(scan, seat.registration_id, self.now)))
        elif away is not None:
            known = seat or None
            self.results[scan.scan_id] = Result(
                scan_id=scan.scan_id,
                outcome=away,
                registration_id="" if known is None else known.registration_id,
                given_name="" if known is None else known.given_name,
            )

    def _seat(self, scan: Scan) -> Seat | None:
        if scan.ticket_hash:
            return self.by_ticket.get(scan.ticket_hash)
        if scan.undone_scan_id:
            return self.seats.get(self.known[scan.undone_scan_id].registration_id)
        return self.seats.get(scan.registration_id)

    def _note(self, scan: Scan, held: Kept) -> None:
        self.fresh.append((scan, held))
        self.known[scan.scan_id] = held

    async def _keep(self) -> None:
        added = await storage.add(self.work, self.event.event_id, self.fresh, self.now)
        if missing := {scan.scan_id for scan, _ in self.fresh} - added:
            raise ScanMalformed(field="scans", scan=min(missing))


def _walk_ins_first(scan: Scan) -> tuple[bool, datetime, str]:
    return scan.walk_in is None, scan.said_at, scan.scan_id


def _each(names: Iterable[str]) -> Sequence[str]:
    return sorted({name for name in names if name})
