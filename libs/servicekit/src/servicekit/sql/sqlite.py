"""SQLite for asyncio, one hop a statement: SQLAlchemy's own adapter makes up to four, each a switch of threads."""

import sqlite3
from collections import deque
from dataclasses import dataclass
from typing import Any

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_

_Run = tuple["_Outcome", deque[Any]]


@dataclass(slots=True)
class _Outcome:
    """What is left of a cursor once its rows are in memory."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int = 0
    arraysize: int = 1

    def close(self) -> None:
        """Nothing to close: the cursor never left its thread."""


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor opened, executed, read and closed in a single visit to the connection's thread."""

    __slots__ = ()
    _awaitable_cursor_close = False
    _adapt_connection: "OneHopConnection"

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection  # type: ignore[assignment]
        self._connection = adapt_connection._connection
        self._cursor = _Outcome()  # type: ignore[assignment]
        self._soft_closed_memoized = {}  # type: ignore[assignment]
        self._rows = deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._visit(_execute, operation, parameters or ())

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._visit(_execute_many, operation, seq_of_parameters)

    async def _visit(self, run: Any, operation: Any, parameters: Any) -> None:
        adapted = self._adapt_connection
        async with adapted._execute_mutex:
            first, adapted.opening = adapted.opening, None
            connection = self._connection
            done: _Run = await connection._execute(run, connection._conn, first, operation, parameters)
            self._cursor, self._rows = done  # type: ignore[assignment]


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose BEGIN travels with the first statement of its transaction."""

    __slots__ = ("opening",)
    _cursor_cls = OneHopCursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.opening: str | None = None

    def commit(self) -> None:
        """Commits, unless the transaction was never really opened."""
        if not self._unopened():
            super().commit()

    def rollback(self) -> None:
        """Rolls back, unless the transaction was never really opened."""
        if not self._unopened():
            super().rollback()

    def _unopened(self) -> bool:
        unopened = self.opening is not None
        self.opening = None
        return unopened


class OneHopSqlite(AsyncAdapt_aiosqlite_dbapi):
    """The driver to hand to `create_async_engine(module=...)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneHopConnection:
        """A connection on a daemon thread of its own."""
        connection = aiosqlite.connect(*arg, **kw)
        connection._thread.daemon = True
        return OneHopConnection(self, await_(connection))


def _execute(connection: sqlite3.Connection, first: str | None, operation: str, parameters: Any) -> _Run:
    if first is not None:
        connection.execute(first)
    cursor = connection.execute(operation, parameters)
    try:
        rows = deque(cursor.fetchall() if cursor.description else ())
        return _Outcome(cursor.description, cursor.rowcount, cursor.lastrowid or 0), rows
    finally:
        cursor.close()


def _execute_many(connection: sqlite3.Connection, first: str | None, operation: str, parameters: Any) -> _Run:
    if first is not None:
        connection.execute(first)
    cursor = connection.executemany(operation, parameters)
    try:
        return _Outcome(None, cursor.rowcount, 0), deque()
    finally:
        cursor.close()
