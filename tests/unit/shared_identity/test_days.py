"""Days are Paris days, and periods count their last day."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_identity.days import Period, day_of, start_of

DAYS = st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 2, 28))
EVERY_DAY = [date.fromordinal(day) for day in range(date(2026, 1, 1).toordinal(), date(2026, 3, 15).toordinal())]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(DAYS)
    end = draw(st.none() | DAYS.filter(lambda day: day >= start))
    return Period(start=start, end=end)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 3, 22, 59, tzinfo=UTC), date(2026, 11, 3)),
        (datetime(2026, 11, 3, 23, 0, tzinfo=UTC), date(2026, 11, 4)),
        (datetime(2026, 7, 3, 22, 0, tzinfo=UTC), date(2026, 7, 4)),
    ],
)
def test_a_day_begins_at_midnight_in_paris(instant: datetime, day: date) -> None:
    assert day_of(instant) == day


def test_a_day_has_begun_at_the_instant_it_begins() -> None:
    for day in EVERY_DAY:
        assert day_of(start_of(day)) == day


def test_a_period_is_over_when_its_last_day_is_over() -> None:
    november = Period(start=date(2026, 11, 1), end=date(2026, 11, 30))
    assert november.covers(date(2026, 11, 30))
    assert november.over_at == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert Period(start=date(2026, 11, 1)).over_at is None


@given(periods(), periods())
def test_two_periods_have_in_common_the_days_that_both_cover(one: Period, other: Period) -> None:
    common = one & other
    for day in EVERY_DAY:
        assert (common is not None and common.covers(day)) == (one.covers(day) and other.covers(day))


@given(periods(), periods())
def test_periods_that_meet_are_joined_without_a_day_more_or_less(one: Period, other: Period) -> None:
    first, second = sorted((one, other), key=lambda period: period.start)
    if not first.meets(second):
        assert first.end is not None
        assert (second.start - first.end).days > 1
        return
    joined = first.joined(second)
    for day in EVERY_DAY:
        assert joined.covers(day) == (first.covers(day) or second.covers(day))
