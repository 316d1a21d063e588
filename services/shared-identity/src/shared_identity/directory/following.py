"""How every replica keeps its listing: it listens first, reads the database, and goes on from what it hears.

What is heard is heard at most once, so the database is read again after every connection lost and from time to time:
only rows that are newer than what is held are looked into.
"""

import asyncio
import contextlib
import gc
from collections.abc import Iterator, Sequence

import structlog
from groupement.shared_identity.v1 import events_pb2
from nats import errors
from servicekit.bus.connection import Bus
from servicekit.bus.envelope import Received
from servicekit.bus.overhearing import Overhearing
from servicekit.refusals import Unavailable
from servicekit.sql import Database

from shared_identity.directory import storage
from shared_identity.directory.listing import Listing
from shared_identity.structures import usecases as structures

_log = structlog.get_logger(__name__)
_AT_ONCE = 200
"""Rows taken in at a time: the service answers others in between."""
_AGAIN_SECONDS = 300.0
_REST_SECONDS = 1.0
FACTS = (events_pb2.DirectoryEntryChanged, events_pb2.DirectoryEntryWithdrawn)


class Following:
    """Reads the database into a listing, and what its replicas change after that."""

    def __init__(self, db: Database, listing: Listing, *, again: float = _AGAIN_SECONDS) -> None:
        """`again`: seconds after which the database is read again even if nothing seems to be missing."""
        self._db = db
        self._listing = listing
        self._again = again

    async def run(self, bus: Bus | None) -> None:
        """Keeps the listing, until cancelled; without a bus, or while it is away, from the database alone."""
        while True:
            try:
                await self._follow(bus)
            except (Unavailable, errors.Error, OSError) as trouble:
                _log.warning("directory_reads_again", why=str(trouble))
                await asyncio.sleep(_REST_SECONDS)

    async def _follow(self, bus: Bus | None) -> None:
        """Listens and reads; returns when the database should be read again."""
        if bus is None or not bus.ready:
            await self.read()
            await _reachable(bus, self._again)
            return
        async with Overhearing(bus, self._db.origin, FACTS) as heard:
            await self.read()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._again):
                    while await self._take(await heard.some()):
                        pass

    async def read(self) -> None:
        """Takes in all that the database holds and the listing does not, and takes out what it no longer holds."""
        async with self._db.reading() as work:
            self._listing.expect(each.slug for each in (await structures.groupement(work)).structures)
        before, there, after = self._listing.held(), set[str](), ""
        with contextlib.nullcontext() if before else _kept_for_good():
            while batch := await self._batch(after):
                there.update(kept.entry_id for kept in batch)
                self._put(batch)
                await self._listing.room()
                after = batch[-1].entry_id
        for entry_id in before - there:
            self._listing.drop(entry_id, self._listing.version(entry_id))
        self._listing.all_read()

    async def _take(self, facts: list[Received]) -> bool:
        """Takes in what others changed; False when something may have been missed."""
        newer = {fact.aggregate_id: fact.version for fact in facts if fact.version > self._version(fact)}
        if newer:
            async with self._db.reading() as work:
                kept = await storage.several(work, newer)
            self._put(kept)
            for entry_id in newer.keys() - {each.entry_id for each in kept}:
                self._listing.drop(entry_id, newer[entry_id])
        return bool(facts)

    async def _batch(self, after: str) -> Sequence[storage.Kept]:
        async with self._db.reading() as work:
            return await storage.batch(work, after=after, most=_AT_ONCE)

    def _put(self, batch: Sequence[storage.Kept]) -> None:
        for kept in batch:
            if kept.version > self._listing.version(kept.entry_id):
                self._listing.put(kept.entry())

    def _version(self, fact: Received) -> int:
        return self._listing.version(fact.aggregate_id)


@contextlib.contextmanager
def _kept_for_good() -> Iterator[None]:
    """What is read meanwhile stays: looking for garbage in it, over and over, takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def _reachable(bus: Bus | None, seconds: float) -> None:
    """Waits for the bus, so many seconds at most."""
    if bus is None:
        await asyncio.sleep(seconds)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bus.wait_ready()
