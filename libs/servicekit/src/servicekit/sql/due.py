"""What must be done later, as rows: holds that lapse, offers that end, reminders."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Delete, Executable, Row, bindparam, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from servicekit.sql.tables import due

if TYPE_CHECKING:
    from servicekit.sql.work import Work


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """Something of a kind (`hold_lapsed`) to be done about one thing (its key) at an instant, not before."""

    kind: str
    key: str
    at: datetime
    payload: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A due row taken to be handled, and how often that failed before."""

    due: Due
    attempts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Failing:
    """A due row whose handling failed, kept until it succeeds."""

    due: Due
    attempts: int
    failure: str
    next_try: datetime


_scheduled = insert(due)
_PUT = _scheduled.on_conflict_do_update(
    index_elements=[due.c.kind, due.c.key],
    set_={name: _scheduled.excluded[name] for name in ("due_at", "try_at", "payload", "attempts", "failure")},
)
_ONE = (due.c.kind == bindparam("of_kind")) & (due.c.key == bindparam("of_key"))
_REMOVE = delete(due).where(_ONE)
_RIPE = (due.c.kind.in_(bindparam("kinds", expanding=True))) & (due.c.try_at <= bindparam("now"))
_ANY = select(due.c.kind).where(_RIPE).limit(1)
_next = (
    select(due.c.kind, due.c.key)
    .where(_RIPE)
    .order_by(due.c.try_at)
    .limit(1)
    .with_for_update(skip_locked=True)
    .cte("next")
)
_TAKE = delete(due).where(tuple_(due.c.kind, due.c.key).in_(select(_next))).returning(due)
_POSTPONE = (
    update(due)
    .where(_ONE)
    .values(try_at=bindparam("next_try"), attempts=bindparam("after"), failure=bindparam("because"))
)


def putting(dues: Iterable[Due]) -> tuple[Executable, Sequence[Mapping[str, object]]]:
    """The statement that writes dues down, sorted; one of the same kind and key is replaced."""
    ordered = sorted(dues, key=lambda later: (later.kind, later.key))
    return _PUT, [_row(later) for later in ordered]


async def remove(work: "Work", kind: str, key: str) -> bool:
    """Takes a due back; False when there is none."""
    return (await work.execute(*removing(kind, key))).rowcount > 0


def removing(kind: str, key: str) -> tuple[Delete, Mapping[str, object]]:
    """The statement that takes a due back."""
    return _REMOVE, {"of_kind": kind, "of_key": key}


async def is_ripe(work: "Work", kinds: Sequence[str], now: datetime) -> bool:
    """Whether something of these kinds should be done by now."""
    return (await work.execute(_ANY, {"kinds": list(kinds), "now": now})).first() is not None


async def take(work: "Work", kinds: Sequence[str], now: datetime) -> Taken | None:
    """Takes the ripest due away, in this transaction: undone, it is back; a row someone else handles is passed over."""
    row = (await work.execute(_TAKE, {"kinds": list(kinds), "now": now})).first()
    return None if row is None else Taken(due=_due(row), attempts=row.attempts)


async def postpone(work: "Work", failed: Taken, *, until: datetime, failure: str) -> None:
    """Keeps a due whose handling failed for another try."""
    await work.execute(
        _POSTPONE,
        {
            "of_kind": failed.due.kind,
            "of_key": failed.due.key,
            "next_try": until,
            "after": failed.attempts + 1,
            "because": failure,
        },
    )


async def failing(work: "Work", *, limit: int = 100) -> Sequence[Failing]:
    """The dues whose handling failed, the most tried first: for operators."""
    rows = await work.execute(
        select(due).where(due.c.attempts > 0).order_by(due.c.attempts.desc(), due.c.kind, due.c.key).limit(limit)
    )
    return [Failing(due=_due(row), attempts=row.attempts, failure=row.failure, next_try=row.try_at) for row in rows]


def _row(later: Due) -> dict[str, object]:
    return {
        "kind": later.kind,
        "key": later.key,
        "due_at": later.at,
        "try_at": later.at,
        "payload": json.dumps(dict(later.payload)),
        "attempts": 0,
        "failure": "",
    }


def _due(row: Row[*tuple[object, ...]]) -> Due:
    return Due(kind=row.kind, key=row.key, at=row.due_at, payload=json.loads(row.payload))
