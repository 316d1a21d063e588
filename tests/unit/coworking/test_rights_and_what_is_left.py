"""What a right covers, for how long, and how much of it is left."""

from dataclasses import replace
from datetime import date

import pytest
from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.rights import domain
from coworking.rights.domain import Entitlement, NoHalfDaysLeft, PeriodUpsideDown, Right
from servicekit.fields import FieldOutOfRange
from servicekit.refusals import Invalid

SEAT = ResourceKind.NOMAD_SEAT
NOVEMBER = Entitlement(
    entitlement_id="entitlement_1",
    person_id="person_1",
    agreement_id="agreement_1",
    home="inter-made",
    kind=SEAT,
    half_days_per_month=8,
    price=Money(cents=600),
    starts_on=date(2026, 11, 1),
    ends_on=date(2026, 11, 30),
    version=1,
)


@pytest.mark.parametrize(
    ("day", "covered"),
    [(date(2026, 10, 31), False), (date(2026, 11, 1), True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)],
)
def test_a_right_is_in_force_from_its_first_day_to_its_last(day: date, covered: bool) -> None:
    assert Right(entitlement=NOVEMBER, taken={}).covers(SEAT, day) is covered


def test_a_right_without_an_end_goes_on() -> None:
    assert replace(NOVEMBER, ends_on=None).in_force_on(date(2099, 1, 1))


def test_a_right_opens_its_own_kind_only() -> None:
    assert not Right(entitlement=NOVEMBER, taken={}).covers(ResourceKind.DESK, date(2026, 11, 3))


def test_a_closed_right_opens_nothing_and_carries_what_was_booked_until_its_last_day() -> None:
    closed = NOVEMBER.closing(date(2026, 11, 10), 2)
    assert (closed.version, closed.ends_on, closed.in_force_on(date(2026, 11, 3))) == (2, date(2026, 11, 10), False)
    assert [closed.still_carries(date(2026, 11, day)) for day in (10, 11)] == [True, False]
    assert not closed.in_force_during(date(2026, 11, 1), date(2026, 11, 30))


def test_closing_never_makes_a_right_longer() -> None:
    assert NOVEMBER.closing(date(2027, 1, 1), 2).ends_on == date(2026, 11, 30)
    assert replace(NOVEMBER, ends_on=None).closing(date(2027, 1, 1), 2).ends_on == date(2027, 1, 1)


def test_what_is_left_is_counted_by_month_and_never_negative() -> None:
    right = Right(entitlement=NOVEMBER, taken={"2026-11": 3, "2026-12": 9})
    assert [right.left_in(month) for month in ("2026-10", "2026-11", "2026-12")] == [8, 5, 0]


def test_the_right_that_ends_soonest_goes_first_and_only_those_that_can_carry_all() -> None:
    endless = Right(entitlement=replace(NOVEMBER, entitlement_id="entitlement_2", ends_on=None), taken={})
    short = Right(entitlement=NOVEMBER, taken={"2026-11": 7})
    day = date(2026, 11, 3)
    assert domain.covering([endless, short], SEAT, day, 1) == [short, endless]
    assert domain.covering([endless, short], SEAT, day, 2) == [endless]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"half_days_per_month": -1}, FieldOutOfRange),
        ({"half_days_per_month": 63}, FieldOutOfRange),
        ({"price": Money(cents=-1)}, FieldOutOfRange),
        ({"ends_on": date(2026, 10, 31)}, PeriodUpsideDown),
    ],
)
def test_a_right_that_makes_no_sense_is_refused(change: dict[str, object], refusal: type[Invalid]) -> None:
    with pytest.raises(refusal):
        domain.check_entitlement(replace(NOVEMBER, **change))  # type: ignore[arg-type]


def test_the_reason_is_that_of_the_contract() -> None:
    assert NoHalfDaysLeft.reason == "NO_HALF_DAYS_LEFT"
