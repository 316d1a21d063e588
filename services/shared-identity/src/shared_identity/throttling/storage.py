"""Tries as rows: one row for what is tried, so that two at once wait for each other."""

import json
from collections.abc import Sequence
from datetime import datetime

from servicekit.sql import UtcDateTime, Work, insert_if_absent
from sqlalchemy import Column, Table, Text, delete, select, update

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

tables = (throttle,)


async def tries_for_update(work: Work, kind: str, key: str, now: datetime) -> Sequence[datetime]:
    """The tries kept; nobody else may add one before this work ends."""
    await insert_if_absent(work, throttle, {"kind": kind, "key": key, "tries": "[]", "until": now})
    kept = select(throttle.c.tries).where(throttle.c.kind == kind, throttle.c.key == key).with_for_update()
    return [datetime.fromisoformat(at) for at in json.loads((await work.execute(kept)).scalar_one())]


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
