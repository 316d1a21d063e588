"""The outbox: facts kept with the state they tell of, until the bus has acknowledged them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select

from servicekit.facts import Fact, FactKind, subject
from servicekit.origin import Origin
from servicekit.sql.tables import outbox

if TYPE_CHECKING:
    from servicekit.sql.work import Work

MOST = 1000
"""The most facts that travel as one atomic batch (nats-server's limit)."""

_WAITING = select(outbox).order_by(outbox.c.position).limit(bindparam("most"))
_TOLD = delete(outbox).where(outbox.c.position.in_(bindparam("positions", expanding=True)))
_DEPTH = select(func.count(), func.min(outbox.c.time)).select_from(outbox)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A fact announced and not yet told."""

    position: int
    subject: str
    fact: Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """How many facts wait, and since when the oldest does."""

    facts: int
    oldest: datetime | None


def row(origin: Origin, told: Fact) -> dict[str, object]:
    """A fact as the outbox keeps it."""
    return {
        "fact_id": told.id,
        "subject": subject(origin, told),
        "type": told.kind.type,
        "schema": told.kind.schema,
        "aggregate_id": told.aggregate_id,
        "version": told.version,
        "time": told.time,
        "body": told.body,
    }


async def waiting(work: "Work", most: int = MOST) -> Sequence[Waiting]:
    """The facts that wait, oldest first: rows that are there, never a cursor, which would lose late commits."""
    rows = await work.execute(_WAITING, {"most": most})
    return [_waiting(kept) for kept in rows]


async def told(work: "Work", positions: Sequence[int]) -> None:
    """Forgets facts the bus has acknowledged."""
    await work.execute(_TOLD, {"positions": list(positions)})


async def depth(work: "Work") -> Depth:
    """How far behind the relay is."""
    facts, oldest = (await work.execute(_DEPTH)).one()
    return Depth(facts=facts, oldest=oldest)


def _waiting(kept: Any) -> Waiting:
    tokens = kept.subject.split(".")
    addressed = tokens[2] == "to"
    kind = FactKind(
        type=kept.type,
        schema=kept.schema,
        sender=kept.schema.split(".")[1],
        noun=tokens[-2],
        verb=tokens[-1],
        audience=tokens[2],
    )
    fact = Fact(
        kind=kind,
        aggregate_id=kept.aggregate_id,
        version=kept.version,
        time=kept.time,
        body=bytes(kept.body),
        to=tokens[3] if addressed else None,
        id=kept.fact_id,
    )
    return Waiting(position=kept.position, subject=kept.subject, fact=fact)
