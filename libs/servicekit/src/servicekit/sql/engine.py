"""The database of an instance: units of work that write, others that only read."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from servicekit.origin import Origin
from servicekit.sql import direct
from servicekit.sql.engines import Pools, pools
from servicekit.sql.trouble import DatabaseAway, DatabaseBusy
from servicekit.sql.work import Work

_log = structlog.get_logger(__name__)
_PATIENCE = 5.0


class Database:
    """One instance's database. On SQLite, works that write take turns, first come first served."""

    def __init__(self, url: str, *, origin: Origin, patience: float = _PATIENCE) -> None:
        """`patience`: seconds a work may wait for its turn, for a connection or for a lock before Unavailable."""
        self.origin = origin
        self.wake = asyncio.Event()
        self._patience = patience
        self._pools: Pools = pools(url, patience)
        self._turn = asyncio.Lock()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._pools.writing.dialect.name

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One write transaction: committed when the block ends, undone when it raises.

        Raises Unavailable when the database is busy or away.
        """
        async with self._my_turn(), self._connected(self._pools.writing) as connection:
            work = Work(connection, origin=self.origin, writes=True)
            try:
                yield work
                await _uninterrupted(self._finish(work))
            except BaseException:
                await connection.rollback()
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Work]:
        """One read-only transaction, on one state of the database; a write inside raises WroteWhileReading."""
        async with self._connected(self._pools.reading) as connection:
            try:
                yield Work(connection, origin=self.origin, writes=False)
            finally:
                await connection.rollback()

    async def ping(self) -> None:
        """Asks the database whether it is there; raises Unavailable when it is not."""
        async with self.reading() as work:
            await work.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes every connection."""
        await self._pools.writing.dispose()
        await self._pools.reading.dispose()

    async def _finish(self, work: Work) -> None:
        await direct.commit(work.connection, work.last_statements())
        for then in work.follow_ups:
            _call(then)
        if work.announced:
            self.wake.set()

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        if self._turn.locked():
            await self._wait_for_turn()
        else:
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError as late:
            raise DatabaseBusy from late

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        try:
            connection = await engine.connect()
        except PoolTimeoutError as late:
            raise DatabaseBusy from late
        except OSError as away:
            raise DatabaseAway from away
        try:
            connection.sync_connection.begin()  # type: ignore[union-attr]  # BEGIN goes with the first statement
            yield connection
        finally:
            await connection.close()


def _call(then: Any) -> None:
    try:
        then()
    except Exception:
        _log.exception("after_commit_failed", follow_up=getattr(then, "__qualname__", repr(then)))


async def _uninterrupted(ending: Coroutine[Any, Any, None]) -> None:
    """Awaits to the very end: cancelled halfway, nobody would know whether the commit took place."""
    task = asyncio.ensure_future(ending)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as wish:
            cancelled = wish
    task.result()
    if cancelled is not None:
        raise cancelled
