"""Booking and giving back, as the use cases promise it on both engines."""

from datetime import timedelta

import pytest
from coworking.bookings import usecases
from coworking.bookings.domain import (
    AlreadyCheckedIn,
    BookingState,
    Coverage,
    InThePast,
    ResourceAlreadyBooked,
    UnknownBooking,
)
from coworking.money import Money
from coworking.places.domain import UnknownResource
from coworking.rights.domain import NoHalfDaysLeft
from coworking.tables import booking as booking_table
from coworking.tables import resource_slot
from servicekit.identifiers import new_id
from servicekit.sql import Database
from stored import count
from village import CAMILLE, HALF_DAY, JO, NOW, a_place, a_resource, a_wish, at, book, settle, told, verbs


async def test_a_booking_takes_its_quarters_and_says_so(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    booking = await book(database, a_wish(seat, start=9, end=10.5))
    assert (booking.unit, booking.half_days, booking.state) == (1, 1, BookingState.CONFIRMED)
    assert booking.cover.price == HALF_DAY
    assert await count(database, resource_slot) == 6
    (fact,) = await told(database)
    assert (fact.subject, fact.fact.version) == ("la-ruche.coworking.own.booking.confirmed", 1)


async def test_what_was_booked_reads_back_the_same(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    booking = await book(database, a_wish(seat))
    async with database.reading() as work:
        assert await usecases.booking(work, booking.booking_id) == booking


async def test_a_taken_seat_is_refused_and_nothing_is_half_written(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    await book(database, a_wish(seat, start=9, end=13))
    with pytest.raises(ResourceAlreadyBooked):
        await book(database, a_wish(seat, CAMILLE, start=12, end=14))
    assert await count(database, booking_table) == 1
    assert await count(database, resource_slot) == 16
    assert await verbs(database) == ["booking_confirmed"]


async def test_bookings_that_touch_do_not_collide(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    await book(database, a_wish(seat, start=9, end=13))
    assert (await book(database, a_wish(seat, CAMILLE, start=13, end=14))).unit == 1


async def test_each_booking_gets_a_unit_of_its_own_until_there_are_none(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=3)
    await settle(database, place, seats)
    assert [(await book(database, a_wish(seats))).unit for _ in range(3)] == [1, 2, 3]
    with pytest.raises(ResourceAlreadyBooked):
        await book(database, a_wish(seats))


async def test_an_unknown_space_is_refused(database: Database) -> None:
    place = a_place()
    await settle(database, place)
    with pytest.raises(UnknownResource):
        await book(database, a_wish(a_resource(place)))


async def test_a_wish_for_a_right_without_one_is_refused(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    with pytest.raises(NoHalfDaysLeft):
        await book(database, a_wish(seat, coverage=Coverage.ENTITLEMENT))
    assert await count(database, resource_slot) == 0


async def test_a_quote_says_what_booking_would_cost_and_holds_nothing(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    async with database.reading() as work:
        quote = await usecases.quote(work, a_wish(seat, start=9, end=18), now=NOW)
    assert (quote.cover.coverage, quote.cover.price, quote.stay.half_days) == (Coverage.PRICE, Money(cents=1800), 2)
    assert await count(database, resource_slot) == 0


async def test_a_quote_is_refused_like_a_booking(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    await book(database, a_wish(seat))
    async with database.reading() as work:
        with pytest.raises(ResourceAlreadyBooked):
            await usecases.quote(work, a_wish(seat), now=NOW)
        with pytest.raises(InThePast):
            await usecases.quote(work, a_wish(seat), now=at(12))


async def test_cancelling_gives_the_seat_back(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    first = await book(database, a_wish(seat))
    async with database.work() as work:
        cancelled = await usecases.cancel(work, first.booking_id, by=JO, now=NOW)
    assert (cancelled.state, cancelled.version) == (BookingState.CANCELLED, 2)
    assert await count(database, resource_slot) == 0
    assert (await book(database, a_wish(seat, CAMILLE))).unit == 1
    assert await verbs(database) == ["booking_confirmed", "booking_cancelled", "booking_confirmed"]


async def test_cancelling_twice_changes_nothing(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    first = await book(database, a_wish(seat))
    async with database.work() as work:
        once = await usecases.cancel(work, first.booking_id, by=JO, now=NOW)
    await book(database, a_wish(seat, CAMILLE))
    async with database.work() as work:
        again = await usecases.cancel(work, first.booking_id, by=JO, now=NOW)
    assert again == once
    assert await count(database, resource_slot) == 16
    assert (await verbs(database)).count("booking_cancelled") == 1


async def test_nobody_cancels_the_booking_of_another(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    booking = await book(database, a_wish(seat))
    async with database.work() as work:
        with pytest.raises(UnknownBooking):
            await usecases.cancel(work, booking.booking_id, by=CAMILLE, now=NOW)
        with pytest.raises(UnknownBooking):
            await usecases.cancel(work, new_id("booking"), by=None, now=NOW)
    assert await count(database, resource_slot) == 16


async def test_staff_cancels_anybodys_booking(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    booking = await book(database, a_wish(seat))
    async with database.work() as work:
        cancelled = await usecases.cancel(work, booking.booking_id, by=None, now=NOW)
    assert cancelled.state is BookingState.CANCELLED


async def test_a_booking_whose_holder_came_is_not_cancelled(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    booking = await book(database, a_wish(seat))
    async with database.work() as work:
        held = await usecases.booking_for_update(work, booking.booking_id)
        await usecases.check_in(work, held, new_id("checkin"), now=NOW)
    async with database.work() as work:
        with pytest.raises(AlreadyCheckedIn):
            await usecases.cancel(work, booking.booking_id, by=JO, now=NOW)
    assert await count(database, resource_slot) == 16


async def test_the_quarter_in_course_may_still_be_booked(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    wish = a_wish(seat, start=9, end=10)
    with pytest.raises(InThePast):
        await book(database, wish, now=wish.span.start + timedelta(minutes=15))
    assert (await book(database, wish, now=wish.span.start + timedelta(minutes=14))).unit == 1
