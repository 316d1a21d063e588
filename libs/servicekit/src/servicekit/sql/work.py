"""The unit of work: one transaction, the facts it announces, the answer it gives, what it puts off until later."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeVar, TypeVarTuple, overload

from google.protobuf.message import Message
from sqlalchemy import Column, Executable, Row, Table
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert, UpdateBase
from sqlalchemy.sql.selectable import TypedReturnsRows

from servicekit.facts import Fact
from servicekit.origin import Origin
from servicekit.sql import answers, due, outbox
from servicekit.sql.answers import Command
from servicekit.sql.due import Due
from servicekit.sql.link import Link
from servicekit.sql.plans import Parameters
from servicekit.sql.rows import Rows, nothing
from servicekit.sql.tables import outbox as outbox_table
from servicekit.sql.trouble import WroteWhileReading

_M = TypeVar("_M", bound=Message)
_Ts = TypeVarTuple("_Ts")
Given = Parameters | Sequence[Parameters]
_ANNOUNCE = plain_insert(outbox_table).inline()


class AnswerMissing(RuntimeError):
    """A command that carries a request_id ended without `work.answer(...)`: a mistake in our code."""


class Work:
    """One transaction, opened by `Database.work()` or `Database.reading()`; over when their block ends."""

    __slots__ = ("_after", "_command", "_dues", "_facts", "_response", "_writes", "link", "origin")

    def __init__(self, link: Link, *, origin: Origin, writes: bool) -> None:
        self.link = link
        self.origin = origin
        self._writes = writes
        self._facts: list[Fact] = []
        self._dues: dict[tuple[str, str], Due] = {}
        self._after: list[Callable[[], None]] = []
        self._command: Command | None = None
        self._response: bytes | None = None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.link.connection.dialect.name

    @property
    def connection(self) -> AsyncConnection:
        """SQLAlchemy's own connection, for what `execute` does not do; what was sent and waits is not there yet."""
        return self.link.connection

    @overload
    async def execute(self, statement: TypedReturnsRows[*_Ts], parameters: Given | None = None) -> Rows[*_Ts]: ...
    @overload
    async def execute(self, statement: Executable, parameters: Given | None = None) -> Rows[*tuple[Any, ...]]: ...
    async def execute(self, statement: Executable, parameters: Any = None) -> Rows[*tuple[Any, ...]]:
        """Runs one statement in this transaction, once for each set of parameters: never for an empty list of them.

        A statement made once, with `bindparam`, is quicker than one made for each call. Raises Unavailable when the
        database is busy or away, WroteWhileReading on a write in `Database.reading()`.
        """
        if parameters is None:
            return await self.link.execute(statement, ())
        given = [parameters] if isinstance(parameters, Mapping) else parameters
        return await self.link.execute(statement, given) if given else nothing()

    def send(self, statement: UpdateBase, parameters: Given) -> None:
        """Has a write run whose outcome nobody asks for: it goes with the next statement, or with the commit.

        The order stays: whatever is executed later sees it. What it may fail with is raised there. On PostgreSQL
        several that write different tables go as one, so none may read a table that another of them writes.
        """
        self._must_write()
        given = [parameters] if isinstance(parameters, Mapping) else parameters
        if given:
            self.link.send(statement, given)

    def announce(self, fact: Fact) -> None:
        """Tells what happened: kept with this transaction's state, on the bus after it, never without it."""
        self._must_write()
        self._facts.append(fact)

    def schedule(self, later: Due) -> None:
        """Puts something off until `later.at`; the same kind and key again replaces it."""
        self._must_write()
        self._dues[later.kind, later.key] = later

    async def unschedule(self, kind: str, key: str) -> bool:
        """Takes back what was put off; False when there was nothing, or it is already done."""
        pending = self._dues.pop((kind, key), None)
        return await due.remove(self, kind, key) or pending is not None

    def call_off(self, kind: str, key: str) -> None:
        """Takes back what was put off, if it is still there."""
        self._dues.pop((kind, key), None)
        self.send(*due.removing(kind, key))

    def answer(self, message: _M) -> _M:
        """Keeps the answer of a command for whoever asks the same again; gives the message back."""
        self._must_write()
        if self._command is not None:
            self._response = message.SerializeToString()
        return message

    async def replay_or_claim(self, command: Command) -> bytes | None:
        """The answer this command was given before, or None: then this work must `answer` it.

        Waits while another transaction is answering the same request. Raises RequestIdReused when the same request_id
        was used for another request.
        """
        answered = await answers.replay_or_claim(self, command)
        if answered is None:
            self._command = command
        return answered

    def after_commit(self, then: Callable[[], None]) -> None:
        """Calls `then` once the transaction is committed, and only then; it must not fail."""
        self._after.append(then)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that can fail alone: its writes, facts and dues are undone with it when its block raises."""
        facts, dues, after = len(self._facts), dict(self._dues), len(self._after)
        had_failed = self.link.has_failed
        await self.link.flush()
        try:
            async with self.connection.begin_nested():
                yield
                await self.link.flush()
        except BaseException:
            self.link.forget()
            del self._facts[facts:], self._after[after:]
            self._dues = dues
            self.link.has_failed = had_failed
            raise

    def last_statements(self) -> Sequence[tuple[Executable, Sequence[Parameters]]]:
        """What is still to be written of what was collected; `Database.work()` runs it with the commit."""
        last = []
        if self._command is not None:
            if self._response is None:
                raise AnswerMissing(self._command.method)
            last.append(answers.settling(self._command, self._response))
        if self._dues:
            last.append(due.putting(self._dues.values()))
        if self._facts:
            last.append((_ANNOUNCE, [outbox.row(self.origin, fact) for fact in self._facts]))
        return last

    @property
    def announced(self) -> bool:
        """Whether the relay has something to tell once this work is committed."""
        return bool(self._facts)

    @property
    def follow_ups(self) -> Sequence[Callable[[], None]]:
        """What was handed to `after_commit`."""
        return self._after

    def _must_write(self) -> None:
        if not self._writes:
            raise WroteWhileReading


async def insert_if_absent(
    work: Work,
    table: Table,
    values: Mapping[str, object] | Sequence[Mapping[str, object]],
    *,
    returning: Sequence[Column[Any]] = (),
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Inserts what is not there yet and gives the rows inserted: their primary keys, or the columns asked for.

    Nothing inserted is an empty sequence, so `if not await insert_if_absent(...)` reads as it should. Rows go in as
    they are listed: list them sorted, or two transactions may each wait for the other.
    """
    rows = [values] if isinstance(values, Mapping) else list(values)
    if not rows:
        return []
    columns = tuple(returning or table.primary_key.columns)
    return (await work.execute(_inserting(table, columns), rows)).all()


@lru_cache(maxsize=100)
def _inserting(table: Table, columns: tuple[Column[Any], ...]) -> ReturningInsert[*tuple[Any, ...]]:
    """Made once: its plan is found again by the statement itself."""
    return insert(table).on_conflict_do_nothing().returning(*columns)
