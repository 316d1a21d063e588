"""PostgreSQL by asyncpg's own calls, inside the transactions SQLAlchemy's adapter keeps."""

import asyncio
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from servicekit.sql.endings import to_the_end
from servicekit.sql.plans import Filled, Outcome, Plan, moved

_PLACE = re.compile(r"\$(\d+)")


class Asyncpg:
    """One asyncpg connection, behind the adapter that SQLAlchemy made for it."""

    def __init__(self, adapted: Any) -> None:
        self._adapted = adapted
        self._connection = adapted._connection

    def begin(self) -> None:
        """Nothing: the adapter begins with the first statement."""

    async def undo(self) -> None:
        """Rolls back what was opened."""
        if self._adapted._transaction is not None:
            await self._adapted._call_and_discard(self._adapted._transaction.rollback)

    async def run(self, statement: Filled, plan: Plan, before: Sequence[Filled] = ()) -> Outcome:
        """Runs one statement, after those that wait; opens the transaction if it is the first."""
        if self._adapted._transaction is None:
            await self._adapted._start_transaction()
        if before:
            await self.flush(before)
        if statement.many:
            await self._connection.executemany(statement.text, statement.parameters)
            return Outcome((), -1, None)
        description = None if plan.is_described else await self._describe(statement.text)
        rows, status, _ = await self._connection._execute(
            statement.text, statement.parameters, 0, None, return_status=True
        )
        return Outcome(rows, _touched(status), description)

    async def flush(self, statements: Sequence[Filled]) -> None:
        """Runs statements whose outcome nobody asks for, in as few round trips as they fit in."""
        if self._adapted._transaction is None:
            await self._adapted._start_transaction()
        for statement in joined(statements):
            if statement.many:
                await self._connection.executemany(statement.text, statement.parameters)
            else:
                await self._connection.execute(statement.text, *statement.parameters)

    async def finish(self, statements: Sequence[Filled]) -> asyncio.CancelledError | None:
        """Runs the last statements, as one where it can, and commits."""
        adapted = self._adapted
        if statements:
            await self.flush(statements)
        if adapted._transaction is None:
            return None
        return await to_the_end(asyncio.ensure_future(adapted._call_and_discard(adapted._transaction.commit)))

    async def _describe(self, text: str) -> Sequence[tuple[Any, ...]]:
        prepared = await self._connection.prepare(text)
        return [(column.name, column.type.oid) for column in prepared.get_attributes()]


def joined(statements: Sequence[Filled]) -> Sequence[Filled]:
    """Statements as they are sent: those that write different tables, one after the other, as one."""
    sent: list[list[Filled]] = []
    tables: set[str] = set()
    for statement in statements:
        alone = statement.many or not statement.table
        if alone or not tables or statement.table in tables:
            sent.append([])
            tables = set()
        sent[-1].append(statement)
        tables = set() if alone else {*tables, statement.table}
    return [each[0] if len(each) == 1 else _as_one(each) for each in sent]


def _as_one(statements: Sequence[Filled]) -> Filled:
    text = _together(tuple(statement.text for statement in statements))
    return Filled(text, [value for statement in statements for value in statement.parameters], False)


@lru_cache(maxsize=1000)
def _together(texts: tuple[str, ...]) -> str:
    """Several statements that touch different tables, as one: a single round trip."""
    parts: list[str] = []
    places = 0
    for text in texts:
        parts.append(moved(text, by=places))
        places += max((int(place) for place in _PLACE.findall(text)), default=0)
    before = ", ".join(f"part_{number} AS ({text})" for number, text in enumerate(parts[:-1]))
    return f"WITH {before} {parts[-1]}" if before else parts[-1]


def _touched(status: bytes | None) -> int:
    """The number of rows a command tag ends with (`UPDATE 3`), or -1."""
    last = (status or b"").rpartition(b" ")[2]
    return int(last) if last.isdigit() else -1
