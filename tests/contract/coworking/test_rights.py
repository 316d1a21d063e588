"""Rights as facts bring them: kept, reserved by bookings, given back, gone."""

from datetime import date

import pytest
from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking, BookingState, Coverage
from coworking.bookings.subscribers import BookingSubscriber
from coworking.money import Money
from coworking.places.domain import Place, Resource, ResourceKind
from coworking.rights import usecases as rights
from coworking.rights.domain import NoHalfDaysLeft, PeriodUpsideDown
from coworking.rights.subscribers import ResourceKindUnknown, RightsSubscriber
from coworking.tables import entitlement, resource_slot
from servicekit.fields import DayMalformed, FieldOutOfRange
from servicekit.identifiers import new_id
from servicekit.refusals import Invalid
from servicekit.sql import Database
from stored import Hands, count
from village import CAMILLE, JO, NOW, Ear, a_place, a_resource, a_wish, book, closed, opened, settle, told, verbs

RIGHT = "entitlement_01990000000070008000000000000001"


@pytest.fixture
def ear(database: Database) -> Ear:
    """What listens to shared-identity."""
    clock = Hands(NOW)
    subscriptions = [
        *RightsSubscriber(clock=clock).subscriptions(),
        *BookingSubscriber(clock=clock).subscriptions(),
    ]
    return Ear(database, subscriptions, clock)


async def _seats(database: Database, units: int = 5) -> Resource:
    place = a_place()
    seats = a_resource(place, units=units)
    await settle(database, place, seats)
    return seats


async def _left(database: Database, month: str, person_id: str = CAMILLE) -> list[int]:
    async with database.reading() as work:
        return [right.left_in(month) for right in await rights.rights_of(work, person_id)]


async def _again(database: Database, booking: Booking) -> Booking:
    async with database.reading() as work:
        found = await bookings.booking(work, booking.booking_id)
    assert found is not None
    return found


async def test_a_right_pays_for_what_it_covers(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    booking = await book(database, a_wish(seats, CAMILLE, 9, 18))
    assert (booking.cover.coverage, booking.cover.price) == (Coverage.ENTITLEMENT, Money(cents=0))
    assert await _left(database, "2026-11") == [6]


async def test_each_month_has_its_own_half_days(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE, quota=2), RIGHT, 1)
    await book(database, a_wish(seats, CAMILLE, 9, 18, coverage=Coverage.ENTITLEMENT))
    with pytest.raises(NoHalfDaysLeft):
        await book(database, a_wish(seats, CAMILLE, 9, 10, day=1, coverage=Coverage.ENTITLEMENT))
    await book(database, a_wish(seats, CAMILLE, 9, 18, day=28, coverage=Coverage.ENTITLEMENT))
    assert (await _left(database, "2026-11"), await _left(database, "2026-12")) == ([0], [0])


async def test_a_used_up_right_lets_the_person_pay(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE, quota=1), RIGHT, 1)
    booking = await book(database, a_wish(seats, CAMILLE, 9, 18))
    assert (booking.cover.coverage, booking.cover.price) == (Coverage.PRICE, Money(cents=1800))
    assert await _left(database, "2026-11") == [1]


async def test_who_asks_to_pay_keeps_the_right(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    assert (await book(database, a_wish(seats, CAMILLE, coverage=Coverage.PRICE))).cover.entitlement_id is None
    assert await _left(database, "2026-11") == [8]


async def test_a_right_covers_its_kind_its_person_and_its_period_only(database: Database, ear: Ear) -> None:
    place = a_place()
    seats, room = a_resource(place, units=5), a_resource(place, kind=ResourceKind.MEETING_ROOM)
    await settle(database, place, seats, room)
    await ear.hear(opened(RIGHT, CAMILLE, first="2026-11-04", last="2026-11-05"), RIGHT, 1)
    paid = [
        await book(database, a_wish(room, CAMILLE, day=1)),
        await book(database, a_wish(seats, JO, day=1)),
        await book(database, a_wish(seats, CAMILLE, day=0)),
        await book(database, a_wish(seats, CAMILLE, day=3)),
    ]
    assert [booking.cover.coverage for booking in paid] == [Coverage.PRICE] * 4
    covered = [await book(database, a_wish(seats, CAMILLE, day=day)) for day in (1, 2)]
    assert [booking.cover.coverage for booking in covered] == [Coverage.ENTITLEMENT] * 2


async def test_the_right_that_ends_soonest_is_used_first(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    later, sooner = new_id("entitlement"), new_id("entitlement")
    await ear.hear(opened(later, CAMILLE), later, 1)
    await ear.hear(opened(sooner, CAMILLE, last="2026-12-31", quota=1), sooner, 1)
    used = [(await book(database, a_wish(seats, CAMILLE))).cover.entitlement_id for _ in range(2)]
    assert used == [sooner, later]


async def test_cancelling_returns_the_half_days(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE, quota=2), RIGHT, 1)
    booking = await book(database, a_wish(seats, CAMILLE, 9, 18))
    async with database.work() as work:
        await bookings.cancel(work, booking.booking_id, by=CAMILLE, now=NOW)
    async with database.work() as work:
        await bookings.cancel(work, booking.booking_id, by=CAMILLE, now=NOW)
    assert await _left(database, "2026-11") == [2]


async def test_a_closed_right_gives_back_what_starts_after_its_last_day(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    spared = await book(database, a_wish(seats, CAMILLE, day=1))
    gone = await book(database, a_wish(seats, CAMILLE, day=2))
    paid = await book(database, a_wish(seats, CAMILLE, day=3, coverage=Coverage.PRICE))
    await ear.hear(closed(RIGHT, "2026-11-04"), RIGHT, 2, times=2)
    states = [(await _again(database, each)).state for each in (spared, gone, paid)]
    assert states == [BookingState.CONFIRMED, BookingState.CANCELLED, BookingState.CONFIRMED]
    assert await count(database, resource_slot) == 32
    assert (await verbs(database)).count("booking_cancelled") == 1
    assert (await told(database))[-1].fact.aggregate_id == gone.booking_id
    assert await _left(database, "2026-11") == [7]


async def test_a_closed_right_pays_for_nothing_more(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    await ear.hear(closed(RIGHT, "2026-11-30"), RIGHT, 2)
    with pytest.raises(NoHalfDaysLeft):
        await book(database, a_wish(seats, CAMILLE, coverage=Coverage.ENTITLEMENT))
    async with database.reading() as work:
        assert await rights.rights_during(work, CAMILLE, date(2026, 11, 1)) == []


async def test_a_right_opened_again_counts_on_from_where_it_was(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE, quota=4), RIGHT, 1)
    await book(database, a_wish(seats, CAMILLE, 9, 18))
    await ear.hear(closed(RIGHT, "2026-11-30"), RIGHT, 2)
    await ear.hear(opened(RIGHT, CAMILLE, quota=6), RIGHT, 3, times=2)
    assert await _left(database, "2026-11") == [4]
    for day in (1, 2):
        await book(database, a_wish(seats, CAMILLE, 9, 18, day=day, coverage=Coverage.ENTITLEMENT))
    with pytest.raises(NoHalfDaysLeft):
        await book(database, a_wish(seats, CAMILLE, day=3, coverage=Coverage.ENTITLEMENT))


async def test_a_lowered_quota_leaves_bookings_be_and_lets_no_more_in(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE, quota=4), RIGHT, 1)
    first = await book(database, a_wish(seats, CAMILLE, 9, 18))
    await book(database, a_wish(seats, CAMILLE, 9, 18, day=1))
    await ear.hear(opened(RIGHT, CAMILLE, quota=2), RIGHT, 2)
    assert await _left(database, "2026-11") == [0]
    async with database.work() as work:
        await bookings.cancel(work, first.booking_id, by=CAMILLE, now=NOW)
    with pytest.raises(NoHalfDaysLeft):
        await book(database, a_wish(seats, CAMILLE, day=2, coverage=Coverage.ENTITLEMENT))


async def test_a_shortened_right_gives_back_what_it_no_longer_carries(database: Database, ear: Ear) -> None:
    seats = await _seats(database)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    late = await book(database, a_wish(seats, CAMILLE, day=5))
    await ear.hear(opened(RIGHT, CAMILLE, last="2026-11-06"), RIGHT, 2)
    assert (await _again(database, late)).state is BookingState.CANCELLED


async def test_an_older_word_of_a_right_changes_nothing(database: Database, ear: Ear) -> None:
    await ear.hear(opened(RIGHT, CAMILLE, quota=8), RIGHT, 3)
    await ear.hear(opened(RIGHT, CAMILLE, quota=2), RIGHT, 1)
    await ear.hear(closed(RIGHT, "2026-11-01"), RIGHT, 2)
    assert await _left(database, "2026-11") == [8]


async def test_storage_itself_keeps_the_latest_word(database: Database) -> None:
    other = Ear(database, RightsSubscriber(clock=Hands(NOW)).subscriptions(), Hands(NOW))
    await other.hear(opened(RIGHT, CAMILLE, quota=8), RIGHT, 3)
    async with database.work() as work:
        held = await rights.entitlement(work, RIGHT)
        assert held is not None
        assert await rights.close(work, RIGHT, last_day=date(2026, 11, 1), version=2, now=NOW) == held


async def test_closing_a_right_never_held_here_does_nothing(database: Database, ear: Ear) -> None:
    await ear.hear(closed(RIGHT, "2026-11-30"), RIGHT, 2)
    assert await count(database, entitlement) == 0


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"kind": "SAUNA"}, ResourceKindUnknown),
        ({"quota": -1}, FieldOutOfRange),
        ({"quota": 63}, FieldOutOfRange),
        ({"cents": -1}, FieldOutOfRange),
        ({"first": "soon"}, DayMalformed),
        ({"last": "2025-01-01"}, PeriodUpsideDown),
    ],
)
async def test_a_right_that_makes_no_sense_is_refused(
    database: Database, ear: Ear, change: dict[str, object], refusal: type[Invalid]
) -> None:
    with pytest.raises(refusal):
        await ear.hear(opened(RIGHT, CAMILLE, **change), RIGHT, 1)  # type: ignore[arg-type]
    assert await count(database, entitlement) == 0


async def test_a_place_of_another_day_counts_in_its_own_month(database: Database, ear: Ear) -> None:
    tokyo: Place = a_place(time_zone="Asia/Tokyo")
    seats = a_resource(tokyo)
    await settle(database, tokyo, seats)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    await book(database, a_wish(seats, CAMILLE, 1, 3, day=28))
    assert (await _left(database, "2026-11"), await _left(database, "2026-12")) == ([8], [7])
