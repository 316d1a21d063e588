"""PostgreSQL by asyncpg's own fetch and execute, inside the transactions SQLAlchemy's adapter keeps."""

from collections.abc import Sequence
from typing import Any

from servicekit.sql.plans import Filled, Outcome


async def run(adapted: Any, statement: Filled, *, describe: bool) -> Outcome:
    """Runs one statement; `describe` also says what its rows are made of."""
    async with adapted._execute_mutex:
        if adapted._transaction is None:
            await adapted._start_transaction()
        if statement.many:
            await adapted._connection.executemany(statement.text, statement.parameters)
            return Outcome((), -1, None)
        rows, status, _ = await adapted._connection._execute(
            statement.text, statement.parameters, 0, None, return_status=True
        )
        description = await _description(adapted, statement.text) if describe else None
        return Outcome(rows, _touched(status), description)


async def finish(adapted: Any, statements: Sequence[Filled]) -> None:
    """Runs the last statements and commits; the adapter's `commit()` then finds nothing left to do."""
    for statement in statements:
        await run(adapted, statement, describe=False)
    if adapted._transaction is not None:
        await adapted._call_and_discard(adapted._transaction.commit)


async def _description(adapted: Any, text: str) -> Sequence[tuple[Any, ...]]:
    prepared = await adapted._connection.prepare(text)
    return [(column.name, column.type.oid) for column in prepared.get_attributes()]


def _touched(status: bytes | None) -> int:
    """The number of rows a command tag ends with (`UPDATE 3`), or -1."""
    last = (status or b"").rpartition(b" ")[2]
    return int(last) if last.isdigit() else -1
