"""Opening hours are in the place's own time, also on the days on which clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from coworking.places.domain import OpeningHours, Place
from coworking.spans import Span, day_at, instant_at, last_of_month, month_of, on_the_grid, whole_day
from village import a_place, hours

TUESDAY = date(2026, 11, 3)
FORWARD = date(2026, 3, 29)
"""Paris clocks go from two to three."""

BACK = date(2026, 10, 25)
"""Paris clocks go from three back to two."""


def _place(*stretches: tuple[int, float, float], zone: str = "Europe/Paris") -> Place:
    found = [
        OpeningHours(weekday=day, opens=int(opens * 60), closes=int(closes * 60)) for day, opens, closes in stretches
    ]
    return a_place(opening_hours=tuple(found), time_zone=zone)


def _utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def test_a_place_is_open_on_its_weekdays_only() -> None:
    place = _place((2, 9, 18))
    assert place.openings(TUESDAY) == [Span(start=_utc(TUESDAY, 8), end=_utc(TUESDAY, 17))]
    assert place.openings(TUESDAY + timedelta(days=1)) == []


def test_stretches_come_in_order_and_those_that_touch_are_one() -> None:
    place = _place((2, 14, 18), (2, 9, 12), (2, 12, 13))
    assert place.openings(TUESDAY) == [hours(9, 13), hours(14, 18)]
    assert place.is_open(hours(11, 13))
    assert not place.is_open(hours(12, 15))


def test_nine_is_nine_on_both_sides_of_a_change_of_clocks() -> None:
    place = _place((6, 9, 10), (7, 9, 10), (1, 9, 10))
    starts = [place.openings(FORWARD + timedelta(days=shift))[0].start.hour for shift in (-1, 0, 1)]
    assert starts == [8, 7, 7]
    starts = [place.openings(BACK + timedelta(days=shift))[0].start.hour for shift in (-1, 0, 1)]
    assert starts == [7, 8, 8]


@pytest.mark.parametrize(("day", "length"), [(FORWARD, 23), (BACK, 25), (TUESDAY, 24)])
def test_a_place_open_all_day_is_open_as_long_as_the_day_is(day: date, length: int) -> None:
    place = _place(*((weekday, 0, 24) for weekday in range(1, 8)))
    (opening,) = place.openings(day)
    assert opening.end - opening.start == timedelta(hours=length)
    assert opening == whole_day(day, place.zone)


def test_a_night_that_loses_an_hour_never_opens_backwards() -> None:
    place = _place((7, 2.5, 3))
    assert place.openings(FORWARD) == []
    assert len(place.openings(FORWARD + timedelta(days=7))) == 1


def test_a_time_shown_twice_is_the_first_of_the_two() -> None:
    place = _place((7, 2.5, 4))
    (opening,) = place.openings(BACK)
    assert opening.start == _utc(BACK, 0, 30)
    assert opening.end - opening.start == timedelta(hours=2.5)


def test_the_day_is_the_one_the_place_shows() -> None:
    late = _utc(TUESDAY, 23, 30)
    assert [day_at(late, _place(zone=zone).zone) for zone in ("Europe/Paris", "America/Lima")] == [
        date(2026, 11, 4),
        date(2026, 11, 3),
    ]


def test_a_place_far_from_utc_opens_in_its_own_morning() -> None:
    place = _place((2, 9, 18), zone="Pacific/Auckland")
    (opening,) = place.openings(TUESDAY)
    assert opening.start == _utc(TUESDAY - timedelta(days=1), 20)
    assert place.day_of(opening.start) == TUESDAY


@pytest.mark.parametrize(
    ("seconds", "fits"), [(0, True), (900, True), (901, False), (899, False), (450, False), (0.5, False)]
)
def test_the_grid_is_a_quarter_of_an_hour(seconds: float, fits: bool) -> None:
    assert on_the_grid(_utc(TUESDAY, 9) + timedelta(seconds=seconds)) is fits


def test_zones_a_quarter_off_keep_the_same_grid() -> None:
    assert on_the_grid(instant_at(TUESDAY, 9 * 60, a_place(time_zone="Asia/Kathmandu").zone))


def test_a_span_has_its_quarters() -> None:
    assert hours(9, 9.75).quarters() == [_utc(TUESDAY, 8), _utc(TUESDAY, 8, 15), _utc(TUESDAY, 8, 30)]


def test_spans_that_touch_do_not_overlap() -> None:
    assert not hours(9, 10).overlaps(hours(10, 11))
    assert hours(9, 10.25).overlaps(hours(10, 11))
    assert hours(9, 11).covers(hours(9, 11))
    assert not hours(9, 11).covers(hours(9, 11.25))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_month_ends_on_its_last_day(first: date, last: date) -> None:
    assert (last_of_month(first), month_of(first)) == (last, f"{first.year}-{first.month:02d}")
