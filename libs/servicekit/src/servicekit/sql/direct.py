"""Statements straight to the driver: SQLAlchemy compiles and caches them, its execution layer is left out.

That layer (greenlets, contexts, events) costs more than the database does on a short statement. What is not plain
(DDL, text, defaults computed in Python, many rows RETURNING) still goes through it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, TypeVarTuple

from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine.result import IteratorResult, ResultMetaData, SimpleResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.sql import postgres
from servicekit.sql.plans import Filled, Outcome, Parameters, Plan, plan_of
from servicekit.sql.sqlite import OneHopConnection

_Ts = TypeVarTuple("_Ts")
_NOTHING = SimpleResultMetaData(())


class Rows(IteratorResult[*_Ts]):
    """What a statement gave: SQLAlchemy's Result over rows in memory, and how many rows were touched."""

    def __init__(self, metadata: ResultMetaData, rows: Iterable[Any], rowcount: int) -> None:
        super().__init__(metadata, iter(rows))
        self.rowcount = rowcount


async def execute(
    connection: AsyncConnection, statement: Executable, given: Sequence[Parameters]
) -> Rows[*tuple[Any, ...]]:
    """Runs a statement in the transaction of a connection, once for each set of parameters given, or without any."""
    below = _below(connection)
    plan, literals = plan_of(below, statement, given)
    if plan is None:
        return _kept(await connection.execute(statement, list(given) or None))
    filled = plan.fill(given, literals)
    try:
        outcome = await _run(below.connection.dbapi_connection, plan, filled)
    except BaseException as error:
        await connection.run_sync(_raise, error, filled)
    if plan.is_silent:
        return Rows(_NOTHING, (), outcome.rowcount)
    return Rows(plan.metadata(outcome.description), outcome.rows, outcome.rowcount)


async def commit(connection: AsyncConnection, last: Sequence[tuple[Executable, Sequence[Parameters]]]) -> None:
    """Runs the last statements of a transaction and commits it, in as few round trips as the driver allows."""
    below = _below(connection)
    filled = [_filled(below, statement, given) for statement, given in last]
    adapted: Any = below.connection.dbapi_connection
    try:
        await (adapted.finish(filled) if isinstance(adapted, OneHopConnection) else postgres.finish(adapted, filled))
    except BaseException as error:
        await connection.run_sync(_raise, error, Filled("COMMIT", (), False))
    below.commit()


def _below(connection: AsyncConnection) -> Connection:
    if connection.sync_connection is None:
        raise RuntimeError("this unit of work is over")
    return connection.sync_connection


async def _run(adapted: Any, plan: Plan, filled: Filled) -> Outcome:
    if isinstance(adapted, OneHopConnection):
        return await adapted.run(filled)
    return await postgres.run(adapted, filled, describe=not plan.is_described)


def _filled(below: Connection, statement: Executable, given: Sequence[Parameters]) -> Filled:
    plan, literals = plan_of(below, statement, given)
    if plan is None:
        raise TypeError(f"not a plain statement: {statement}")
    return plan.fill(given, literals)


def _kept(result: CursorResult[*tuple[Any, ...]]) -> Rows[*tuple[Any, ...]]:
    if not result.returns_rows:
        return Rows(_NOTHING, (), result.rowcount)
    return Rows(SimpleResultMetaData(list(result.keys())), [tuple(row) for row in result], result.rowcount)


def _raise(connection: Connection, error: BaseException, filled: Filled) -> NoReturn:
    """Has SQLAlchemy make of a driver's error what it makes of its own: its type, its events, its invalidations."""
    try:
        if isinstance(error, Exception):
            connection.connection.dbapi_connection._handle_exception(error)  # type: ignore[union-attr]
        raise error
    except BaseException as known:
        if type(known).__name__ == "InvalidCachedStatementError":
            connection.dialect._invalidate_schema_cache()  # type: ignore[attr-defined]
        connection._handle_dbapi_exception(known, filled.text, filled.parameters, None, None)
