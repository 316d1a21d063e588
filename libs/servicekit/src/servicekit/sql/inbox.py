"""The inbox: a fact delivered twice has its effect once, and an older one never undoes a newer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from servicekit.sql.tables import inbox, inbox_version
from servicekit.sql.trouble import DatabaseBusy

if TYPE_CHECKING:
    from servicekit.sql.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A fact at the door."""

    fact_id: str
    aggregate_id: str
    version: int


class Verdict(Enum):
    """What to do with an arrival: take it in, or acknowledge it and do nothing."""

    FRESH = "fresh"
    SEEN = "seen"
    OLDER = "older"


_TAKE_IN = insert(inbox).on_conflict_do_nothing().returning(inbox.c.fact_id)
_HELD = (
    select(inbox_version.c.aggregate_id, inbox_version.c.version)
    .where(
        inbox_version.c.subscriber == bindparam("by"),
        inbox_version.c.aggregate_id.in_(bindparam("aggregates", expanding=True)),
    )
    .order_by(inbox_version.c.aggregate_id)
    .with_for_update()
)
_incoming = insert(inbox_version)
_HOLD = _incoming.on_conflict_do_update(
    index_elements=[inbox_version.c.subscriber, inbox_version.c.aggregate_id],
    set_={"version": _incoming.excluded.version},
    where=inbox_version.c.version <= _incoming.excluded.version,
).returning(inbox_version.c.aggregate_id)


async def admit(work: "Work", subscriber: str, arrivals: Sequence[Arrival], *, at: datetime) -> Sequence[Verdict]:
    """Writes arrivals down in their order and says which of them are to have an effect, in this same transaction.

    Raises Unavailable when another worker of the same subscriber took in a newer version meanwhile: deliver again.
    """
    if not arrivals:
        return []
    new = await _written_down(work, subscriber, arrivals, at)
    held = await _held(work, subscriber, {arrival.aggregate_id for arrival in arrivals if arrival.fact_id in new})
    before = dict(held)
    verdicts = [_verdict(arrival, new, held) for arrival in arrivals]
    await _hold(work, subscriber, {name: held[name] for name in held if held[name] != before.get(name)})
    return verdicts


def _verdict(arrival: Arrival, new: set[str], held: dict[str, int]) -> Verdict:
    if arrival.fact_id not in new:
        return Verdict.SEEN
    new.discard(arrival.fact_id)
    if arrival.version < held.get(arrival.aggregate_id, arrival.version):
        return Verdict.OLDER
    held[arrival.aggregate_id] = arrival.version
    return Verdict.FRESH


async def _written_down(work: "Work", subscriber: str, arrivals: Sequence[Arrival], at: datetime) -> set[str]:
    ids = sorted({arrival.fact_id for arrival in arrivals})
    rows = [{"subscriber": subscriber, "fact_id": fact_id, "received_at": at} for fact_id in ids]
    return set((await work.execute(_TAKE_IN, rows)).scalars())


async def _held(work: "Work", subscriber: str, aggregates: set[str]) -> dict[str, int]:
    if not aggregates:
        return {}
    rows = await work.execute(_HELD, {"by": subscriber, "aggregates": sorted(aggregates)})
    return {row.aggregate_id: row.version for row in rows}


async def _hold(work: "Work", subscriber: str, versions: dict[str, int]) -> None:
    if not versions:
        return
    rows = [{"subscriber": subscriber, "aggregate_id": name, "version": versions[name]} for name in sorted(versions)]
    kept = (await work.execute(_HOLD, rows)).all()
    if len(kept) != len(rows):
        raise DatabaseBusy


async def forget_before(work: "Work", instant: datetime) -> int:
    """Forgets facts taken in before `instant`; gives how many. Choose it older than any stream keeps its facts."""
    gone = await work.execute(delete(inbox).where(inbox.c.received_at < instant))
    return gone.rowcount
