"""Pools as rows. The database refuses: a CHECK on each row, and no seat taken but by one conditional UPDATE.

Whoever locks several pools of an event locks the open one first, then allocations by id, then those of sessions by
session: nobody waits in a circle. The open pool's row is also the lock of the event's waiting list (see `lock`).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work, insert
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
    update,
)

from shared_identity.seats.domain import Pool, PoolKind
from shared_identity.tables import METADATA

pool = Table(
    "pool",
    METADATA,
    Column("pool_id", Text, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("organiser_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("release_at", UtcDateTime),
    Column("open_to_members", Boolean, nullable=False),
    # One open pool an event, one an organiser, one a session: whoever makes it.
    UniqueConstraint("event_id", "kind", "organiser_id", "session_id", name="uq_pool_of"),
    CheckConstraint("taken >= 0 AND taken <= size", name="never_oversold"),
)
"""Seats: how many, how many taken."""

_RANK = case({PoolKind.OPEN.value: 0, PoolKind.ALLOCATION.value: 1}, value=pool.c.kind, else_=2)
_OF_EVENT = (
    select(pool).where(pool.c.event_id == bindparam("event_id")).order_by(_RANK, pool.c.session_id, pool.c.pool_id)
)
_LOCKED = _OF_EVENT.with_for_update()
_ROOM = pool.c.taken < pool.c.size
_ONE: ColumnElement[int] = literal_column("1", Integer)
_OPEN: ColumnElement[str] = literal_column(f"'{PoolKind.OPEN}'", Text)
_SESSION: ColumnElement[str] = literal_column(f"'{PoolKind.SESSION}'", Text)
_TAKE_OPEN = (
    update(pool)
    .where(pool.c.event_id == bindparam("of_event"), pool.c.kind == _OPEN, _ROOM)
    .values(taken=pool.c.taken + _ONE)
    .returning(pool.c.pool_id)
)
_TAKE_SESSION = (
    update(pool)
    .where(
        pool.c.event_id == bindparam("of_event"),
        pool.c.kind == _SESSION,
        pool.c.session_id == bindparam("of_session"),
        _ROOM,
    )
    .values(taken=pool.c.taken + _ONE)
    .returning(pool.c.pool_id)
)
_TAKE = (
    update(pool)
    .where(pool.c.pool_id == bindparam("of_pool"), _ROOM)
    .values(taken=pool.c.taken + _ONE)
    .returning(pool.c.pool_id)
)
_GIVE_BACK = (
    update(pool).where(pool.c.pool_id == bindparam("of_pool"), pool.c.taken > 0).values(taken=pool.c.taken - _ONE)
).returning(pool.c.pool_id)
_RESIZE = (
    update(pool)
    .where(pool.c.pool_id == bindparam("of_pool"), pool.c.size + bindparam("more") >= pool.c.taken)
    .values(size=pool.c.size + bindparam("more"))
    .returning(pool.c.pool_id)
)
_RULE = (
    update(pool)
    .where(pool.c.pool_id == bindparam("of_pool"))
    .values(release_at=bindparam("until"), open_to_members=bindparam("to_members"))
)
_DROP = delete(pool).where(pool.c.pool_id == bindparam("of_pool"), pool.c.taken == 0).returning(pool.c.pool_id)
_ADD = insert(pool).on_conflict_do_nothing().returning(pool.c.pool_id)


async def of_event(work: Work, event_id: str) -> Sequence[Pool]:
    """The pools of an event: open, allocations, sessions."""
    return [_pool(row) for row in await work.execute(_OF_EVENT, {"event_id": event_id})]


async def sizes(work: Work, event_ids: Collection[str]) -> Mapping[str, int]:
    """How many seats each of these events has; a session's are seats of its event."""
    many = func.sum(pool.c.size).label("many")
    wanted = select(pool.c.event_id, many).where(pool.c.event_id.in_(event_ids), pool.c.kind != PoolKind.SESSION.value)
    return {row.event_id: int(row.many) for row in await work.execute(wanted.group_by(pool.c.event_id))}


async def lock(work: Work, event_id: str) -> Sequence[Pool]:
    """The pools of an event, that nobody else changes until this work ends; read once they are held."""
    return [_pool(row) for row in await work.execute(_LOCKED, {"event_id": event_id})]


async def find(work: Work, pool_id: str) -> Pool | None:
    """One pool."""
    row = (await work.execute(select(pool).where(pool.c.pool_id == pool_id))).first()
    return None if row is None else _pool(row)


async def add(work: Work, new: Pool) -> bool:
    """Keeps a new pool; False when there is one of its kind already."""
    row = {column.name: getattr(new, column.name) for column in pool.columns} | {"kind": new.kind.value}
    return (await work.execute(_ADD, row)).first() is not None


async def take_open(work: Work, event_id: str) -> str | None:
    """Takes a seat for anybody and gives its pool; None when none is free."""
    row = (await work.execute(_TAKE_OPEN, {"of_event": event_id})).first()
    return None if row is None else row.pool_id


async def take_session(work: Work, event_id: str, session_id: str) -> bool:
    """Takes a seat of a session; False when none is free, or it has no seats."""
    given = {"of_event": event_id, "of_session": session_id}
    return (await work.execute(_TAKE_SESSION, given)).first() is not None


async def take(work: Work, pool_id: str) -> bool:
    """Takes a seat of a pool; False when none is free."""
    return (await work.execute(_TAKE, {"of_pool": pool_id})).first() is not None


async def give_back(work: Work, pool_id: str) -> bool:
    """Gives a seat back; False when none was taken."""
    return (await work.execute(_GIVE_BACK, {"of_pool": pool_id})).first() is not None


async def resize(work: Work, pool_id: str, more: int) -> bool:
    """Makes a pool larger, or smaller by a negative number; False when more than that are taken."""
    return (await work.execute(_RESIZE, {"of_pool": pool_id, "more": more})).first() is not None


async def rule(work: Work, pool_id: str, *, release_at: datetime | None, open_to_members: bool) -> None:
    """Changes who may take from an allocation, and until when."""
    await work.execute(_RULE, {"of_pool": pool_id, "until": release_at, "to_members": open_to_members})


async def drop(work: Work, pool_id: str) -> bool:
    """Forgets a pool; False when a seat of it is taken."""
    return (await work.execute(_DROP, {"of_pool": pool_id})).first() is not None


def _pool(row: Row[*tuple[Any, ...]]) -> Pool:
    return Pool(
        pool_id=row.pool_id,
        event_id=row.event_id,
        kind=PoolKind(row.kind),
        organiser_id=row.organiser_id,
        session_id=row.session_id,
        size=row.size,
        taken=row.taken,
        release_at=row.release_at,
        open_to_members=row.open_to_members,
    )
