"""Tries as rows: one row for what is tried, so that two at once wait for each other."""

import json
from collections.abc import Sequence
from datetime import datetime

from servicekit.sql import UtcDateTime, Work, insert
from sqlalchemy import Column, Table, Text, delete, update

from shared_identity.tables import METADATA

throttle = Table(
    "throttle",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("tries", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
)
"""Recent tries; `key` is a digest, and the row may go after `until`."""


_TOUCH = insert(throttle)
_HOLD = _TOUCH.on_conflict_do_update(
    index_elements=[throttle.c.kind, throttle.c.key], set_={"kind": _TOUCH.excluded.kind}
).returning(throttle.c.tries)


async def tries_for_update(work: Work, kind: str, key: str, now: datetime) -> Sequence[datetime]:
    """The tries kept; nobody else may add one before this work ends.

    One statement makes the row or holds it: between two, somebody who signs in may take it away.
    """
    kept = await work.execute(_HOLD, {"kind": kind, "key": key, "tries": "[]", "until": now})
    return [datetime.fromisoformat(at) for at in json.loads(kept.scalar_one())]


async def keep(work: Work, kind: str, key: str, tries: Sequence[datetime], until: datetime) -> None:
    """Keeps these tries and no others."""
    text = json.dumps([at.isoformat() for at in tries])
    await work.execute(
        update(throttle).where(throttle.c.kind == kind, throttle.c.key == key).values(tries=text, until=until)
    )


async def forget(work: Work, kind: str, key: str) -> None:
    """Forgets the tries."""
    await work.execute(delete(throttle).where(throttle.c.kind == kind, throttle.c.key == key))


async def forget_before(work: Work, now: datetime) -> None:
    """Forgets what no longer counts."""
    await work.execute(delete(throttle).where(throttle.c.until <= now))
