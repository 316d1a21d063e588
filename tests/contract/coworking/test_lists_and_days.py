"""Lists go on where they stopped, and a day shows what is free."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking, Bookmark
from coworking.check_ins import usecases as door
from coworking.places import storage as place_storage
from coworking.places import usecases as places
from coworking.places.domain import PlaceFull, ResourceKind, UnknownPlace
from servicekit.identifiers import new_id
from servicekit.sql import Database
from sqlalchemy import event
from village import CAMILLE, JO, NOW, TODAY, a_place, a_resource, a_wish, at, book, hours, person, settle


async def _mine(
    database: Database, mark: Bookmark | None = None, *, upcoming_only: bool = False, most: int = 50, day: float = 0
) -> Sequence[Booking]:
    now = NOW + timedelta(days=day)
    async with database.reading() as work:
        return await bookings.list_of_person(work, JO, mark, upcoming_only=upcoming_only, now=now, most=most)


async def _bookings(database: Database, days: Sequence[int]) -> dict[int, Booking]:
    place = a_place()
    seat = a_resource(place)
    await settle(database, place, seat)
    return {day: await book(database, a_wish(seat, day=day)) for day in days}


async def test_my_bookings_come_next_first_then_the_past_latest_first(database: Database) -> None:
    made = await _bookings(database, [4, 1, 3, 2, 5])
    found = await _mine(database, day=2.5)
    assert [made_on.day for made_on in found] == [made[day].day for day in (3, 4, 5, 2, 1)]


async def test_a_booking_in_course_is_not_past(database: Database) -> None:
    made = await _bookings(database, [0, 1])
    async with database.reading() as work:
        found = await bookings.list_of_person(work, JO, None, upcoming_only=True, now=at(12.99), most=5)
        later = await bookings.list_of_person(work, JO, None, upcoming_only=True, now=at(13), most=5)
    assert (found, later) == ([made[0], made[1]], [made[1]])


async def test_my_bookings_go_on_page_after_page_across_now(database: Database) -> None:
    await _bookings(database, range(1, 10))
    whole, pages = await _mine(database, day=4.5), list[Booking]()
    mark: Bookmark | None = None
    while found := await _mine(database, mark, most=2, day=4.5):
        pages += found
        last, as_of = found[-1], NOW + timedelta(days=4.5)
        mark = Bookmark(as_of=as_of, over=last.span.end <= as_of, start=last.span.start, booking_id=last.booking_id)
    assert pages == list(whole)
    assert len(pages) == 9


async def test_upcoming_only_leaves_out_what_is_over_or_given_back(database: Database) -> None:
    made = await _bookings(database, [1, 2, 3])
    async with database.work() as work:
        await bookings.cancel(work, made[2].booking_id, by=JO, now=NOW)
    assert await _mine(database, upcoming_only=True, day=1.5) == [made[3]]
    assert [one.day for one in await _mine(database, day=1.5)] == [made[day].day for day in (2, 3, 1)]


async def test_the_bookings_of_a_day_come_by_start(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=9)
    await settle(database, place, seats)
    made = [await book(database, a_wish(seats, person(n), start, start + 1)) for n, start in enumerate((11, 9, 10, 9))]
    await book(database, a_wish(seats, day=1))
    async with database.reading() as work:
        first = await bookings.list_of_day(work, place.place_id, TODAY, after=None, most=2)
        after = (first[-1].span.start, first[-1].booking_id)
        rest = await bookings.list_of_day(work, place.place_id, TODAY, after=after, most=9)
    assert [*first, *rest] == [made[1], made[3], made[2], made[0]]


async def test_the_presences_of_a_day_come_newest_first(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=9)
    await settle(database, place, seats)
    came = []
    for number, hour in enumerate((9, 10, 11)):
        booking = await book(database, a_wish(seats, person(number), 9, 18))
        async with database.work() as work:
            came.append((await door.check_in_booking(work, booking.booking_id, now=at(hour)))[0])
    async with database.reading() as work:
        first = await door.list_of_day(work, place.place_id, TODAY, after=None, most=2)
        after = (first[-1].at, first[-1].check_in_id)
        rest = await door.list_of_day(work, place.place_id, TODAY, after=after, most=9)
        tomorrow = await door.list_of_day(work, place.place_id, TODAY + timedelta(days=1), after=None, most=9)
    assert ([*first, *rest], tomorrow) == (came[::-1], [])


async def test_a_day_is_known_in_a_handful_of_queries(database: Database) -> None:
    place = a_place()
    resources = [a_resource(place, units=10) for _ in range(20)]
    await settle(database, place, *resources)
    for resource in resources[:5]:
        await book(database, a_wish(resource))
    async with database.reading() as work:
        statements: list[str] = []
        event.listen(
            work.connection.sync_connection,
            "before_cursor_execute",
            lambda _conn, _cursor, statement, *_: statements.append(statement),
        )
        day = await bookings.day(work, place.place_id, TODAY)
    assert len(statements) <= 3
    assert len(day.openings) == 20


async def test_a_day_shows_what_is_free_and_only_that_day(database: Database) -> None:
    place = a_place()
    seats = a_resource(place, units=2)
    await settle(database, place, seats)
    await book(database, a_wish(seats, start=9, end=13))
    given_back = await book(database, a_wish(seats, start=9, end=13))
    await book(database, a_wish(seats, day=1))
    async with database.work() as work:
        await bookings.cancel(work, given_back.booking_id, by=JO, now=NOW)
    async with database.reading() as work:
        ((_, openings),) = (await bookings.day(work, place.place_id, TODAY)).openings
    assert [(one.span, one.free_units) for one in openings] == [
        (hours(8, 9), 2),
        (hours(9, 13), 1),
        (hours(13, 20), 2),
    ]


async def test_a_place_that_is_not_has_no_day(database: Database) -> None:
    async with database.reading() as work:
        for ask in (
            bookings.day(work, new_id("place"), TODAY),
            bookings.list_of_day(work, new_id("place"), TODAY, after=None, most=1),
            door.list_of_day(work, new_id("place"), TODAY, after=None, most=1),
            places.list_resources(work, place_id=new_id("place"), after=None, most=1),
        ):
            with pytest.raises(UnknownPlace):
                await ask


async def test_places_come_by_name_whatever_their_accents(database: Database) -> None:
    for name in ("Zébulon", "écluse", "Abeille", "Éclat"):
        await settle(database, a_place(name=name))
    async with database.reading() as work:
        first = await places.list_places(work, after=None, most=2)
        rest = await places.list_places(work, after=place_storage.place_key(first[-1]), most=9)
    assert [place.name for place in (*first, *rest)] == ["Abeille", "Éclat", "écluse", "Zébulon"]


async def test_spaces_come_by_kind_then_name(database: Database) -> None:
    place, other = a_place(), a_place(name="Autre")
    kinds = (ResourceKind.KITCHEN, ResourceKind.DESK, ResourceKind.NOMAD_SEAT, ResourceKind.DESK)
    names = ("Cuisine", "Platane", "Nomade", "Érable")
    await settle(database, place, *(a_resource(place, kind=k, name=n) for k, n in zip(kinds, names, strict=True)))
    await settle(database, other, a_resource(other, name="Ailleurs"))
    async with database.reading() as work:
        first = await places.list_resources(work, place_id=place.place_id, after=None, most=3)
        after = place_storage.resource_key(first[-1])
        rest = await places.list_resources(work, place_id=place.place_id, after=after, most=9)
        everywhere = await places.list_resources(work, place_id="", after=None, most=9)
    assert [resource.name for resource in (*first, *rest)] == ["Nomade", "Érable", "Platane", "Cuisine"]
    assert len(everywhere) == 5


async def test_a_place_and_a_space_read_back_as_they_were_made(database: Database) -> None:
    place = a_place()
    room = a_resource(place, kind=ResourceKind.CONFIDENTIALITY_BOX, units=2, capacity=3)
    await settle(database, place, room)
    async with database.reading() as work:
        assert await places.resource_and_place(work, room.resource_id) == (room, place)


async def test_making_a_place_or_a_space_again_changes_nothing(database: Database) -> None:
    place = a_place()
    room = a_resource(place)
    await settle(database, place, room)
    async with database.work() as work:
        assert not await places.create_place(work, place)
        assert not await places.create_resource(work, room)


async def test_a_place_holds_no_more_spaces_than_a_day_can_show(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coworking.places.domain.MOST_RESOURCES", 2)
    place = a_place()
    await settle(database, place, a_resource(place), a_resource(place))
    with pytest.raises(PlaceFull):
        await settle(database, a_place(), a_resource(place))


async def test_a_space_of_no_place_is_refused(database: Database) -> None:
    with pytest.raises(UnknownPlace):
        await settle(database, a_place(), a_resource(a_place()))


async def test_the_day_of_a_booking_is_the_day_at_its_place(database: Database) -> None:
    tokyo = a_place(time_zone="Asia/Tokyo")
    seat = a_resource(tokyo)
    await settle(database, tokyo, seat)
    booking = await book(database, a_wish(seat, CAMILLE, 1, 3, day=1))
    assert booking.day == date(2026, 11, 4)
    async with database.reading() as work:
        assert await bookings.list_of_day(work, tokyo.place_id, date(2026, 11, 4), after=None, most=5) == [booking]
