"""The openings of a day: how many units are free, and when."""

from collections.abc import Sequence

from coworking.bookings import domain
from coworking.bookings.domain import Taken
from coworking.spans import Span
from hypothesis import given
from hypothesis import strategies as st
from village import TODAY, a_place, a_resource, hours

DAY = hours(8, 20)


def _taken(unit: int, start: float, end: float) -> Taken:
    return Taken(resource_id="resource_1", unit=unit, span=hours(start, end))


def _free(units: int, *taken: Taken, opening: Sequence[Span] = (DAY,)) -> list[tuple[Span, int]]:
    return [(one.span, one.free_units) for one in domain.openings(opening, units, taken)]


def test_a_day_nobody_booked_is_free_from_end_to_end() -> None:
    assert _free(3) == [(DAY, 3)]


def test_it_is_cut_where_a_unit_is_taken_or_given_back() -> None:
    assert _free(2, _taken(1, 9, 13), _taken(2, 12, 14)) == [
        (hours(8, 9), 2),
        (hours(9, 12), 1),
        (hours(12, 13), 0),
        (hours(13, 14), 1),
        (hours(14, 20), 2),
    ]


def test_units_counted_are_free_all_along() -> None:
    """Unit 2 is free until ten, unit 1 from ten on: nobody can have one seat from nine to eleven."""
    assert _free(2, _taken(1, 9, 10), _taken(2, 10, 11))[1:3] == [(hours(9, 10), 1), (hours(10, 11), 1)]


def test_bookings_in_a_row_on_one_unit_make_one_stretch() -> None:
    assert _free(2, _taken(1, 9, 10), _taken(1, 10, 11)) == [
        (hours(8, 9), 2),
        (hours(9, 11), 1),
        (hours(11, 20), 2),
    ]


def test_a_booking_over_the_edge_counts_inside_only() -> None:
    assert _free(1, _taken(1, 6, 9)) == [(hours(8, 9), 0), (hours(9, 20), 1)]


def test_each_stretch_of_the_day_is_cut_on_its_own() -> None:
    morning, afternoon = hours(9, 12), hours(14, 18)
    assert _free(1, _taken(1, 11, 15), opening=(morning, afternoon)) == [
        (hours(9, 11), 1),
        (hours(11, 12), 0),
        (hours(14, 15), 0),
        (hours(15, 18), 1),
    ]


def test_each_space_sees_its_own_bookings() -> None:
    place = a_place()
    one, other = a_resource(place), a_resource(place)
    taken = [Taken(resource_id=one.resource_id, unit=1, span=DAY)]
    days = domain.day_openings(place, [one, other], TODAY, taken)
    assert [[opening.free_units for opening in openings] for _, openings in days] == [[0], [1]]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(32, 79), st.integers(1, 16)), max_size=12))
def test_every_quarter_is_told_once_and_truly(rows: list[tuple[int, int, int]]) -> None:
    taken = [_taken(unit, start / 4, (start + length) / 4) for unit, start, length in rows]
    found = domain.openings([DAY], 4, taken)
    assert [quarter for one in found for quarter in one.span.quarters()] == DAY.quarters()
    for one in found:
        busy = {each.unit for each in taken if each.span.overlaps(one.span)}
        assert one.free_units == 4 - len(busy)
