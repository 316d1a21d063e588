"""The day grid: every quarter of every space is accounted for, and the past cannot be booked."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1.booking_service_pb2 import Opening, ResourceDay
from groupement.coworking.v1.place_pb2 import (
    ACCESSIBILITY_NO,
    ACCESSIBILITY_UNKNOWN,
    ACCESSIBILITY_YES,
    RESOURCE_KIND_DESK,
    RESOURCE_KIND_NOMAD_SEAT,
    AccessibilityFacts,
    Place,
    Resource,
)
from portal.formats import zone
from portal.grid import CLOSED, FREE, FULL, Filters, Row, Slot, grid, instant, nearest, slots_of, stretches

PARIS = "Europe/Paris"
DAY = date(2026, 11, 24)
BEFORE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PLACE = Place(time_zone=PARIS, accessibility=AccessibilityFacts(wheelchair=ACCESSIBILITY_YES))
SEAT = Resource(resource_id="r1", kind=RESOURCE_KIND_NOMAD_SEAT, units=12)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute), zone(PARIS))


def stamp(when: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(when)
    return made


def opening(start: datetime, end: datetime, free: int) -> Opening:
    return Opening(start_time=stamp(start), end_time=stamp(end), free_units=free)


MORNING = [opening(at(9), at(10, 30), 2), opening(at(10, 30), at(12), 0), opening(at(12), at(18, 30), 1)]


def drawn(
    openings: list[Opening], filters: Filters | None = None, now: datetime = BEFORE, **resource: int
) -> list[str]:
    space = Resource(resource_id="r1", kind=RESOURCE_KIND_NOMAD_SEAT)
    days = [ResourceDay(resource=space, openings=openings)]
    rows = grid(days, PLACE, filters or Filters(), BEFORE).rows
    return [f"{cell.state}:{cell.quarters}" for row in rows for cell in row.cells]


def test_a_row_covers_every_quarter_of_the_day() -> None:
    found = grid([ResourceDay(resource=SEAT, openings=MORNING)], PLACE, Filters(), BEFORE)
    assert found.hours == tuple(range(9, 19))
    assert sum(cell.quarters for cell in found.rows[0].cells) == 4 * len(found.hours)


def test_free_taken_and_closed_are_told_apart() -> None:
    assert drawn(MORNING) == [f"{FREE}:6", f"{FULL}:6", f"{FREE}:26", f"{CLOSED}:2"]


def test_a_day_without_opening_hours_has_no_hours() -> None:
    assert grid([ResourceDay(resource=SEAT)], PLACE, Filters(), BEFORE).hours == ()


def test_a_day_open_until_midnight_ends_at_its_last_hour() -> None:
    late = [opening(at(22), at(0) + timedelta(days=1), 1)]
    assert drawn(late) == [f"{FREE}:8"]


def test_what_is_over_today_cannot_be_booked() -> None:
    slots = slots_of(MORNING, PARIS, at(12, 7))
    assert [slot.start for slot in slots] == [at(12, 15)]


def test_a_day_that_is_over_has_nothing_left() -> None:
    assert slots_of(MORNING, PARIS, at(23)) == ()


@pytest.mark.parametrize(
    ("free", "begins", "ends"),
    [
        ([(9, 18)], 9, 13),
        ([(9, 11)], 9, 11),
        ([(14, 18)], 14, 18),
        ([(8, 9), (9, 12), (12, 19)], 8, 13),
        ([(8, 9), (10, 19)], 8, 9),
        ([(12, 14), (14, 19)], 14, 19),
    ],
)
def test_what_one_books_by_default_is_a_half_day_without_a_gap(
    free: list[tuple[int, int]], begins: int, ends: int
) -> None:
    slots = tuple(Slot(start=at(first), end=at(last), free_units=1) for first, last in free)
    row = Row(resource=SEAT, slots=slots, cells=())
    assert row.until(next(slot for slot in slots if slot.start == at(begins))) == at(ends)


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        (Filters(), True),
        (Filters(kind=RESOURCE_KIND_NOMAD_SEAT), True),
        (Filters(kind=RESOURCE_KIND_DESK), False),
        (Filters(start=time(12), end=time(18)), True),
        (Filters(start=time(10), end=time(13)), False),
        (Filters(start=time(18), end=time(19)), False),
        (Filters(start=time(9)), True),
        (Filters(wheelchair=True), True),
    ],
)
def test_filters_keep_what_fits(filters: Filters, shown: bool) -> None:
    assert bool(drawn(MORNING, filters)) is shown


@pytest.mark.parametrize(
    ("own", "place", "enters"),
    [
        (0, ACCESSIBILITY_YES, True),
        (0, ACCESSIBILITY_UNKNOWN, False),
        (ACCESSIBILITY_NO, ACCESSIBILITY_YES, False),
        (ACCESSIBILITY_UNKNOWN, ACCESSIBILITY_YES, False),
        (ACCESSIBILITY_YES, ACCESSIBILITY_NO, True),
    ],
)
def test_unknown_is_not_a_yes(own: int, place: int, enters: bool) -> None:
    space = Resource(accessibility=AccessibilityFacts(wheelchair=own))  # type: ignore[arg-type]
    there = Place(accessibility=AccessibilityFacts(wheelchair=place))  # type: ignore[arg-type]
    assert Filters(wheelchair=True).admits(space, (), there) is enters


def test_free_stretches_join_when_no_gap_parts_them() -> None:
    slots = [Slot(start=at(9), end=at(10), free_units=3), Slot(start=at(10), end=at(12), free_units=1)]
    assert stretches(slots) == [Slot(start=at(9), end=at(12), free_units=1)]


def test_the_nearest_free_slots_are_as_long_as_the_wish() -> None:
    slots = slots_of(MORNING, PARIS, BEFORE)
    found = nearest(slots, at(10), at(11, 30))
    assert [(slot.start, slot.end) for slot in found] == [(at(9), at(10, 30)), (at(12), at(13, 30))]


def test_nothing_is_offered_when_nothing_is_long_enough() -> None:
    assert nearest(slots_of(MORNING, PARIS, BEFORE), at(9), at(18)) == []


def test_a_wall_clock_time_is_that_of_the_place_in_summer_and_winter() -> None:
    assert instant(date(2026, 7, 1), time(9), PARIS).astimezone(UTC).hour == 7
    assert instant(date(2026, 12, 1), time(9), PARIS).astimezone(UTC).hour == 8


def test_midnight_after_a_start_is_the_end_of_its_day() -> None:
    assert instant(DAY, time(0), PARIS, after=at(20)) == at(0) + timedelta(days=1)
    assert instant(DAY, time(19), PARIS, after=at(20)) == at(19)
