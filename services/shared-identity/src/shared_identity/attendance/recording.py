"""Recording what doors saw: in any order, as often as it is sent, each scan once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.sql import Work

from shared_identity.attendance import storage
from shared_identity.attendance.domain import Kept, Outcome, Scan, ScanMalformed, WalkIn
from shared_identity.attendance.folding import Presence, Result, kept, refused, result, turned_away
from shared_identity.attendance.opening import check_heard
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import State
from shared_identity.registrations import doors
from shared_identity.registrations import usecases as registrations
from shared_identity.registrations.domain import Attendee, Profile
from shared_identity.registrations.doors import Seat
from shared_identity.registrations.office import Office


@dataclass(kw_only=True)
class Recording:
    """One batch of scans of one event, which is held: what it needs to know, and what became of each scan so far."""

    work: Work
    event: JointEvent
    office: Office
    now: datetime
    known: dict[str, Kept] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    by_ticket: Mapping[str, Seat] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    presence: Presence = field(default_factory=lambda: Presence(()))
    results: dict[str, Result] = field(default_factory=dict)
    fresh: list[tuple[Scan, Kept]] = field(default_factory=list)

    async def take(self, scans: Sequence[Scan]) -> Sequence[Result]:
        """What became of each scan, in the order they were brought; raises EventOver, DoorNotOpen, ScanMalformed."""
        await self._look_up(scans)
        new = {scan.scan_id: scan for scan in reversed(scans) if scan.scan_id not in self.known}
        if new:
            self.event.check_open()
            check_heard(self.event, new.values(), self.now)
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
        self.undone = await storage.undone(self.work, event_id, [scan.scan_id for scan in scans if scan.walk_in])
        self.undone |= {scan.undone_scan_id for scan in scans if scan.undone_scan_id}
        self.by_ticket = await doors.by_ticket(self.work, event_id, _each(scan.ticket_hash for scan in scans))
        ids = {scan.registration_id for scan in scans} | {held.registration_id for held in self.known.values()}
        ids |= {seat.registration_id for seat in self.by_ticket.values()}
        self.seats = dict(await doors.by_id(self.work, event_id, _each(ids)))
        self.presence = Presence(await storage.of_registrations(self.work, event_id, sorted(self.seats)))

    async def _one(self, scan: Scan) -> None:
        if scan.walk_in is not None:
            await self._walk_in(scan, scan.walk_in)
        elif scan.undone_scan_id:
            await self._undo(scan)
        else:
            self._about(scan, self.by_ticket.get(scan.ticket_hash) or self.seats.get(scan.registration_id))

    async def _walk_in(self, scan: Scan, walk_in: WalkIn) -> None:
        """A seat, if one is left, and if it was not undone already: what undoes it may arrive before it, or with it."""
        if scan.scan_id in self.undone:
            self._note(scan, kept(scan, "", self.now))
        elif brought_in := await self._seat_for(walk_in):
            self.seats |= await doors.by_id(self.work, self.event.event_id, [brought_in])
            self._note(scan, self.presence.take(kept(scan, brought_in, self.now)))
        else:
            self._note(scan, kept(scan, "", self.now, Outcome.FULL))

    async def _undo(self, scan: Scan) -> None:
        """Takes back what another scan did; a seat given at the door goes back for good, whatever else was seen."""
        target = self.known.get(scan.undone_scan_id)
        if target is None or not target.registration_id:
            self._note(scan, kept(scan, "", self.now))
            return
        self._about(scan, self.seats.get(target.registration_id))
        if target.walk_in:
            await registrations.leave_again(self.work, self.office, target.registration_id)

    async def _seat_for(self, walk_in: WalkIn) -> str | None:
        """The registration of somebody who came without a ticket; None when there is no seat for them."""
        if self.event.state is not State.PUBLISHED:
            return None
        attendee = Attendee(
            given_name=walk_in.given_name,
            family_name=walk_in.family_name,
            email=walk_in.email,
            profile=Profile(walk_in.profile),
        )
        made = await registrations.walk_in(self.work, self.office, self.event, attendee, now=self.now)
        return None if made is None else made.registration_id

    def _about(self, scan: Scan, seat: Seat | None) -> None:
        away = turned_away(scan, seat, self.event)
        if seat is not None and away is None:
            self._note(scan, self.presence.take(kept(scan, seat.registration_id, self.now)))
        elif away is not None:
            self.results[scan.scan_id] = refused(scan, away, seat)

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
