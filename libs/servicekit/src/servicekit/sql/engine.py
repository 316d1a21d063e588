"""The database of an instance: units of work that write, others that only read."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType

import structlog
from sqlalchemy import text

from servicekit.origin import Origin
from servicekit.sql.connections import Connections
from servicekit.sql.engines import pools
from servicekit.sql.work import Work

_log = structlog.get_logger(__name__)
_PATIENCE = 5.0
_Block = AbstractAsyncContextManager[Work]


class Database:
    """One instance's database. On SQLite, works that write take turns, first come first served."""

    def __init__(self, url: str, *, origin: Origin, patience: float = _PATIENCE) -> None:
        """`patience`: seconds a work may wait for its turn, for a connection or for a lock before Unavailable."""
        self.origin = origin
        self.wake = asyncio.Event()
        self.dialect, self._writing, self._reading = pools(url, patience)

    def work(self) -> _Block:
        """One write transaction: committed when the block ends, undone when it raises.

        Raises Unavailable when the database is busy or away.
        """
        return _Writing(self, self._writing)

    def reading(self) -> _Block:
        """One read-only transaction, on one state of the database; a write inside raises WroteWhileReading."""
        return _Reading(self, self._reading)

    async def ping(self) -> None:
        """Asks the database whether it is there; raises Unavailable when it is not."""
        async with self.reading() as work:
            await work.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes every connection."""
        await self._writing.close()
        await self._reading.close()


class _Reading(_Block):
    """The block of `Database.reading()`; it ends as it may, there is nothing to keep."""

    writes = False

    def __init__(self, db: Database, connections: Connections) -> None:
        self._db = db
        self._connections = connections

    async def __aenter__(self) -> Work:
        self._link = await self._connections.take()
        self._work = Work(self._link, origin=self._db.origin, writes=self.writes)
        return self._work

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connections.give_back(self._link)


class _Writing(_Reading):
    """The block of `Database.work()`: what was collected is written, then all is committed."""

    writes = True

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        cancelled: asyncio.CancelledError | None = None
        try:
            if kind is None:
                cancelled = await self._link.commit(self._work.last_statements())
                self._follow_up()
        finally:
            await super().__aexit__(kind, error, trace)
        if cancelled is not None:
            raise cancelled

    def _follow_up(self) -> None:
        for then in self._work.follow_ups:
            _call(then)
        if self._work.announced:
            self._db.wake.set()


def _call(then: Callable[[], None]) -> None:
    try:
        then()
    except Exception:
        _log.exception("after_commit_failed", follow_up=getattr(then, "__qualname__", repr(then)))
