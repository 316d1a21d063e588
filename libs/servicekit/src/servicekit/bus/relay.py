"""The relay: what an instance announced, told to the bus in order, and forgotten once the bus has it."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.outgoing import Waiting, waiting
from servicekit.bus.publishing import MOST, publish, publish_together
from servicekit.bus.workers import still_wanted, this_worker
from servicekit.metrics import FACTS_RELAYED
from servicekit.refusals import Unavailable
from servicekit.sql import Database, Lease, outbox

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=6)
_EVERY_SECONDS = 1.0
_LINGER_SECONDS = 0.05
_MANY = 100
"""Facts told one by one are forgotten together, when nothing more comes or there are many: it costs a disk write."""


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
        self._to_forget: set[int] = set()

    async def run(self) -> None:
        """Tells what waits, whenever something does, until cancelled; then gives the lease up."""
        try:
            while True:
                self._db.wake.clear()
                if not await self._round():
                    await self._rest()
        finally:
            with contextlib.suppress(Unavailable):
                await self._forget()
                await self._lease.release()

    async def _round(self) -> int:
        """Tells what waits; gives how many facts the bus took. Zero: nothing to do now."""
        try:
            await self._bus.wait_ready()
            return await self._tell_all()
        except Unavailable as trouble:
            still_wanted()
            _log.warning("relay_waits", why=str(trouble))
        except Exception:
            _log.exception("relay_failed")
        return 0

    async def _tell_all(self) -> int:
        """Batch after batch, each read while the one before is being told; late commits wait for the next round."""
        told = 0
        batch = await self._read() if await self._lease.acquire() else ()
        while batch and await self._lease.acquire():
            ahead = asyncio.create_task(self._read(past=batch[-1].position) if len(batch) == MOST else _nothing())
            try:
                told += await self._tell(batch)
                batch = await ahead
            finally:
                ahead.cancel()
                await asyncio.wait({ahead})
        return told

    async def _read(self, past: int = 0) -> Sequence[Waiting]:
        told = self._to_forget.copy()
        async with self._db.reading() as work:
            batch = await waiting(work, self._db.origin, MOST + len(told), past=past)
        return [fact for fact in batch if fact.position not in told][:MOST]

    async def _tell(self, batch: Sequence[Waiting]) -> int:
        told = await self._told(batch)
        self._to_forget.update(fact.position for fact in told)
        self.tally.told += len(told)
        FACTS_RELAYED.inc(len(told))
        if len(self._to_forget) >= _MANY:
            await self._forget()
        return len(told)

    async def _forget(self) -> None:
        """Deletes what the bus has acknowledged; interrupted before that, it is told again and dropped as a repeat."""
        told = sorted(self._to_forget)
        if told:
            async with self._db.work() as work:
                await outbox.told(work, told)
            self._to_forget.difference_update(told)

    async def _told(self, batch: Sequence[Waiting]) -> Sequence[Waiting]:
        """Those the bus has now: all at once when it takes them so, else one by one."""
        if len(batch) > 1:
            try:
                await publish_together(self._bus, [fact.message for fact in batch])
            except ApiRefusal as refusal:
                _log.info("relay_batch_refused", facts=len(batch), why=refusal.description)
            else:
                return batch
        return await self._told_singly(batch)

    async def _told_singly(self, batch: Sequence[Waiting]) -> Sequence[Waiting]:
        """In order; a fact the stream refuses holds back the later ones of its aggregate, and no other."""
        told: list[Waiting] = []
        held: set[str] = set()
        before = self.tally.repeated
        for fact in batch:
            if fact.aggregate_id in held:
                continue
            try:
                self.tally.repeated += await publish(self._bus, fact.message)
            except ApiRefusal as refusal:
                held.add(fact.aggregate_id)
                self.tally.refused += 1
                _log.error(
                    "relay_fact_refused", fact=fact.fact_id, subject=fact.message.subject, why=refusal.description
                )
            else:
                told.append(fact)
        if repeated := self.tally.repeated - before:
            _log.info("facts_repeated", facts=repeated)
        return told

    async def _rest(self) -> None:
        """Until woken, or for a while; what was told is forgotten once nothing more comes."""
        try:
            async with asyncio.timeout(_LINGER_SECONDS if self._to_forget else self._every):
                await self._db.wake.wait()
        except TimeoutError:
            try:
                await self._forget()
            except Unavailable as trouble:
                still_wanted()
                _log.warning("relay_waits", why=str(trouble))


async def _nothing() -> Sequence[Waiting]:
    return ()
