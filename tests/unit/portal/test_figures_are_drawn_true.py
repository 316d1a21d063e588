"""Marks stand where their values say, hidden values draw nothing, a comb is the same whenever it is drawn."""

import pytest
from portal import charts
from portal.hexagons import comb


def test_bars_are_as_long_as_their_values() -> None:
    drawn = charts.bars([("a", 50), ("b", 25), ("c", 0)])
    assert [mark.size for mark in drawn.marks] == [100.0, 50.0, 0.0]
    assert drawn.height == 3 * charts.ROW


def test_a_hidden_value_draws_nothing() -> None:
    assert charts.bars([("a", 10), ("b", None)]).marks[1].size == 0
    assert charts.stack([("a", None), ("b", 8, "/liste")]).marks[1].size == 100


def test_nothing_at_all_is_drawn_without_a_division_by_nothing() -> None:
    assert charts.bars([]).marks == ()
    assert charts.stack([("a", 0)]).marks[0].size == 0
    assert charts.line([]).trace == ""


def test_parts_of_a_whole_fill_it_one_after_the_other() -> None:
    marks = charts.stack([("a", 1), ("b", 2), ("c", 1)]).marks
    assert [(mark.at, mark.size) for mark in marks] == [(0, 25), (25, 50), (75, 25)]
    assert len({mark.shade for mark in marks}) == 3


@pytest.mark.parametrize(("most", "top"), [(1, 2), (31, 40), (47, 50), (99, 100), (100, 100), (101, 200), (7, 10)])
def test_the_scale_ends_at_a_round_number_over_the_largest(most: float, top: float) -> None:
    drawn = charts.line([("a", 0), ("b", most)])
    assert drawn.rules[-1].value == top
    assert top >= most


def test_a_line_goes_from_its_lowest_to_its_highest() -> None:
    drawn = charts.line([("a", 0), ("b", 100)])
    assert drawn.marks[0].y == charts.HEIGHT - charts.FOOT
    assert drawn.marks[1].y == charts.TOP
    assert drawn.marks[0].at < drawn.marks[1].at


def test_a_line_breaks_where_a_number_is_hidden_rather_than_fall_to_zero() -> None:
    drawn = charts.line([("a", 8), ("b", None), ("c", 9), ("d", 7)])
    assert [mark.hidden for mark in drawn.marks] == [False, True, False, False]
    assert (drawn.trace.count("M"), drawn.trace.count("L")) == (2, 1)


@pytest.mark.parametrize("many", [1, 6, 7, 8, 12, 24, 36])
def test_few_labels_are_drawn_under_a_line_and_the_last_always(many: int) -> None:
    dated = [mark.dated for mark in charts.line([(str(number), number) for number in range(many)]).marks]
    assert dated[-1]
    assert sum(dated) <= 7


def test_a_comb_is_the_same_whenever_it_is_drawn_and_differs_by_its_word() -> None:
    assert comb("plus", 8, 6) == comb("plus", 8, 6)
    assert comb("plus", 8, 6).cells != comb("moins", 8, 6).cells


def test_a_comb_is_full_in_its_corner_and_empty_in_the_far_one() -> None:
    kept = [comb(f"mot {number}", 8, 6) for number in range(40)]
    near = sum(any(cell.path.startswith("M562 0l") for cell in each.cells) for each in kept)
    far = sum(any(cell.path.startswith("M35 0l") for cell in each.cells) for each in kept)
    assert near > 35
    assert far < 10
