"""Presences, usages and revoked cards in the database: a booking counts once, whatever happens at the door."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import Work, insert_if_absent
from sqlalchemy import Row, bindparam, select, tuple_

from coworking.check_ins.domain import CheckIn, Usage
from coworking.spans import Span
from coworking.tables import check_in, revoked_card, usage

_NEWEST = (check_in.c.checked_in_at, check_in.c.check_in_id)
_OF_BOOKING = select(check_in).where(check_in.c.booking_id == bindparam("booking_id"))
_REVOKED = select(revoked_card.c.card_id).where(revoked_card.c.card_id == bindparam("card_id"))

CheckInKey = tuple[datetime, str]
"""Where a list of presences goes on: instant, id."""


async def add_check_in(work: Work, new: CheckIn) -> bool:
    """Keeps a presence; False when its booking has one already."""
    row = {
        "check_in_id": new.check_in_id,
        "place_id": new.place_id,
        "person_id": new.person_id,
        "booking_id": new.booking_id,
        "checked_in_at": new.at,
        "half_days": new.half_days,
    }
    return bool(await insert_if_absent(work, check_in, row))


async def check_in_of(work: Work, booking_id: str) -> CheckIn:
    """The presence of a booking that has one."""
    return _check_in((await work.execute(_OF_BOOKING, {"booking_id": booking_id})).one())


async def add_usage(work: Work, new: Usage) -> bool:
    """Keeps a usage; False when its booking was counted already."""
    row = {
        "usage_id": new.usage_id,
        "booking_id": new.booking_id,
        "entitlement_id": new.entitlement_id,
        "half_days": new.half_days,
        "day": new.day,
        "amount_cents": new.amount.cents,
        "currency": new.amount.currency,
    }
    return bool(await insert_if_absent(work, usage, row))


async def of_day(work: Work, place_id: str, day: Span, *, after: CheckInKey | None, most: int) -> Sequence[CheckIn]:
    """Presences at a place within a day, newest first, after a key."""
    at = check_in.c.checked_in_at
    wanted = [check_in.c.place_id == place_id, at >= day.start, at < day.end]
    wanted += [tuple_(*_NEWEST) < after] if after is not None else []
    newest_first = [column.desc() for column in _NEWEST]
    rows = await work.execute(select(check_in).where(*wanted).order_by(*newest_first).limit(most))
    return [_check_in(row) for row in rows]


async def revoke(work: Work, card_id: str, at: datetime) -> None:
    """Keeps that a card opens nothing any more."""
    await insert_if_absent(work, revoked_card, {"card_id": card_id, "revoked_at": at})


async def is_revoked(work: Work, card_id: str) -> bool:
    """Whether a card opens nothing any more."""
    return (await work.execute(_REVOKED, {"card_id": card_id})).first() is not None


async def revoked_since(work: Work, instant: datetime) -> Sequence[str]:
    """Cards revoked since an instant."""
    found = select(revoked_card.c.card_id).where(revoked_card.c.revoked_at >= instant)
    return list((await work.execute(found)).scalars())


def _check_in(row: Row[Any]) -> CheckIn:
    return CheckIn(
        check_in_id=row.check_in_id,
        place_id=row.place_id,
        person_id=row.person_id,
        booking_id=row.booking_id,
        at=row.checked_in_at,
        half_days=row.half_days,
    )
