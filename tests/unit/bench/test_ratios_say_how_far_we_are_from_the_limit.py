"""Ratios: which way they read, what they are the median of, and when a goal is met."""

import pytest

from bench.figures import Figure, Row, at_least, at_most, take_turns

TWICE_AS_SLOW = Figure(limit=[[1.0], [2.0], [3.0]], ours=[[2.0], [4.0], [6.0]])


def test_a_goal_on_speed_divides_the_limits_time_by_ours() -> None:
    assert TWICE_AS_SLOW.ratio(at_least(0.8)) == 0.5


def test_a_goal_on_time_divides_our_time_by_the_limits() -> None:
    assert TWICE_AS_SLOW.ratio(at_most(2.0)) == 2.0


@pytest.mark.parametrize(("goal", "met"), [(at_least(0.5), True), (at_least(0.51), False), (at_most(1.9), False)])
def test_a_goal_is_met_at_its_value_and_not_before(goal: object, met: bool) -> None:
    row = Row(what="", against="", source="", goal=goal, figures={"sqlite": TWICE_AS_SLOW})  # type: ignore[arg-type]
    assert row.met() is met


def test_one_engine_that_misses_is_a_miss() -> None:
    quick = Figure(limit=[[1.0]], ours=[[1.0]])
    row = Row(what="", against="", source="", goal=at_least(0.8), figures={"a": quick, "b": TWICE_AS_SLOW})
    assert row.met() is False


def test_a_ratio_pairs_the_slices_of_one_round() -> None:
    """One bad round, in which everything took ten times as long, moves nothing."""
    figure = Figure(limit=[[1.0], [10.0], [1.0]], ours=[[2.0], [20.0], [2.0]])
    assert figure.ratios(at_least(1.0)) == [0.5, 0.5, 0.5]


def test_the_spread_is_the_quartiles() -> None:
    figure = Figure(limit=[[1.0]] * 5, ours=[[1.0], [2.0], [3.0], [4.0], [5.0]])
    assert figure.spread(at_most(1.0)) == (2.0, 4.0)


def test_a_slice_counts_by_its_mean_or_by_its_median() -> None:
    slices = {"limit": [[1.0, 1.0, 1.0]], "ours": [[1.0, 1.0, 10.0]]}
    assert Figure(**slices).ratio(at_most(1.0)) == 4.0
    assert Figure(**slices, middle="median").ratio(at_most(1.0)) == 1.0


def test_percentiles_are_of_everything_timed() -> None:
    figure = Figure(limit=[[1.0]], ours=[list(map(float, range(50))), list(map(float, range(50, 100)))])
    assert (figure.percentile("ours", 50), figure.percentile("ours", 99)) == (50.0, 99.0)


async def test_sides_take_turns_and_the_first_round_is_left_out() -> None:
    order: list[str] = []

    def side(name: str) -> object:
        async def once(number: int) -> list[float]:
            order.append(f"{name}{number}")
            return [float(number)]

        return once

    limit, ours = await take_turns(2, side("limit"), side("ours"))  # type: ignore[arg-type]
    assert order == ["limit0", "ours0", "limit1", "ours1", "limit2", "ours2"]
    assert (limit, ours) == ([[1.0], [2.0]], [[1.0], [2.0]])
