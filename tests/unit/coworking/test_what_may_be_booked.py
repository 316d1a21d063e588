"""Which wishes a place can grant, how many half-days they take, and what they cost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from coworking.bookings import domain
from coworking.bookings.domain import (
    EndsBeforeItStarts,
    InThePast,
    OffTheGrid,
    OutsideOpeningHours,
    ResourceAlreadyBooked,
    Stay,
    TooFarAhead,
    TooLong,
)
from coworking.money import Money
from coworking.places.domain import OpeningHours
from coworking.spans import Span
from servicekit.refusals import Refusal
from village import NOW, TODAY, a_place, a_resource, a_wish, at, hours

PLACE = a_place()
SEAT = a_resource(PLACE)
ALWAYS_OPEN = a_place(opening_hours=tuple(OpeningHours(weekday=day, opens=0, closes=1440) for day in range(1, 8)))


def _accept(span: Span, *, now: datetime = NOW, place: object = PLACE) -> Stay:
    wish = replace(a_wish(SEAT), span=span)
    return domain.accept(wish, SEAT, place, now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [(9, 13, 1), (9, 18, 2), (12, 14, 2), (13, 18, 1), (12.75, 13, 1), (12.75, 13.25, 2), (8, 20, 2), (13, 13.25, 1)],
)
def test_a_day_splits_at_one_in_the_afternoon(start: float, end: float, count: int) -> None:
    stay = _accept(hours(start, end))
    assert (stay.half_days, stay.price, stay.day) == (count, Money(cents=900 * count), TODAY)


def test_the_split_is_in_the_places_own_time() -> None:
    lima = a_place(time_zone="America/Lima")
    stay = _accept(hours(18, 19), place=lima)
    assert stay.half_days == 1
    assert _accept(hours(18.75, 19.25), place=lima).half_days == 2


@pytest.mark.parametrize(
    ("span", "refusal", "field"),
    [
        (Span(start=at(9) + timedelta(minutes=5), end=at(10)), OffTheGrid, "start_time"),
        (Span(start=at(9), end=at(10) + timedelta(seconds=1)), OffTheGrid, "end_time"),
        (Span(start=at(9), end=at(9)), EndsBeforeItStarts, "end_time"),
        (Span(start=at(10), end=at(9)), EndsBeforeItStarts, "end_time"),
        (hours(9, 10, day=-1), InThePast, "start_time"),
        (hours(9, 10, day=367), TooFarAhead, "start_time"),
        (hours(7.75, 9, day=1), OutsideOpeningHours, "start_time"),
        (hours(19, 20.25), OutsideOpeningHours, "start_time"),
        (Span(start=at(9), end=at(10, day=1)), TooLong, "end_time"),
        (Span(start=at(9), end=at(9, day=9)), TooLong, "end_time"),
    ],
)
def test_what_cannot_be_granted_is_refused_with_its_field(span: Span, refusal: type[Refusal], field: str) -> None:
    with pytest.raises(refusal) as refused:
        _accept(span)
    assert refused.value.field == field


def test_the_reasons_are_those_of_the_contract() -> None:
    refusals = (OffTheGrid, InThePast, TooFarAhead, TooLong, OutsideOpeningHours, ResourceAlreadyBooked)
    assert [refusal.reason for refusal in refusals] == [
        "OFF_THE_GRID",
        "IN_THE_PAST",
        "TOO_FAR_AHEAD",
        "TOO_LONG",
        "OUTSIDE_OPENING_HOURS",
        "RESOURCE_ALREADY_BOOKED",
    ]


def test_a_booking_may_reach_midnight_but_not_pass_it() -> None:
    assert _accept(hours(20, 24), place=ALWAYS_OPEN).day == TODAY
    assert _accept(hours(8, 24), place=ALWAYS_OPEN).half_days == 2
    with pytest.raises(TooLong):
        _accept(hours(20, 24.25), place=ALWAYS_OPEN)


def test_two_half_days_of_two_days_are_too_long_though_they_last_less_than_a_day() -> None:
    with pytest.raises(TooLong):
        _accept(hours(18, 32), place=ALWAYS_OPEN)


def test_a_whole_day_is_not_too_long_even_when_it_has_25_hours() -> None:
    back = hours(-1, 24, day=-9)
    assert back.end - back.start == timedelta(hours=25)
    assert _accept(back, now=at(8, day=-10), place=ALWAYS_OPEN).half_days == 2


def test_the_quarter_in_course_is_not_past() -> None:
    assert _accept(hours(9, 10), now=at(9) + timedelta(minutes=14, seconds=59)).half_days == 1
    with pytest.raises(InThePast):
        _accept(hours(9, 10), now=at(9.25))


def test_bookings_open_a_year_ahead() -> None:
    assert _accept(hours(9, 10, day=365)).half_days == 1


def test_units_are_given_lowest_first_until_none_is_free() -> None:
    stay = domain.accept(a_wish(SEAT), replace(SEAT, units=3), PLACE, now=NOW)
    assert domain.free_units(stay, [2]) == [1, 3]
    with pytest.raises(ResourceAlreadyBooked):
        domain.free_units(stay, [1, 2, 3, 3])
