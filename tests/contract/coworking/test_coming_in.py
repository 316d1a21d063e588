"""Coming in, by card or by hand: once, and counted once."""

import asyncio
import json
from datetime import timedelta

import pytest
from coworking.bookings import usecases as bookings
from coworking.bookings.domain import AlreadyCheckedIn, Booking, BookingState, UnknownBooking
from coworking.check_ins import storage, usecases
from coworking.check_ins.domain import Card, CardRevoked, CheckIn, NoBookingNow, Usage
from coworking.check_ins.memory import DoorMemory
from coworking.check_ins.subscribers import DoorSubscriber
from coworking.money import Money
from coworking.places.domain import Place, Resource
from coworking.rights.subscribers import RightsSubscriber
from coworking.tables import METADATA, check_in, usage
from engines import Databases
from servicekit.identifiers import new_id
from servicekit.sql import Database
from sqlalchemy import Column, MetaData, Table, Text, insert, select
from stored import Hands, count
from village import (
    CAMILLE,
    JO,
    LA_RUCHE,
    NOW,
    Ear,
    a_place,
    a_resource,
    a_wish,
    at,
    book,
    card_revoked,
    opened,
    settle,
    told,
    verbs,
)

RIGHT = "entitlement_01990000000070008000000000000001"
CARD = Card(card_id=new_id("card"), person_id=CAMILLE, expires_at=NOW + timedelta(days=900))


async def _village(database: Database, *, right: bool = True) -> tuple[Place, Resource]:
    place = a_place()
    seats = a_resource(place, units=5)
    await settle(database, place, seats)
    if right:
        clock = Hands(NOW)
        await Ear(database, RightsSubscriber(clock=clock).subscriptions(), clock).hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    return place, seats


async def _by_card(database: Database, place: Place, hour: float, card: Card = CARD) -> tuple[CheckIn, Booking]:
    async with database.work() as work:
        return await usecases.check_in_by_card(work, card, place.place_id, now=at(hour))


async def _by_hand(database: Database, booking: Booking, hour: float, day: int = 0) -> tuple[CheckIn, Booking]:
    async with database.work() as work:
        return await usecases.check_in_booking(work, booking.booking_id, now=at(hour, day=day))


async def test_a_card_lets_its_holder_in_and_the_usage_is_told(database: Database) -> None:
    place, seats = await _village(database)
    booked = await book(database, a_wish(seats, CAMILLE, 9, 18))
    came, booking = await _by_card(database, place, 9.1)
    assert (came.booking_id, came.half_days, booking.state) == (booked.booking_id, 2, BookingState.CHECKED_IN)
    last = (await told(database))[-1]
    body = json.loads(last.fact.body)
    assert last.subject == "la-ruche.coworking.shared.usage.recorded"
    assert body.pop("usageId") == last.fact.aggregate_id
    assert body == {
        "entitlementId": RIGHT,
        "halfDays": 2,
        "date": "2026-11-03",
        "amount": {"cents": "1200", "currencyCode": "EUR"},
    }


async def test_who_pays_uses_no_right(database: Database) -> None:
    place, seats = await _village(database, right=False)
    await book(database, a_wish(seats, CAMILLE))
    came, _ = await _by_card(database, place, 9)
    assert came.half_days == 0
    assert await count(database, usage) == 0
    assert await verbs(database) == ["booking_confirmed", "booking_checked_in"]


async def test_showing_a_card_twice_counts_once(database: Database) -> None:
    place, seats = await _village(database)
    await book(database, a_wish(seats, CAMILLE))
    first = await _by_card(database, place, 9)
    assert await _by_card(database, place, 10) == first
    assert (await count(database, check_in), await count(database, usage)) == (1, 1)


async def test_two_doors_at_once_count_once(databases: Databases) -> None:
    url = await databases.url(METADATA)
    doors = [databases.again(url, LA_RUCHE) for _ in range(2)]
    place, seats = await _village(doors[0])
    await book(doors[0], a_wish(seats, CAMILLE))
    seen = await asyncio.gather(*(_by_card(doors[number % 2], place, 9) for number in range(10)))
    assert len({came.check_in_id for came, _ in seen}) == 1
    assert (await count(doors[0], check_in), await count(doors[0], usage)) == (1, 1)
    assert (await verbs(doors[0])).count("usage_recorded") == 1


async def test_control_without_the_guard_two_doors_count_twice(databases: Databases) -> None:
    bare = MetaData()
    counted = Table("counted", bare, Column("booking_id", Text, nullable=False))
    database = await databases.make(bare)
    both_looked = asyncio.Barrier(2)

    async def door() -> None:
        async with database.reading() as work:
            seen = (await work.execute(select(counted))).first()
        await both_looked.wait()
        if seen is None:
            async with database.work() as work:
                await work.execute(insert(counted).values(booking_id="booking_1"))

    await asyncio.gather(door(), door())
    assert await count(database, counted) == 2


async def test_the_database_refuses_a_second_presence_and_a_second_usage_of_a_booking(database: Database) -> None:
    _, seats = await _village(database)
    booked = await book(database, a_wish(seats, CAMILLE))
    came, _ = await _by_hand(database, booked, 9)
    again = CheckIn(
        check_in_id=new_id("checkin"),
        place_id=came.place_id,
        person_id=CAMILLE,
        booking_id=booked.booking_id,
        at=NOW,
        half_days=1,
    )
    used = Usage(
        usage_id=new_id("usage"),
        booking_id=booked.booking_id,
        entitlement_id=RIGHT,
        half_days=1,
        day=booked.day,
        amount=Money(cents=600),
    )
    async with database.work() as work:
        assert not await storage.add_check_in(work, again)
        assert not await storage.add_usage(work, used)


@pytest.mark.parametrize(("hour", "opens"), [(8.25, False), (8.5, True), (12.99, True), (13, False)])
async def test_a_booking_opens_from_half_an_hour_before_until_its_end(
    database: Database, hour: float, opens: bool
) -> None:
    place, seats = await _village(database)
    await book(database, a_wish(seats, CAMILLE, 9, 13))
    if opens:
        assert (await _by_card(database, place, hour))[1].state is BookingState.CHECKED_IN
    else:
        with pytest.raises(NoBookingNow):
            await _by_card(database, place, hour)


async def test_nothing_booked_here_lets_nobody_in(database: Database) -> None:
    place, seats = await _village(database)
    elsewhere = a_place(name="Ailleurs")
    await settle(database, elsewhere)
    await book(database, a_wish(seats, JO))
    await book(database, a_wish(seats, CAMILLE))
    with pytest.raises(NoBookingNow):
        await _by_card(database, elsewhere, 9)
    async with database.work() as work:
        (mine,) = await bookings.list_of_person(work, CAMILLE, None, upcoming_only=False, now=NOW, most=5)
        await bookings.cancel(work, mine.booking_id, by=CAMILLE, now=NOW)
    with pytest.raises(NoBookingNow):
        await _by_card(database, place, 9)


async def test_an_early_comer_is_let_in_on_the_booking_in_course_first(database: Database) -> None:
    place, seats = await _village(database)
    morning = await book(database, a_wish(seats, CAMILLE, 9, 13))
    afternoon = await book(database, a_wish(seats, CAMILLE, 13, 14))
    marked = [(await _by_card(database, place, hour))[1].booking_id for hour in (12.75, 12.8, 13)]
    assert marked == [morning.booking_id, morning.booking_id, afternoon.booking_id]


async def test_staff_lets_in_a_holder_they_know_once(database: Database) -> None:
    _, seats = await _village(database)
    booked = await book(database, a_wish(seats, CAMILLE))
    came, booking = await _by_hand(database, booked, 14)
    assert (came.person_id, booking.state) == (CAMILLE, BookingState.CHECKED_IN)
    with pytest.raises(AlreadyCheckedIn):
        await _by_hand(database, booked, 14)


async def test_staff_notes_no_presence_far_from_its_booking_nor_of_one_given_back(database: Database) -> None:
    _, seats = await _village(database)
    booked = await book(database, a_wish(seats, CAMILLE))
    for hour, day in ((8, 0), (2, 1)):
        with pytest.raises(NoBookingNow):
            await _by_hand(database, booked, hour, day)
    async with database.work() as work:
        await bookings.cancel(work, booked.booking_id, by=None, now=NOW)
    with pytest.raises(NoBookingNow):
        await _by_hand(database, booked, 9)


async def test_staff_notes_no_presence_of_a_booking_that_is_not(database: Database) -> None:
    async with database.work() as work:
        with pytest.raises(UnknownBooking):
            await usecases.check_in_booking(work, new_id("booking"), now=NOW)


async def test_a_revoked_card_opens_nothing(database: Database) -> None:
    place, seats = await _village(database)
    await book(database, a_wish(seats, CAMILLE))
    clock = Hands(NOW)
    memory = DoorMemory(database, clock=clock)
    ear = Ear(database, DoorSubscriber(memory, clock=clock).subscriptions(), clock)
    await ear.hear(card_revoked(CARD.card_id), CARD.card_id, 1, times=2)
    assert memory.is_revoked(CARD.card_id)
    with pytest.raises(CardRevoked):
        await _by_card(database, place, 9)
