"""A door of the evening for tests: devices with their scans, and what people at the desk ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from evening import EVENT, STARTS, Hall
from gathering import calling
from reciprocity import NORTH, SOUTH, WEST, somebody
from servicekit.caller import Caller
from shared_identity.attendance import usecases
from shared_identity.attendance.domain import DoorCounts, DoorEntry, Scan, ScanKind, WalkIn
from shared_identity.attendance.folding import Result
from shared_identity.codes import digest
from shared_identity.joint_events import usecases as joint_events
from shared_identity.people import usecases as people
from shared_identity.registrations.domain import Registration

DOORKEEPER = calling("person_" + "d" * 32, NORTH, "COMMUNITY_MANAGER")
"""Whoever holds the door for the north."""

SOUTHERN_DIRECTOR = calling("person_" + "e" * 32, SOUTH, "DIRECTOR")
"""Who directs the south, which organises with the north."""

OUTSIDER = calling("person_" + "f" * 32, WEST, "DIRECTOR")
"""Who directs the west, which has no part in the evening."""

_numbers = count(1)


@dataclass(kw_only=True)
class Device:
    """A phone at the door; its clock is its own."""

    hall: Hall
    caller: Caller = DOORKEEPER
    clock: datetime = STARTS
    device_id: str = field(default_factory=lambda: f"device_{next(_numbers):032x}")

    def sees(self, held: Registration, kind: ScanKind = ScanKind.IN, session_id: str = "") -> Scan:
        """A ticket scanned, a second later."""
        return self._scan(kind, session_id=session_id, ticket_hash=digest(self.hall.code(held)))

    def finds(self, held: Registration, kind: ScanKind = ScanKind.IN) -> Scan:
        """Somebody found by name."""
        return self._scan(kind, registration_id=held.registration_id)

    def meets(self, given_name: str = "Passante", email: str = "") -> Scan:
        """Somebody who comes without a ticket."""
        return self._scan(ScanKind.IN, walk_in=WalkIn(given_name=given_name, family_name="Imprévue", email=email))

    def undoes(self, scan: Scan) -> Scan:
        """It was a mistake."""
        return self._scan(ScanKind.UNDO, undone_scan_id=scan.scan_id)

    async def sends(self, *scans: Scan) -> tuple[Sequence[Result], DoorCounts]:
        """What became of each scan, and what is counted then."""
        async with self.hall.database.work() as work:
            return await usecases.record(work, self.caller, EVENT, scans, office=self.hall.office, now=self.hall.now)

    async def outcomes(self, *scans: Scan) -> list[str]:
        """What became of each scan."""
        results, _ = await self.sends(*scans)
        return [result.outcome.value for result in results]

    async def counts(self) -> DoorCounts:
        """What is counted."""
        async with self.hall.database.reading() as work:
            return (await usecases.counts(work, self.caller, EVENT)).counts

    async def lists(self) -> Sequence[str]:
        """The registrations on the list that this phone works from."""
        async with self.hall.database.reading() as work:
            held = await usecases.door_list(work, self.caller, EVENT, now=self.hall.now)
        return [seat.registration_id for seat in held.seats]

    async def finds_by(self, query: str) -> Sequence[DoorEntry]:
        """Those of whose name a word begins like this, or whose address it is."""
        async with self.hall.database.reading() as work:
            return await usecases.find(work, self.caller, EVENT, query, now=self.hall.now)

    async def welcomes(self, held: Registration) -> DoorEntry:
        """Somebody at the welcome desk."""
        async with self.hall.database.reading() as work:
            return await usecases.entry(work, self.caller, EVENT, held.registration_id, now=self.hall.now)

    def _scan(self, kind: ScanKind, **of: object) -> Scan:
        self.clock += timedelta(seconds=1)
        return Scan(
            scan_id=f"scan_{next(_numbers):032x}",
            device_id=self.device_id,
            kind=kind,
            said_at=self.clock,
            **of,  # type: ignore[arg-type]
        )


async def doorkeepers(hall: Hall) -> None:
    """Lets those who hold doors be known."""
    async with hall.database.work() as work:
        for caller in (DOORKEEPER, SOUTHERN_DIRECTOR, OUTSIDER):
            await people.install(work, somebody(caller.person()))


async def all_approve(hall: Hall) -> None:
    """Lets every organiser approve the arrangement in force, so that each has all its access."""
    async with hall.database.work() as work:
        before = await joint_events.held(work, EVENT)
        after = before
        for organiser in before.organisers:
            after = after.approving(1, organiser.organiser_id)
        await joint_events.keep(work, before, after, now=hall.now)
