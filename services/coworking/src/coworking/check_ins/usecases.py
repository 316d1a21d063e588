"""What is done at the door: let in once, count once."""

from collections.abc import Sequence
from datetime import date, datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking
from coworking.check_ins import domain, storage, wire
from coworking.check_ins.domain import Card, CardRevoked, CheckIn, NoBookingNow, Usage
from coworking.check_ins.storage import CheckInKey
from coworking.places import usecases as places
from coworking.rights import usecases as rights
from coworking.spans import QUARTER, Span, whole_day


async def check_in_by_card(work: Work, card: Card, place_id: str, *, now: datetime) -> tuple[CheckIn, Booking]:
    """Lets the holder of a card in on what they booked; the second time gives the first presence.

    Raises CardRevoked, NoBookingNow.
    """
    if await storage.is_revoked(work, card.card_id):
        raise CardRevoked(field="card_code")
    near = Span(start=now, end=now + domain.EARLY + QUARTER)
    found = domain.opening(await bookings.live_bookings(work, card.person_id, near), place_id, now)
    if found is None:
        raise NoBookingNow(field="place_id")
    booking = await bookings.booking_for_update(work, found.booking_id)
    if domain.opening([booking], place_id, now) is None:
        raise NoBookingNow(field="place_id")
    return await _let_in(work, booking, now)


async def check_in_booking(work: Work, booking_id: str, *, now: datetime) -> tuple[CheckIn, Booking]:
    """Notes that the holder of a booking came; raises UnknownBooking, AlreadyCheckedIn, NoBookingNow."""
    booking = await bookings.booking_for_update(work, booking_id)
    domain.check_known_presence(booking, now)
    return await _let_in(work, booking, now)


async def list_of_day(work: Work, place_id: str, on: date, *, after: CheckInKey | None, most: int) -> Sequence[CheckIn]:
    """Presences of a day at a place, newest first, after a key; raises UnknownPlace."""
    place = await places.place(work, place_id)
    return await storage.of_day(work, place_id, whole_day(on, place.zone), after=after, most=most)


async def revoke_card(work: Work, card_id: str, *, now: datetime) -> None:
    """Keeps that a card opens nothing any more."""
    await storage.revoke(work, card_id, now)


async def _let_in(work: Work, booking: Booking, now: datetime) -> tuple[CheckIn, Booking]:
    new = domain.presence(booking, new_id("checkin"), now=now)
    if not await storage.add_check_in(work, new):
        return await storage.check_in_of(work, booking.booking_id), booking
    marked = await bookings.check_in(work, booking, new.check_in_id, now=now)
    await _count(work, booking, now)
    return new, marked


async def _count(work: Work, booking: Booking, now: datetime) -> None:
    """Records the usage of a right, once a booking; a booking that its holder pays for uses none."""
    right = await rights.entitlement(work, booking.cover.entitlement_id) if booking.cover.entitlement_id else None
    if right is None:
        return
    usage = Usage(
        usage_id=new_id("usage"),
        booking_id=booking.booking_id,
        entitlement_id=right.entitlement_id,
        half_days=booking.half_days,
        day=booking.day,
        amount=right.price.times(booking.half_days),
    )
    if await storage.add_usage(work, usage):
        work.announce(wire.usage_recorded(usage, at=now))
