"""Connections kept open, and lent to one work at a time, first come first served."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from servicekit.sql.link import Link
from servicekit.sql.plans import Plans
from servicekit.sql.trouble import DatabaseAway, DatabaseBusy


class Connections:
    """At most so many connections of an engine. Cheaper than SQLAlchemy's pool, and fair: nobody overtakes."""

    def __init__(self, engine: AsyncEngine, most: int, patience: float) -> None:
        """`patience`: seconds to wait for a connection."""
        self._engine = engine
        self._plans = Plans(engine.dialect)
        self._places = asyncio.Semaphore(most)
        self._patience = patience
        self._idle: list[Link] = []
        self._closed = False

    async def take(self) -> Link:
        """A connection in a new transaction, to be given back; raises Unavailable."""
        await self._wait()
        try:
            link = await self._living() or await self._open()
            link.begin()
        except BaseException:
            self._places.release()
            raise
        return link

    async def give_back(self, link: Link) -> None:
        """Takes a connection back; a transaction that was not committed is rolled back."""
        try:
            await link.end()
            if link.connection.invalidated or self._closed:
                await link.connection.close()
            else:
                self._idle.append(link)
        finally:
            self._places.release()

    async def close(self) -> None:
        """Closes every connection, those lent when they come back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().connection.close()
        await self._engine.dispose()

    async def _wait(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError as late:
            raise DatabaseBusy from late

    async def _living(self) -> Link | None:
        while self._idle:
            link = self._idle.pop()
            if not _is_dead(link.connection):
                return link
            await link.connection.close()
        return None

    async def _open(self) -> Link:
        try:
            return Link(await self._engine.connect(), self._plans)
        except OSError as away:
            raise DatabaseAway from away


def _is_dead(connection: AsyncConnection) -> bool:
    """Whether the server has hung up since: asyncpg is told, and SQLite has no server."""
    below = connection.sync_connection
    driver = None if below is None else below.connection.driver_connection
    is_closed = getattr(driver, "is_closed", None)
    return is_closed is not None and bool(is_closed())
