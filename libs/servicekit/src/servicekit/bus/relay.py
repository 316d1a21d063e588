"""The relay: what an instance announced, told to the bus in order, and forgotten once the bus has it."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import MOST, Outgoing, publish, publish_together
from servicekit.metrics import FACTS_RELAYED
from servicekit.refusals import Unavailable
from servicekit.sql import Database, Lease, outbox
from servicekit.sql.outbox import Waiting

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=6)
_EVERY_SECONDS = 1.0


@dataclass(kw_only=True, slots=True)
class RelayTally:
    """What a relay did since it began: facts told, those the bus already had, those it would not take."""

    told: int = 0
    repeated: int = 0
    refused: int = 0


class Relay:
    """Tells an instance's facts; of several workers, the one that holds the lease does."""

    def __init__(self, db: Database, bus: Bus, *, holder: str = "", every: float = _EVERY_SECONDS) -> None:
        self.tally = RelayTally()
        self._db = db
        self._bus = bus
        self._every = every
        self._lease = Lease(db, "relay", holder or this_worker(), _LEASE)

    async def run(self) -> None:
        """Tells what waits, whenever something does, until cancelled; then gives the lease up."""
        try:
            while True:
                self._db.wake.clear()
                if not await self._round():
                    await self._rest()
        finally:
            with contextlib.suppress(Unavailable):
                await self._lease.release()

    async def _round(self) -> int:
        """Tells one batch; gives how many facts the bus took. Zero: nothing to do now."""
        try:
            await self._bus.wait_ready()
            if not await self._lease.acquire():
                return 0
            async with self._db.reading() as work:
                waiting = await outbox.waiting(work, MOST)
            return await self._tell(waiting)
        except Unavailable as trouble:
            _log.warning("relay_waits", why=str(trouble))
            return 0
        except Exception:
            _log.exception("relay_failed")
            return 0

    async def _tell(self, waiting: Sequence[Waiting]) -> int:
        if not waiting:
            return 0
        told = await self._told(waiting)
        async with self._db.work() as work:
            await outbox.told(work, [fact.position for fact in told])
        self.tally.told += len(told)
        FACTS_RELAYED.inc(len(told))
        return len(told)

    async def _told(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """Those the bus has now: all at once when it takes them so, else one by one."""
        if len(waiting) > 1:
            try:
                await publish_together(self._bus, [self._outgoing(fact) for fact in waiting])
            except ApiRefusal as refusal:
                _log.info("relay_batch_refused", facts=len(waiting), why=refusal.description)
            else:
                return waiting
        return await self._told_singly(waiting)

    async def _told_singly(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """In order; a fact the stream refuses holds back the later ones of its aggregate, and no other."""
        told: list[Waiting] = []
        held: set[str] = set()
        for fact in waiting:
            if fact.fact.aggregate_id in held:
                continue
            try:
                self.tally.repeated += await publish(self._bus, self._outgoing(fact))
            except ApiRefusal as refusal:
                held.add(fact.fact.aggregate_id)
                self.tally.refused += 1
                _log.error("relay_fact_refused", fact=fact.fact.id, subject=fact.subject, why=refusal.description)
            else:
                told.append(fact)
        return told

    def _outgoing(self, waiting: Waiting) -> Outgoing:
        headers = to_headers(self._db.origin, waiting.fact)
        return Outgoing(subject=waiting.subject, headers=headers, body=waiting.fact.body)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._db.wake.wait(), self._every)


def this_worker() -> str:
    """A name no other worker has at the same time."""
    return f"{socket.gethostname()}:{os.getpid()}"
