"""Members by month: each person once in each cell, whatever they are and wherever."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_identity.days import Period
from shared_identity.disclosure import LEAST_TOLD, Told
from shared_identity.figures.counting import ALL, SHARED, by_person, count, members_among
from shared_identity.figures.domain import Asked, Cell, EndsBeforeItStarts, TooLong
from shared_identity.figures.telling import KINDS, tell, tell_event
from shared_identity.memberships.domain import Held, MembershipKind

FIRST = date(2026, 1, 1)
TODAY = date(2026, 11, 22)
STAYS = {
    "le-nord": Period(start=date(2021, 1, 1)),
    "le-sud": Period(start=date(2026, 3, 1)),
    "l-ouest": Period(start=date(2021, 1, 1), end=date(2026, 6, 15)),
}
DAYS = [month.day for month in Asked(first=FIRST, last=date(2026, 8, 1)).begun(TODAY)]


@st.composite
def memberships(draw: st.DrawFn) -> list[Held]:
    """What some people were, person by person."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        for _ in range(draw(st.integers(1, 3))):
            first = FIRST + timedelta(days=draw(st.integers(-60, 240)))
            days = draw(st.one_of(st.none(), st.integers(0, 200)))
            made.append(
                Held(
                    person_id=f"person_{number}",
                    structure=draw(st.sampled_from(sorted(STAYS))),
                    kind=draw(st.sampled_from(MembershipKind)),
                    first=first,
                    last=None if days is None else first + timedelta(days=days),
                )
            )
    return made


def naive(day: date, held: Sequence[Held]) -> Mapping[Cell, int]:
    """The same by looking at each membership, each day."""
    there = [
        each
        for each in held
        if each.first <= day and (each.last is None or day <= each.last) and STAYS[each.structure].covers(day)
    ]
    cells = {Cell(slug, kind) for slug in ("", *STAYS) for kind in ("", *KINDS)}
    counted = {
        cell: len(
            {
                each.person_id
                for each in there
                if cell.structure in ("", each.structure) and cell.kind in ("", each.kind.value)
            }
        )
        for cell in cells
    }
    where = {(each.person_id, each.structure) for each in there}
    people = [person for person, _ in where]
    counted[SHARED] = len({person for person in people if people.count(person) > 1})
    return {cell: number for cell, number in counted.items() if number}


@settings(max_examples=100, deadline=None)
@given(memberships())
def test_counting_by_patterns_of_months_is_counting_people(held: list[Held]) -> None:
    assert [dict(counts) for counts in count(DAYS, held, STAYS)] == [naive(day, held) for day in DAYS]


def test_control_adding_structures_up_counts_somebody_twice() -> None:
    both = [
        Held(person_id="person_1", structure=slug, kind=MembershipKind.COWORKER, first=FIRST, last=None)
        for slug in ("le-nord", "l-ouest")
    ]
    (counts,) = count([date(2026, 1, 31)], both, STAYS)
    assert counts[ALL] == 1 and counts[SHARED] == 1
    assert sum(counts.get(Cell(slug), 0) for slug in STAYS) == 2


def test_a_month_under_way_is_counted_today_and_one_to_come_is_not() -> None:
    months = Asked(first=date(2026, 10, 1), last=date(2027, 1, 1)).begun(TODAY)
    assert [(month.name, month.day) for month in months] == [
        ("2026-10", date(2026, 10, 31)),
        ("2026-11", TODAY),
    ]


def test_figures_are_given_of_three_years_at_most() -> None:
    assert len(Asked(first=date(2023, 12, 1), last=date(2026, 11, 1)).begun(TODAY)) == 36
    with pytest.raises(TooLong):
        Asked(first=date(2023, 11, 1), last=date(2026, 11, 1))
    with pytest.raises(EndsBeforeItStarts):
        Asked(first=date(2026, 11, 1), last=date(2026, 10, 1))


def test_ones_own_figures_are_exact_and_small_ones_of_others_are_not_told() -> None:
    counts = {
        Cell("le-nord"): 3,
        Cell("le-nord", "INCUBATED"): 3,
        Cell("le-sud"): 40,
        Cell("le-sud", "COWORKER"): 38,
        Cell("le-sud", "STAFF"): 2,
        Cell("", "COWORKER"): 38,
        Cell("", "INCUBATED"): 3,
        Cell("", "STAFF"): 2,
        ALL: 43,
    }
    told = tell(counts, ["le-nord", "le-sud"], "le-nord")
    assert told[Cell("le-nord")] == told[Cell("le-nord", "INCUBATED")] == Told(value=3)
    assert told[Cell("le-nord", "COWORKER")] == Told(value=0)
    assert told[Cell("le-sud", "STAFF")] == told[Cell("", "STAFF")] == told[SHARED] == Told(hidden=True)
    assert all(one.hidden or one.value >= LEAST_TOLD for cell, one in told.items() if cell.structure != "le-nord")


def test_what_is_left_of_an_own_figure_does_not_tell_how_many_are_others_too() -> None:
    """Eight of ours are theirs too, of ten: that two are not would follow."""
    counts = {Cell("le-nord"): 10, Cell("le-sud"): 30, SHARED: 8, ALL: 32}
    told = tell(counts, ["le-nord", "le-sud"], "le-nord")
    assert told[SHARED].hidden


def test_who_came_is_told_by_structure_and_small_numbers_are_not() -> None:
    told = tell_event(60, 48, {"le-nord": 2, "le-sud": 30, "l-ouest": 4}, "le-nord")
    assert told[Cell("le-nord")] == Told(value=2)
    assert told[Cell("le-sud")] == Told(value=30)
    assert told[Cell("l-ouest")].hidden
    assert (told[Cell(of="registered")].value, told[Cell(of="attended")].value) == (60, 48)
    assert all(one.hidden for one in tell_event(4, 3, {"le-sud": 3}, "le-nord").values())


def test_somebody_who_came_counts_where_they_were_a_member_that_day() -> None:
    held = [
        Held(person_id="a", structure="le-nord", kind=MembershipKind.COWORKER, first=FIRST, last=None),
        Held(person_id="a", structure="le-nord", kind=MembershipKind.STAFF, first=FIRST, last=None),
        Held(person_id="a", structure="le-sud", kind=MembershipKind.COWORKER, first=FIRST, last=date(2026, 5, 1)),
        Held(person_id="b", structure="le-sud", kind=MembershipKind.COWORKER, first=date(2026, 9, 1), last=None),
    ]
    counted = members_among(["a", "b", "", ""], by_person(held), date(2026, 6, 1))
    assert dict(counted) == {"le-nord": 1}
