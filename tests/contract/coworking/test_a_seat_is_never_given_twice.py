"""Many who want the same thing at once: the database refuses, on both engines. The controls show the race is real."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio
from coworking.bookings import domain, storage
from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking, BookingWish, Cover, Coverage, ResourceAlreadyBooked
from coworking.bookings.subscribers import BookingSubscriber
from coworking.places import usecases as places
from coworking.rights import storage as counters
from coworking.rights import usecases as rights
from coworking.rights.subscribers import RightsSubscriber
from coworking.tables import METADATA, booking, entitlement_month, resource_slot
from engines import Databases
from servicekit.identifiers import new_id
from servicekit.refusals import Refusal
from servicekit.sql import Database
from sqlalchemy import func, select
from stored import Hands, count
from village import (
    CAMILLE,
    LA_RUCHE,
    NOW,
    Ear,
    a_place,
    a_resource,
    a_wish,
    book,
    closed,
    opened,
    person,
    settle,
    verbs,
)

MANY = 50
RIGHT = "entitlement_01990000000070008000000000000001"

Booker = Callable[[Database, BookingWish], Awaitable[Booking]]


class Reading:
    """The control: look whether a unit is free, then book it; nothing but the look prevents a double booking."""

    def __init__(self, many: int) -> None:
        self._all_have_looked = asyncio.Barrier(many)

    async def __call__(self, database: Database, wish: BookingWish) -> Booking:
        async with database.reading() as work:
            resource, place = await places.resource_and_place(work, wish.resource_id)
            stay = domain.accept(wish, resource, place, now=NOW)
            right = await rights.find_cover(work, wish.person_id, resource.kind, stay.day, stay.half_days)
            busy = await storage.busy_units(work, stay)
        await self._all_have_looked.wait()
        cover = Cover(price=stay.price, entitlement_id=right.entitlement.entitlement_id if right else None)
        unit = domain.free_units(stay, busy)[0]
        made = domain.confirm(stay, cover, unit=unit, booking_id=new_id("booking"), now=NOW)
        async with database.work() as work:
            await storage.add(work, made)
        return made


async def _race(booker: Booker, wishes: list[tuple[Database, BookingWish]]) -> tuple[list[Booking], list[str]]:
    """Everybody at once: who got a booking, and why the others did not."""
    results = await asyncio.gather(*(booker(database, wish) for database, wish in wishes), return_exceptions=True)
    made = [result for result in results if isinstance(result, Booking)]
    refused = [result.reason for result in results if isinstance(result, Refusal)]
    assert len(made) + len(refused) == len(wishes), results
    return made, refused


@pytest_asyncio.fixture
async def both(databases: Databases) -> list[Database]:
    """Two processes of one instance: the same database, connections of their own."""
    url = await databases.url(METADATA)
    return [databases.again(url, LA_RUCHE) for _ in range(2)]


async def test_of_fifty_who_want_one_seat_exactly_one_gets_it(both: list[Database]) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(both[0], place, seat)
    wishes = [(both[number % 2], a_wish(seat, person(number))) for number in range(MANY)]
    made, refused = await _race(book, wishes)
    assert (len(made), refused) == (1, ["RESOURCE_ALREADY_BOOKED"] * (MANY - 1))
    assert await count(both[0], booking) == 1
    assert await count(both[0], resource_slot) == 16


async def test_of_fifty_who_want_five_seats_five_get_one_each(both: list[Database]) -> None:
    place = a_place()
    seats = a_resource(place, units=5)
    await settle(both[0], place, seats)
    wishes = [(both[number % 2], a_wish(seats, person(number), 9 + number % 3, 14)) for number in range(MANY)]
    made, refused = await _race(book, wishes)
    assert sorted(one.unit for one in made) == [1, 2, 3, 4, 5]
    assert refused == ["RESOURCE_ALREADY_BOOKED"] * (MANY - 5)


async def test_control_reading_then_inserting_books_one_seat_many_times(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    made, _ = await _race(Reading(MANY), [(database, a_wish(seat, person(number))) for number in range(MANY)])
    assert len(made) == MANY
    assert {one.unit for one in made} == {1}


async def test_what_was_read_is_no_promise_the_primary_key_decides(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    await book(database, a_wish(seat, start=11, end=12))
    stale = domain.accept(a_wish(seat, start=9, end=13), seat, place, now=NOW)
    async with database.work() as work:
        with pytest.raises(ResourceAlreadyBooked):
            await storage.hold(work, stale, new_id("booking"), [1])
    assert await count(database, resource_slot) == 4


async def test_a_stale_look_still_finds_the_unit_that_is_free(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=3)
    await settle(database, place, seats)
    await book(database, a_wish(seats))
    stale = domain.accept(a_wish(seats), seats, place, now=NOW)
    async with database.work() as work:
        assert await storage.hold(work, stale, new_id("booking"), [1, 2, 3]) == 2
    assert await count(database, resource_slot) == 32


async def _open_right(database: Database, quota: int) -> None:
    clock = Hands(NOW)
    ear = Ear(database, RightsSubscriber(clock=clock).subscriptions(), clock)
    await ear.hear(opened(RIGHT, CAMILLE, quota=quota), RIGHT, 1)


async def _taken(database: Database) -> int:
    taken = select(func.coalesce(func.sum(booking.c.half_days), 0)).where(booking.c.entitlement_id == RIGHT)
    async with database.reading() as work:
        return int((await work.execute(taken)).scalar_one())


async def test_a_quota_is_never_exceeded_however_many_ask_at_once(both: list[Database]) -> None:
    place = a_place()
    seats = a_resource(place, units=20)
    await settle(both[0], place, seats)
    await _open_right(both[0], quota=5)
    wish = a_wish(seats, CAMILLE, 9, 18, coverage=Coverage.ENTITLEMENT)
    made, refused = await _race(book, [(both[number % 2], wish) for number in range(20)])
    assert (len(made), refused) == (2, ["NO_HALF_DAYS_LEFT"] * 18)
    assert await _taken(both[0]) == 4


async def test_control_reading_the_quota_then_booking_exceeds_it(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=20)
    await settle(database, place, seats)
    await _open_right(database, quota=5)
    await _race(Reading(20), [(database, a_wish(seats, CAMILLE, 9, 18)) for _ in range(20)])
    assert await _taken(database) == 40


async def test_the_counter_itself_refuses_to_be_overdrawn(database: Database) -> None:
    await _open_right(database, quota=3)
    async with database.work() as work:
        right = await rights.entitlement(work, RIGHT)
        assert right is not None
        reserved = [await counters.reserve(work, right, month="2026-11", half_days=2) for _ in range(2)]
    assert reserved == [True, False]
    async with database.reading() as work:
        assert (await work.execute(select(entitlement_month.c.taken, entitlement_month.c.quota))).one() == (2, 3)


async def test_a_refused_booking_reserves_nothing(database: Database) -> None:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    await _open_right(database, quota=2)
    await book(database, a_wish(seat, person(9)))
    with pytest.raises(ResourceAlreadyBooked):
        await book(database, a_wish(seat, CAMILLE, coverage=Coverage.ENTITLEMENT))
    assert await count(database, entitlement_month) == 0


async def test_half_days_given_back_many_times_at_once_return_once(both: list[Database]) -> None:
    place = a_place()
    seats = a_resource(place, units=5)
    await settle(both[0], place, seats)
    await _open_right(both[0], quota=8)
    mine, _other = [await book(both[0], a_wish(seats, CAMILLE, 9, 18)) for _ in range(2)]

    async def cancel(database: Database) -> Booking:
        async with database.work() as work:
            return await bookings.cancel(work, mine.booking_id, by=CAMILLE, now=NOW)

    given_back = await asyncio.gather(*(cancel(both[number % 2]) for number in range(10)))
    assert {one.version for one in given_back} == {2}
    async with both[0].reading() as work:
        assert (await work.execute(select(entitlement_month.c.taken))).scalar_one() == 2
    assert (await verbs(both[0])).count("booking_cancelled") == 1


async def test_no_booking_slips_in_while_a_right_closes(both: list[Database]) -> None:
    """A right closes while a booking on it is not committed yet: closing waits, then gives it back."""
    place = a_place()
    seat = a_resource(place)
    await settle(both[0], place, seat)
    await _open_right(both[0], quota=5)
    clock = Hands(NOW)
    subscriptions = [*RightsSubscriber(clock=clock).subscriptions(), *BookingSubscriber(clock=clock).subscriptions()]
    ear = Ear(both[1], subscriptions, clock)
    wish = a_wish(seat, CAMILLE, day=1, coverage=Coverage.ENTITLEMENT)
    async with both[0].work() as work:
        await bookings.book(work, wish, now=NOW)
        closing = asyncio.create_task(ear.hear(closed(RIGHT, "2026-11-03"), RIGHT, 2))
        await asyncio.wait({closing}, timeout=0.3)
        assert not closing.done()
    await closing
    async with both[0].reading() as work:
        assert (await work.execute(select(booking.c.state))).scalars().all() == ["CANCELLED"]
        assert (await work.execute(select(entitlement_month.c.taken))).scalar_one() == 0
