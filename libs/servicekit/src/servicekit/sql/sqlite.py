"""SQLite for asyncio: a hop to the connection's thread for the first statements of a transaction and for the last.

SQLAlchemy's own adapter makes up to four for each statement, each a switch of threads. Here a statement makes one, or
none once it has shown itself quick (`pace`): what may wait for a lock or for the disk, BEGIN and COMMIT, always hops.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter, thread_time
from typing import Any

import aiosqlite
from sqlalchemy.connectors.asyncio import AsyncAdapt_dbapi_connection
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_

from servicekit.sql.endings import to_the_end
from servicekit.sql.pace import Pace
from servicekit.sql.plans import Filled, Outcome, Plan

_READING = "BEGIN"
"""Opens a transaction that waits for nobody as long as it only reads."""

_AT_ONCE = 20
"""So many statements run on the loop one after the other at most; then it is everybody else's turn."""


class OneHopConnection(AsyncAdapt_aiosqlite_connection):
    """A connection whose BEGIN travels with the first statement of its transaction, and COMMIT with the last ones."""

    __slots__ = ("_at_once", "_is_open", "_opening", "opens_with", "patience")

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.opens_with = _READING
        self.patience = 0.0
        self._opening: str | None = None
        self._is_open = False
        self._at_once = 0

    def begin(self) -> None:
        """Has a transaction opened when its first statement comes, if none is."""
        if not self._is_open:
            self._opening = self.opens_with

    async def run(self, statement: Filled, plan: Plan | None = None, before: Sequence[Filled] = ()) -> Outcome:
        """Runs one statement, after those that wait; opens the transaction if it is the first."""
        pace = None if plan is None else plan.pace
        if pace is None or not pace.is_quick or not self._may_stay(before):
            errand = partial(_run, self._connection._conn, self._opened(), before, statement, pace)
            outcome: Outcome = await self._visit(errand)
            return outcome
        self._at_once += 1
        began = perf_counter()
        outcome = _run(self._connection._conn, None, before, statement)
        pace.note(perf_counter() - began)
        return outcome

    async def flush(self, statements: Sequence[Filled]) -> None:
        """Runs statements whose outcome nobody asks for, in one hop."""
        await self.run(statements[-1], None, statements[:-1])

    async def finish(self, statements: Sequence[Filled]) -> asyncio.CancelledError | None:
        """Runs the last statements and commits, all in one hop."""
        cancelled = None
        if self._is_open or statements:
            cancelled = await to_the_end(
                self._visit(partial(_finish, self._connection._conn, self._opened(), statements))
            )
        self._close()
        return cancelled

    async def undo(self) -> None:
        """Rolls back what was opened."""
        if self._is_open:
            self._connection._conn.rollback()
        self._close()

    def commit(self) -> None:
        """Commits what was opened: for SQLAlchemy."""
        if self._is_open:
            super().commit()
        self._close()

    def rollback(self) -> None:
        """Rolls back what was opened: for SQLAlchemy."""
        if self._is_open:
            super().rollback()
        self._close()

    def _opened(self) -> str | None:
        first, self._opening = self._opening, None
        self._is_open = self._is_open or first is not None
        return first

    def _close(self) -> None:
        self._opening, self._is_open = None, False

    def _may_stay(self, before: Sequence[Filled]) -> bool:
        """Whether a quick statement may run here and now: its transaction is open, or opens without waiting."""
        may = self._at_once < _AT_ONCE and not any(sooner.many for sooner in before)
        return may and (self._opening is None or self._opens_here(self._opening))

    def _opens_here(self, begin: str) -> bool:
        """Opens the transaction without waiting; False when somebody else's is in the way: the thread waits for it."""
        if not _begins_at_once(self._connection._conn, begin, self.patience):
            return False
        self._opened()
        return True

    def _visit(self, errand: Callable[[], Any]) -> asyncio.Future[Any]:
        """Has something done on the connection's thread, after all that was asked before."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._at_once = 0
        self._connection._tx.put_nowait((done, errand))
        return done


class OneHopCursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor for what SQLAlchemy runs itself: opened, read and closed in one visit to the connection's thread."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def __init__(self, adapt_connection: AsyncAdapt_dbapi_connection) -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._cursor = _Read(Outcome((), -1, None))  # type: ignore[assignment]
        self._soft_closed_memoized = {}  # type: ignore[assignment]
        self._rows = deque()

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._visit(Filled(operation, parameters or (), False))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._visit(Filled(operation, seq_of_parameters, True))

    async def _visit(self, statement: Filled) -> None:
        outcome = await self._adapt_connection.run(statement)  # type: ignore[attr-defined]
        self._cursor, self._rows = _Read(outcome), deque(outcome.rows)  # type: ignore[assignment]


OneHopConnection._cursor_cls = OneHopCursor


class _Read:
    """What is left of a cursor once its rows are in memory."""

    lastrowid = 0
    arraysize = 1

    def __init__(self, outcome: Outcome) -> None:
        self.description = outcome.description
        self.rowcount = outcome.rowcount

    def close(self) -> None:
        """Nothing to close: the cursor never left its thread."""


class OneHopSqlite(AsyncAdapt_aiosqlite_dbapi):
    """The driver to hand to `create_async_engine(module=...)`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> OneHopConnection:
        """A connection on a daemon thread of its own."""
        connection = aiosqlite.connect(*arg, **kw)
        connection._thread.daemon = True
        return OneHopConnection(self, await_(connection))


def _run(
    connection: sqlite3.Connection,
    first: str | None,
    before: Sequence[Filled],
    statement: Filled,
    pace: Pace | None = None,
) -> Outcome:
    """`pace` is told the time that the thread itself spent, not what it waited for its turn."""
    if first is not None:
        connection.execute(first)
    began = 0.0 if pace is None else thread_time()
    for sooner in before:
        _execute(connection, sooner)
    cursor = _execute(connection, statement)
    rows = cursor.fetchall() if cursor.description else ()
    if pace is not None:
        pace.note(thread_time() - began)
    return Outcome(rows, cursor.rowcount, cursor.description)


def _finish(connection: sqlite3.Connection, first: str | None, statements: Sequence[Filled]) -> None:
    if first is not None:
        connection.execute(first)
    for statement in statements:
        _execute(connection, statement)
    connection.commit()


def _begins_at_once(connection: sqlite3.Connection, begin: str, patience: float) -> bool:
    """Opens a transaction, unless another process has one open that writes: we are the only writer of this one."""
    if begin == _READING:
        connection.execute(begin)
        return True
    connection.execute("PRAGMA busy_timeout = 0").close()
    try:
        connection.execute(begin)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}").close()
    return True


def _execute(connection: sqlite3.Connection, statement: Filled) -> sqlite3.Cursor:
    if statement.many:
        return connection.executemany(statement.text, statement.parameters)
    return connection.execute(statement.text, statement.parameters)
