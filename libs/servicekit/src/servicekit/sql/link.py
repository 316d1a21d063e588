"""A connection with a short way to its driver: SQLAlchemy compiles statements, its execution layer is left out.

That layer (greenlets, contexts, events) costs more than the database does on a short statement. What is not plain
(DDL, text, defaults computed in Python, many rows RETURNING) still goes through it.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, NoReturn, Protocol

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.sql.plans import Filled, Outcome, Parameters, Plan, Plans
from servicekit.sql.postgres import Asyncpg
from servicekit.sql.rows import Reader, Rows, nothing
from servicekit.sql.sqlite import OneHopConnection

_COMMIT = Filled("COMMIT", (), False)


class StatementFailed(RuntimeError):
    """A statement failed and the work went on all the same: what may fail goes in a savepoint. A mistake in our code.

    PostgreSQL would turn the commit into a rollback without a word.
    """


class Driver(Protocol):
    """What a driver must do for us. It keeps its transaction; SQLAlchemy need not know of it."""

    def begin(self) -> None:
        """Has a transaction opened by the first statement to come."""

    def undo(self) -> Awaitable[None]:
        """Rolls back what was opened."""

    def run(self, statement: Filled, plan: Plan, before: Sequence[Filled] = ()) -> Awaitable[Outcome]:
        """Runs one statement, after those that wait; opens the transaction if it is the first."""

    def flush(self, statements: Sequence[Filled]) -> Awaitable[None]:
        """Runs statements whose outcome nobody asks for."""

    def finish(self, statements: Sequence[Filled]) -> Awaitable[asyncio.CancelledError | None]:
        """Runs the last statements and commits, to the end; gives the cancellation that came meanwhile."""


class Link:
    """An open connection, with all that need not be looked up again."""

    def __init__(self, connection: AsyncConnection, plans: Plans) -> None:
        below = connection.sync_connection
        if below is None:
            raise RuntimeError("this connection was never opened")
        adapted: Any = below.connection.dbapi_connection
        self.connection = connection
        self.has_failed = False
        self._waiting: list[Filled] = []
        self._below = below
        self._adapted = adapted
        self._plans = plans
        self._driver: Driver = adapted if isinstance(adapted, OneHopConnection) else Asyncpg(adapted)

    def begin(self) -> None:
        """Opens a transaction; nothing is sent, BEGIN goes with its first statement."""
        self.has_failed = False
        self._waiting = []
        self._driver.begin()

    async def end(self) -> None:
        """Rolls back what is left open; a connection that cannot do even that is thrown away."""
        if self._below.in_transaction():
            await self.connection.rollback()
        elif not self.connection.invalidated:
            try:
                await self._driver.undo()
            except BaseException as error:
                await self.connection.invalidate(error)
                if not isinstance(error, Exception):
                    raise

    async def execute(self, statement: Executable, given: Sequence[Parameters]) -> Rows[*tuple[Any, ...]]:
        """Runs a statement once for each set of parameters given, or once without any."""
        plan, literals = self._plans.find(statement, given)
        if plan is None:
            return await self._by_sqlalchemy(statement, given)
        filled = plan.fill(given, literals)
        before, self._waiting = self._waiting, []
        try:
            outcome = await self._driver.run(filled, plan, before)
        except BaseException as error:
            await self._fail(error, filled)
        return Rows(plan.reader(outcome.description), outcome.rows, outcome.rowcount)

    def send(self, statement: Executable, given: Sequence[Parameters]) -> None:
        """Has a statement run with the next one, or with the commit; raises TypeError when it is not plain."""
        self._waiting.append(self._filled(statement, given))

    async def flush(self) -> None:
        """Runs what was sent and waits."""
        before, self._waiting = self._waiting, []
        if not before:
            return
        try:
            await self._driver.flush(before)
        except BaseException as error:
            await self._fail(error, before[-1])

    def forget(self) -> None:
        """Runs nothing of what was sent and waits."""
        self._waiting = []

    async def commit(self, last: Sequence[tuple[Executable, Sequence[Parameters]]]) -> asyncio.CancelledError | None:
        """Runs the last statements of the transaction and commits it, in as few round trips as the driver allows.

        Once it commits it goes to the end, and gives the cancellation that came meanwhile.
        """
        if self.has_failed:
            raise StatementFailed
        filled = [*self._waiting, *(self._filled(statement, given) for statement, given in last)]
        try:
            cancelled = await self._driver.finish(filled)
        except BaseException as error:
            await self._fail(error, _COMMIT)
        if self._below.in_transaction():
            self._below.commit()  # nothing is left to do but to tell SQLAlchemy
        return cancelled

    async def _by_sqlalchemy(self, statement: Executable, given: Sequence[Parameters]) -> Rows[*tuple[Any, ...]]:
        await self.flush()
        try:
            return _kept(await self.connection.execute(statement, list(given) or None))
        except BaseException:
            self.has_failed = True
            raise

    async def _fail(self, error: BaseException, filled: Filled) -> NoReturn:
        """Raises what SQLAlchemy makes of a driver's error: its type, its events, its invalidations."""
        self.has_failed = True
        await self.connection.run_sync(_raise, self._adapted, error, filled)

    def _filled(self, statement: Executable, given: Sequence[Parameters]) -> Filled:
        plan, literals = self._plans.find(statement, given)
        if plan is None:
            raise TypeError(f"not a plain statement: {statement}")
        return plan.fill(given, literals)


def _kept(result: CursorResult[*tuple[Any, ...]]) -> Rows[*tuple[Any, ...]]:
    if not result.returns_rows:
        return nothing(result.rowcount)
    return Rows(Reader(SimpleResultMetaData(list(result.keys()))), [tuple(row) for row in result], result.rowcount)


def _raise(connection: Connection, adapted: Any, error: BaseException, filled: Filled) -> NoReturn:
    try:
        if isinstance(error, Exception):
            adapted._handle_exception(error)
        raise error
    except BaseException as known:
        if type(known).__name__ == "InvalidCachedStatementError":
            connection.dialect._invalidate_schema_cache()  # type: ignore[attr-defined]
        connection._handle_dbapi_exception(known, filled.text, filled.parameters, None, None)
