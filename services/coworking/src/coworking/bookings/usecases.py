"""What is done with bookings: load, decide, save, announce. One function a verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from coworking.bookings import domain, storage, wire
from coworking.bookings.domain import (
    Booking,
    BookingState,
    BookingWish,
    Bookmark,
    Cover,
    Coverage,
    Opening,
    Quote,
    Stay,
    UnknownBooking,
)
from coworking.bookings.storage import BookingKey
from coworking.places import usecases as places
from coworking.places.domain import Place, Resource
from coworking.rights import usecases as rights
from coworking.rights.domain import NoHalfDaysLeft, Right
from coworking.spans import Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day of a place: what is free in each of its spaces."""

    place: Place
    openings: Sequence[tuple[Resource, Sequence[Opening]]]


async def book(work: Work, wish: BookingWish, *, now: datetime, booking_id: str = "") -> Booking:
    """Holds a space.

    Raises UnknownResource, what `domain.accept` refuses, ResourceAlreadyBooked, NoHalfDaysLeft.
    """
    resource, place = await places.resource_and_place(work, wish.resource_id)
    stay = domain.accept(wish, resource, place, now=now)
    cover = _cover(stay, await _reserve(work, stay))
    booking_id = booking_id or new_id("booking")
    free = domain.free_units(stay, await storage.busy_units(work, stay))
    unit = await storage.hold(work, stay, booking_id, free)
    booking = domain.confirm(stay, cover, unit=unit, booking_id=booking_id, now=now)
    await storage.add(work, booking)
    work.announce(wire.booking_confirmed(booking, at=now))
    return booking


async def quote(work: Work, wish: BookingWish, *, now: datetime) -> Quote:
    """What booking would cost, nothing held; raises what `book` raises."""
    resource, place = await places.resource_and_place(work, wish.resource_id)
    stay = domain.accept(wish, resource, place, now=now)
    domain.free_units(stay, await storage.busy_units(work, stay))
    right = await rights.find_cover(work, wish.person_id, resource.kind, stay.day, stay.half_days)
    return Quote(stay=stay, cover=_cover(stay, right), right=right)


async def cancel(work: Work, booking_id: str, *, by: str | None, now: datetime) -> Booking:
    """Gives a space back; `by` is its holder, or None when staff does it. Cancelling twice changes nothing.

    Raises UnknownBooking (also to whoever it does not belong to), AlreadyCheckedIn.
    """
    booking = await storage.get_for_update(work, booking_id)
    if by not in (None, booking.person_id):
        raise UnknownBooking(field="booking_id")
    if booking.state is BookingState.CANCELLED:
        return booking
    return await _give_back(work, booking, now)


async def give_back_uncovered(work: Work, entitlement_id: str, *, now: datetime) -> None:
    """Cancels the bookings that a changed right no longer carries: those after its last day or before its first."""
    right = await rights.entitlement(work, entitlement_id)
    if right is None:
        return
    for booking in await storage.resting_on_for_update(work, entitlement_id):
        if not right.still_carries(booking.day):
            await _give_back(work, booking, now)


async def check_in(work: Work, booking: Booking, check_in_id: str, *, now: datetime) -> Booking:
    """Marks that the holder came; the booking was read for update. Raises AlreadyCheckedIn."""
    marked = booking.checked_in()
    await storage.save(work, marked, at=now)
    work.announce(wire.booking_checked_in(marked, check_in_id, at=now))
    return marked


async def booking(work: Work, booking_id: str) -> Booking | None:
    """One booking, or None."""
    return await storage.find(work, booking_id)


async def booking_for_update(work: Work, booking_id: str) -> Booking:
    """One booking, that nobody else changes until this work ends; raises UnknownBooking."""
    return await storage.get_for_update(work, booking_id)


async def live_bookings(work: Work, person_id: str, around: Span) -> Sequence[Booking]:
    """A person's bookings that overlap a span, cancelled ones aside; by start."""
    return await storage.live_around(work, person_id, around)


async def everybodys_live_bookings(work: Work, around: Span) -> Sequence[Booking]:
    """Everybody's bookings that overlap a span, cancelled ones aside; by start."""
    return await storage.everybodys_live_around(work, around)


async def changed_since(work: Work, instant: datetime) -> Sequence[tuple[str, int, str]]:
    """Bookings changed since an instant: id, version, person."""
    return await storage.changed_since(work, instant)


async def day(work: Work, place_id: str, on: date) -> Day:
    """What is free at a place on a day; raises UnknownPlace."""
    place = await places.place(work, place_id)
    resources = await places.resources_of(work, place_id)
    taken = await storage.taken_on(work, place_id, on)
    return Day(place=place, openings=domain.day_openings(place, resources, on, taken))


async def list_of_person(
    work: Work, person_id: str, mark: Bookmark | None, *, upcoming_only: bool, now: datetime, most: int
) -> Sequence[Booking]:
    """A person's bookings, the next first, past ones after; from a bookmark on.

    `upcoming_only` leaves out those over or cancelled.
    """
    as_of, key = (mark.as_of, (mark.start, mark.booking_id)) if mark else (now, None)
    found: list[Booking] = []
    if not (mark and mark.over):
        found += await storage.to_come(work, person_id, as_of, live_only=upcoming_only, after=key, most=most)
        key = None
    if not upcoming_only and len(found) < most:
        found += await storage.over(work, person_id, as_of, after=key, most=most - len(found))
    return found


async def list_of_day(work: Work, place_id: str, on: date, *, after: BookingKey | None, most: int) -> Sequence[Booking]:
    """Bookings of a day at a place, by start, after a key; raises UnknownPlace."""
    await places.place(work, place_id)
    return await storage.of_day(work, place_id, on, after=after, most=most)


async def _reserve(work: Work, stay: Stay) -> Right | None:
    """The right that pays, its half-days reserved; None when nobody asked for one."""
    wish = stay.wish
    if wish.coverage is Coverage.PRICE:
        return None
    return await rights.reserve_cover(work, wish.person_id, stay.resource.kind, stay.day, stay.half_days)


def _cover(stay: Stay, right: Right | None) -> Cover:
    if right is not None:
        return Cover(price=stay.price.nothing(), entitlement_id=right.entitlement.entitlement_id)
    if stay.wish.coverage is Coverage.ENTITLEMENT:
        raise NoHalfDaysLeft(field="coverage")
    return Cover(price=stay.price)


async def _give_back(work: Work, booking: Booking, now: datetime) -> Booking:
    cancelled = booking.cancelled()
    await storage.save(work, cancelled, at=now)
    if booking.cover.entitlement_id is not None:
        await rights.give_back(work, booking.cover.entitlement_id, booking.day, booking.half_days)
    await storage.release(work, booking)
    work.announce(wire.booking_cancelled(cancelled, at=now))
    return cancelled
