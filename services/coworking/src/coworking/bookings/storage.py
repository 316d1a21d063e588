"""Bookings in the database: who took which quarter of an hour is decided by a primary key."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from servicekit.sql import Work, insert_if_absent
from sqlalchemy import Row, Select, bindparam, delete, insert, select, tuple_, update

from coworking.bookings.domain import (
    Booking,
    BookingState,
    Cover,
    ResourceAlreadyBooked,
    Stay,
    Taken,
    UnknownBooking,
)
from coworking.money import Money
from coworking.spans import Span
from coworking.tables import booking, resource_slot

_LONGEST = timedelta(days=1, hours=1)
"""No booking is longer than a day of a place: 25 hours when clocks go back."""

_BY_START = (booking.c.start_at, booking.c.booking_id)
_ORDER = tuple_(*_BY_START)
_LIVE = booking.c.state != BookingState.CANCELLED.value
_ADD = insert(booking)
_TAKEN_BY = (resource_slot.c.booking_id,)
_ONE = select(booking).where(booking.c.booking_id == bindparam("booking_id"))
_ONE_LOCKED = _ONE.with_for_update(key_share=True)
_SAVE = (
    update(booking)
    .where(booking.c.booking_id == bindparam("of_booking"))
    .values(state=bindparam("new_state"), version=bindparam("new_version"), changed_at=bindparam("at"))
)
_BUSY_UNITS = select(booking.c.unit).where(
    booking.c.place_id == bindparam("place_id"),
    booking.c.day == bindparam("day"),
    booking.c.resource_id == bindparam("resource_id"),
    _LIVE,
    booking.c.start_at < bindparam("end_at"),
    booking.c.end_at > bindparam("start_at"),
)
_TAKEN = select(booking.c.resource_id, booking.c.unit, booking.c.start_at, booking.c.end_at).where(
    booking.c.place_id == bindparam("place_id"), booking.c.day == bindparam("day"), _LIVE
)
_FREE = delete(resource_slot).where(
    resource_slot.c.resource_id == bindparam("resource_id"),
    resource_slot.c.unit == bindparam("unit"),
    resource_slot.c.starts_at >= bindparam("start_at"),
    resource_slot.c.starts_at < bindparam("end_at"),
    resource_slot.c.booking_id == bindparam("booking_id"),
)

BookingKey = tuple[datetime, str]
"""Where a list of bookings goes on: start, id."""


async def busy_units(work: Work, stay: Stay) -> Sequence[int]:
    """Units of the space that are taken at some moment of the stay, as far as this work can see."""
    asked = {
        "place_id": stay.resource.place_id,
        "day": stay.day,
        "resource_id": stay.resource.resource_id,
        "start_at": stay.wish.span.start,
        "end_at": stay.wish.span.end,
    }
    return list((await work.execute(_BUSY_UNITS, asked)).scalars())


async def hold(work: Work, stay: Stay, booking_id: str, candidates: Sequence[int]) -> int:
    """Takes every quarter of the stay on the first candidate unit that has them all, and gives that unit.

    Raises ResourceAlreadyBooked when another booking was quicker on each: the primary key decides, not what was read.
    Candidates must rise: two works that wait for each other's quarters could otherwise wait for ever.
    """
    for unit in candidates:
        wanted = [_slot(stay, booking_id, unit, quarter) for quarter in stay.wish.span.quarters()]
        if len(await insert_if_absent(work, resource_slot, wanted, returning=_TAKEN_BY)) == len(wanted):
            return unit
        await _free(work, stay.resource.resource_id, unit, stay.wish.span, booking_id)
    raise ResourceAlreadyBooked(field="resource_id")


async def release(work: Work, of: Booking) -> None:
    """Gives back every quarter a booking owns."""
    await _free(work, of.resource_id, of.unit, of.span, of.booking_id)


async def add(work: Work, new: Booking) -> None:
    """Keeps a new booking; its quarters are held already."""
    row = {
        "booking_id": new.booking_id,
        "resource_id": new.resource_id,
        "place_id": new.place_id,
        "unit": new.unit,
        "person_id": new.person_id,
        "start_at": new.span.start,
        "end_at": new.span.end,
        "day": new.day,
        "state": new.state.value,
        "coverage": new.cover.coverage.value,
        "price_cents": new.cover.price.cents,
        "currency": new.cover.price.currency,
        "entitlement_id": new.cover.entitlement_id,
        "half_days": new.half_days,
        "created_at": new.created_at,
        "changed_at": new.created_at,
        "version": new.version,
    }
    work.send(_ADD, row)


async def save(work: Work, changed: Booking, *, at: datetime) -> None:
    """Keeps how far a booking has come; it was read for update in this work."""
    row = {
        "of_booking": changed.booking_id,
        "new_state": changed.state.value,
        "new_version": changed.version,
        "at": at,
    }
    await work.execute(_SAVE, row)


async def find(work: Work, booking_id: str) -> Booking | None:
    """One booking, or None."""
    row = (await work.execute(_ONE, {"booking_id": booking_id})).first()
    return None if row is None else _booking(row)


async def get_for_update(work: Work, booking_id: str) -> Booking:
    """One booking, that nobody else changes until this work ends; raises UnknownBooking."""
    row = (await work.execute(_ONE_LOCKED, {"booking_id": booking_id})).first()
    if row is None:
        raise UnknownBooking(field="booking_id")
    return _booking(row)


async def resting_on_for_update(work: Work, entitlement_id: str) -> Sequence[Booking]:
    """Bookings still to come that rest on a right, in one order for all who lock them."""
    found = (
        select(booking)
        .where(booking.c.entitlement_id == entitlement_id, booking.c.state == BookingState.CONFIRMED.value)
        .order_by(booking.c.booking_id)
        .with_for_update(key_share=True)
    )
    return await _bookings(work, found)


async def live_around(work: Work, person_id: str, around: Span) -> Sequence[Booking]:
    """A person's bookings, cancelled ones aside, that overlap a span; by start."""
    return await _bookings(work, _around(around).where(booking.c.person_id == person_id))


async def everybodys_live_around(work: Work, around: Span) -> Sequence[Booking]:
    """Everybody's bookings, cancelled ones aside, that overlap a span."""
    return await _bookings(work, _around(around))


async def changed_since(work: Work, instant: datetime) -> Sequence[tuple[str, int, str]]:
    """Bookings changed since an instant: id, version, person."""
    columns = (booking.c.booking_id, booking.c.version, booking.c.person_id)
    rows = await work.execute(select(*columns).where(booking.c.changed_at >= instant))
    return [(row.booking_id, row.version, row.person_id) for row in rows]


async def taken_on(work: Work, place_id: str, day: date) -> Sequence[Taken]:
    """What is taken at a place on one of its days."""
    rows = await work.execute(_TAKEN, {"place_id": place_id, "day": day})
    return [
        Taken(resource_id=row.resource_id, unit=row.unit, span=Span(start=row.start_at, end=row.end_at)) for row in rows
    ]


async def to_come(
    work: Work, person_id: str, at: datetime, *, live_only: bool, after: BookingKey | None, most: int
) -> Sequence[Booking]:
    """A person's bookings that are not over at an instant, the next first, after a key."""
    wanted = [booking.c.person_id == person_id, booking.c.start_at > at - _LONGEST, booking.c.end_at > at]
    wanted += [_LIVE] if live_only else []
    wanted += [after < _ORDER] if after is not None else []
    return await _bookings(work, select(booking).where(*wanted).order_by(*_BY_START).limit(most))


async def over(work: Work, person_id: str, at: datetime, *, after: BookingKey | None, most: int) -> Sequence[Booking]:
    """A person's bookings that are over at an instant, the latest first, after a key."""
    wanted = [booking.c.person_id == person_id, booking.c.end_at <= at]
    wanted += [after > _ORDER] if after is not None else []
    latest_first = [column.desc() for column in _BY_START]
    return await _bookings(work, select(booking).where(*wanted).order_by(*latest_first).limit(most))


async def of_day(work: Work, place_id: str, day: date, *, after: BookingKey | None, most: int) -> Sequence[Booking]:
    """Bookings of a day at a place, cancelled ones included, by start, after a key."""
    wanted = [booking.c.place_id == place_id, booking.c.day == day]
    wanted += [after < _ORDER] if after is not None else []
    return await _bookings(work, select(booking).where(*wanted).order_by(*_BY_START).limit(most))


def _slot(stay: Stay, booking_id: str, unit: int, quarter: datetime) -> dict[str, object]:
    return {
        "resource_id": stay.resource.resource_id,
        "unit": unit,
        "starts_at": quarter,
        "booking_id": booking_id,
    }


async def _free(work: Work, resource_id: str, unit: int, span: Span, booking_id: str) -> None:
    """Gives back the quarters of a unit that one booking owns, and no other's."""
    owned = {
        "resource_id": resource_id,
        "unit": unit,
        "start_at": span.start,
        "end_at": span.end,
        "booking_id": booking_id,
    }
    await work.execute(_FREE, owned)


def _around(span: Span) -> Select[*tuple[Any, ...]]:
    return (
        select(booking)
        .where(
            booking.c.start_at > span.start - _LONGEST,
            booking.c.start_at < span.end,
            booking.c.end_at > span.start,
            _LIVE,
        )
        .order_by(*_BY_START)
    )


async def _bookings(work: Work, query: Select[*tuple[Any, ...]]) -> Sequence[Booking]:
    return [_booking(row) for row in await work.execute(query)]


def _booking(row: Row[Any]) -> Booking:
    price = Money(cents=row.price_cents, currency=row.currency)
    return Booking(
        booking_id=row.booking_id,
        resource_id=row.resource_id,
        place_id=row.place_id,
        unit=row.unit,
        person_id=row.person_id,
        span=Span(start=row.start_at, end=row.end_at),
        day=row.day,
        half_days=row.half_days,
        cover=Cover(price=price, entitlement_id=row.entitlement_id),
        created_at=row.created_at,
        state=BookingState(row.state),
        version=row.version,
    )
