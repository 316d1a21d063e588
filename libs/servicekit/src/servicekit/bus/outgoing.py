"""The outbox read as messages: straight from its rows, since every fact of an instance passes here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from servicekit.bus.envelope import headers_of
from servicekit.bus.publishing import Outgoing
from servicekit.origin import Origin
from servicekit.sql import Work
from servicekit.sql.tables import outbox

_WAITING = (
    select(
        outbox.c.position,
        outbox.c.subject,
        outbox.c.aggregate_id,
        outbox.c.fact_id,
        outbox.c.type,
        outbox.c.schema,
        outbox.c.version,
        outbox.c.time,
        outbox.c.body,
    )
    .where(outbox.c.position > bindparam("past"))
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A fact announced and not yet told, ready to be sent."""

    position: int
    fact_id: str
    aggregate_id: str
    message: Outgoing


async def waiting(work: Work, origin: Origin, most: int, *, past: int = 0) -> Sequence[Waiting]:
    """The facts that wait, oldest first; `past` only looks ahead while what comes before is being told."""
    rows = await work.execute(_WAITING, {"past": past, "most": most})
    return [_waiting(origin, row) for row in rows]


def _waiting(origin: Origin, row: Any) -> Waiting:
    position, subject, aggregate_id, fact_id, type_, schema, version, time, body = row
    headers = headers_of(
        origin, id=fact_id, type=type_, time=time, aggregate_id=aggregate_id, version=version, schema=schema
    )
    message = Outgoing(subject=subject, headers=headers, body=bytes(body))
    return Waiting(position=position, fact_id=fact_id, aggregate_id=aggregate_id, message=message)
