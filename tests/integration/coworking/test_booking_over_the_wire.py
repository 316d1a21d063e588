"""BookingService as its callers see it."""

from typing import Any

import pytest
from coworking_house import MANAGER, Running, clock, seconds
from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1 import booking_pb2, place_pb2
from groupement.coworking.v1 import booking_service_pb2 as pb
from groupement.coworking.v1 import check_in_service_pb2 as door_pb
from servicekit.identifiers import new_id
from servicekit.refusals import Conflict, Exhausted, Invalid, NotFound, Refusal
from village import CAMILLE, JO, NOOR, at, closed, opened, verbs

RIGHT = "entitlement_01990000000070008000000000000001"


async def _refused(calling: Any, kind: type[Refusal]) -> tuple[str, str]:
    with pytest.raises(kind) as refused:
        await calling
    return refused.value.reason, refused.value.field


async def test_a_booking_is_made_and_listed(coworking: Running) -> None:
    booking = await coworking.book(JO, 9, 18)
    assert (booking.person_id, booking.unit, booking.half_days, booking.etag) == (JO, 1, 2, '"1"')
    assert (booking.state, booking.coverage) == (booking_pb2.BOOKING_STATE_CONFIRMED, booking_pb2.COVERAGE_PRICE)
    assert (booking.price.cents, booking.price.currency_code) == (1800, "EUR")
    assert (seconds(booking.start_time), seconds(booking.end_time)) == (at(9), at(18))
    listed = await coworking.bookings.ListMyBookings(pb.ListMyBookingsRequest(), **coworking.by(JO))
    assert list(listed.bookings) == [booking]
    assert not (await coworking.bookings.ListMyBookings(pb.ListMyBookingsRequest(), **coworking.by(CAMILLE))).bookings


async def test_the_same_request_again_books_once(coworking: Running) -> None:
    first = await coworking.book(request_id="once")
    assert await coworking.book(request_id="once") == first
    assert (await coworking.book(CAMILLE, request_id="once")).unit == 2
    assert await verbs(coworking.database) == ["booking_confirmed"] * 2
    reused = coworking.book(JO, 14, 15, request_id="once")
    assert await _refused(reused, Invalid) == ("REQUEST_ID_REUSED", "request_id")


@pytest.mark.parametrize(
    ("change", "kind", "reason", "field"),
    [
        ({"resource_id": new_id("resource")}, NotFound, "UNKNOWN_RESOURCE", "resource_id"),
        ({"resource_id": "a\0b"}, NotFound, "UNKNOWN_RESOURCE", "resource_id"),
        ({"start_time": None}, Invalid, "FIELD_MISSING", "start_time"),
        ({"end_time": None}, Invalid, "FIELD_MISSING", "end_time"),
        ({"start_time": clock(9.1)}, Invalid, "OFF_THE_GRID", "start_time"),
        ({"start_time": Timestamp(seconds=1_793_692_800, nanos=1)}, Invalid, "OFF_THE_GRID", "start_time"),
        ({"end_time": Timestamp(seconds=2**62)}, Invalid, "INSTANT_MALFORMED", "end_time"),
        ({"start_time": Timestamp(seconds=-(2**62))}, Invalid, "INSTANT_MALFORMED", "start_time"),
        ({"end_time": Timestamp(seconds=253_402_300_700)}, Invalid, "INSTANT_MALFORMED", "end_time"),
        ({"end_time": clock(9)}, Invalid, "ENDS_BEFORE_IT_STARTS", "end_time"),
        ({"start_time": clock(9, -1)}, Invalid, "IN_THE_PAST", "start_time"),
        ({"start_time": clock(9, 367), "end_time": clock(10, 367)}, Invalid, "TOO_FAR_AHEAD", "start_time"),
        ({"end_time": clock(9, 1)}, Invalid, "TOO_LONG", "end_time"),
        ({"end_time": clock(20.25)}, Conflict, "OUTSIDE_OPENING_HOURS", "start_time"),
        ({"coverage": booking_pb2.COVERAGE_ENTITLEMENT}, Exhausted, "NO_HALF_DAYS_LEFT", "coverage"),
        ({"coverage": 99}, Invalid, "COVERAGE_UNKNOWN", "coverage"),
        ({"request_id": "é"}, Invalid, "REQUEST_ID_MALFORMED", "request_id"),
    ],
)
async def test_what_cannot_be_booked_is_refused_with_its_reason(
    coworking: Running, change: dict[str, Any], kind: type[Refusal], reason: str, field: str
) -> None:
    given = {"resource_id": coworking.seats.resource_id, "start_time": clock(9), "end_time": clock(13), **change}
    request = pb.BookRequest(**{name: value for name, value in given.items() if value is not None})
    assert await _refused(coworking.bookings.Book(request, **coworking.by(JO)), kind) == (reason, field)
    if not {"coverage", "request_id"} & set(change):
        asked = pb.QuoteBookingRequest(**{name: value for name, value in given.items() if value is not None})
        assert await _refused(coworking.bookings.QuoteBooking(asked, **coworking.by(JO)), kind) == (reason, field)


async def test_a_full_space_is_refused(coworking: Running) -> None:
    for _ in range(coworking.seats.units):
        await coworking.book()
    assert await _refused(coworking.book(), Conflict) == ("RESOURCE_ALREADY_BOOKED", "resource_id")


async def test_a_quote_tells_what_a_booking_would_cost(coworking: Running) -> None:
    request = pb.QuoteBookingRequest(resource_id=coworking.seats.resource_id, start_time=clock(12), end_time=clock(14))
    paid = await coworking.bookings.QuoteBooking(request, **coworking.by(CAMILLE))
    assert (paid.coverage, paid.price.cents, paid.half_days) == (booking_pb2.COVERAGE_PRICE, 1800, 2)
    assert not paid.HasField("right")
    await coworking.ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    covered = await coworking.bookings.QuoteBooking(request, **coworking.by(CAMILLE))
    assert (covered.coverage, covered.price.cents) == (booking_pb2.COVERAGE_ENTITLEMENT, 0)
    assert (covered.right.home, covered.right.half_days_left) == ("inter-made", 8)


async def test_a_right_is_listed_with_what_is_left_of_it(coworking: Running) -> None:
    await coworking.ear.hear(opened(RIGHT, CAMILLE, last="2026-12-31"), RIGHT, 1)
    await coworking.book(CAMILLE, 9, 18)
    mine = coworking.by(CAMILLE)
    (right,) = (await coworking.bookings.ListMyRights(pb.ListMyRightsRequest(), **mine)).rights
    assert (right.entitlement_id, right.resource_kind) == (RIGHT, place_pb2.RESOURCE_KIND_NOMAD_SEAT)
    assert (right.half_days_per_month, right.half_days_left) == (8, 6)
    assert (right.period.start_date, right.period.end_date) == ("2026-01-01", "2026-12-31")
    (later,) = (await coworking.bookings.ListMyRights(pb.ListMyRightsRequest(month="2026-12"), **mine)).rights
    assert later.half_days_left == 8
    assert not (await coworking.bookings.ListMyRights(pb.ListMyRightsRequest(month="2027-01"), **mine)).rights
    assert not (await coworking.bookings.ListMyRights(pb.ListMyRightsRequest(), **coworking.by(JO))).rights
    await coworking.ear.hear(closed(RIGHT, "2026-11-03"), RIGHT, 2)
    assert not (await coworking.bookings.ListMyRights(pb.ListMyRightsRequest(), **mine)).rights


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1", "9999-01"])
async def test_a_month_that_is_none_is_refused(coworking: Running, month: str) -> None:
    asking = coworking.bookings.ListMyRights(pb.ListMyRightsRequest(month=month), **coworking.by(JO))
    assert await _refused(asking, Invalid) == ("MONTH_MALFORMED", "month")


async def test_a_booking_is_given_back_by_its_holder_or_by_staff(coworking: Running) -> None:
    mine, other = await coworking.book(), await coworking.book()
    for booking, options in ((mine, coworking.by(JO)), (other, coworking.by_manager)):
        request = pb.CancelBookingRequest(booking_id=booking.booking_id, request_id=new_id("request"))
        cancelled = (await coworking.bookings.CancelBooking(request, **options)).booking
        assert (cancelled.state, cancelled.etag) == (booking_pb2.BOOKING_STATE_CANCELLED, '"2"')
        again = pb.CancelBookingRequest(booking_id=booking.booking_id)
        assert (await coworking.bookings.CancelBooking(again, **options)).booking == cancelled
    upcoming = pb.ListMyBookingsRequest(upcoming_only=True)
    assert not (await coworking.bookings.ListMyBookings(upcoming, **coworking.by(JO))).bookings


async def test_nobody_gives_back_what_is_not_theirs(coworking: Running) -> None:
    booking = await coworking.book(JO)
    for booking_id, person_id in ((booking.booking_id, CAMILLE), (new_id("booking"), JO), ("a\0b", JO)):
        request = pb.CancelBookingRequest(booking_id=booking_id)
        calling = coworking.bookings.CancelBooking(request, **coworking.by(person_id))
        assert await _refused(calling, NotFound) == ("UNKNOWN_BOOKING", "booking_id")


async def test_who_came_cannot_give_it_back(coworking: Running) -> None:
    booking = await coworking.book(JO)
    coworking.hands.at = at(9)
    came = door_pb.CheckInBookingRequest(booking_id=booking.booking_id)
    await coworking.desk.CheckInBooking(came, **coworking.by_manager)
    request = pb.CancelBookingRequest(booking_id=booking.booking_id)
    calling = coworking.bookings.CancelBooking(request, **coworking.by(JO))
    assert await _refused(calling, Conflict) == ("ALREADY_CHECKED_IN", "booking_id")


async def test_my_bookings_come_page_by_page(coworking: Running) -> None:
    made = [(await coworking.book(JO, day=day)).booking_id for day in (1, 2, 3, 4, 5)]
    coworking.hands.at = at(12, day=3)
    seen, token = list[str](), ""
    for _ in range(3):
        request = pb.ListMyBookingsRequest(page_size=2, page_token=token)
        page = await coworking.bookings.ListMyBookings(request, **coworking.by(JO))
        seen += [booking.booking_id for booking in page.bookings]
        token = page.next_page_token
        coworking.hands.at = at(14, day=3)
    assert token == ""
    assert seen == [made[index] for index in (2, 3, 4, 1, 0)]


async def test_a_page_token_of_another_list_is_refused(coworking: Running) -> None:
    for _ in range(2):
        await coworking.book(JO)
    page = await coworking.bookings.ListMyBookings(pb.ListMyBookingsRequest(page_size=1), **coworking.by(JO))
    for token in (page.next_page_token, "nonsense"):
        request = pb.ListMyBookingsRequest(page_size=1, page_token=token, upcoming_only=True)
        calling = coworking.bookings.ListMyBookings(request, **coworking.by(JO))
        assert await _refused(calling, Invalid) == ("PAGE_TOKEN_INVALID", "page_token")


async def test_a_day_shows_everybody_what_is_free_and_names_nobody(coworking: Running) -> None:
    await coworking.book(JO, 9, 13)
    request = pb.GetDayRequest(place_id=coworking.place.place_id, date="2026-11-03")
    day = await coworking.bookings.GetDay(request)
    (seats,) = day.resources
    assert (day.place.name, seats.resource.resource_id) == ("Le village", coworking.seats.resource_id)
    assert [(seconds(one.start_time), one.free_units) for one in seats.openings] == [
        (at(8), 20),
        (at(9), 19),
        (at(13), 20),
    ]
    assert JO.encode() not in day.SerializeToString()


@pytest.mark.parametrize(
    ("change", "kind", "reason", "field"),
    [
        ({"place_id": new_id("place")}, NotFound, "UNKNOWN_PLACE", "place_id"),
        ({"place_id": "nowhere"}, NotFound, "UNKNOWN_PLACE", "place_id"),
        ({"date": "today"}, Invalid, "DAY_MALFORMED", "date"),
        ({"date": "2026-02-30"}, Invalid, "DAY_MALFORMED", "date"),
        ({"date": "9999-12-31"}, Invalid, "DAY_MALFORMED", "date"),
        ({"date": ""}, Invalid, "FIELD_MISSING", "date"),
    ],
)
async def test_a_day_that_is_none_is_refused(
    coworking: Running, change: dict[str, str], kind: type[Refusal], reason: str, field: str
) -> None:
    given: Any = {"place_id": coworking.place.place_id, "date": "2026-11-03", **change}
    assert await _refused(coworking.bookings.GetDay(pb.GetDayRequest(**given)), kind) == (reason, field)
    listing = coworking.bookings.ListDayBookings(pb.ListDayBookingsRequest(**given), **coworking.by_manager)
    assert await _refused(listing, kind) == (reason, field)


async def test_staff_lists_the_bookings_of_a_day_page_by_page(coworking: Running) -> None:
    made = [await coworking.book(who, start, start + 1) for who, start in ((JO, 11), (CAMILLE, 9), (NOOR, 10))]
    await coworking.book(JO, day=1)
    seen, token = list[Any](), ""
    for _ in range(3):
        request = pb.ListDayBookingsRequest(
            place_id=coworking.place.place_id, date="2026-11-03", page_size=1, page_token=token
        )
        page = await coworking.bookings.ListDayBookings(request, **coworking.by_manager)
        seen += page.bookings
        token = page.next_page_token
    assert (seen, token) == ([made[1], made[2], made[0]], "")


async def test_who_runs_the_place_books_for_themselves_too(coworking: Running) -> None:
    assert (await coworking.book(MANAGER)).person_id == MANAGER
