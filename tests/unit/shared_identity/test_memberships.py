"""What a structure says of a membership counts once, whatever the order in which it arrives."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from groupement.declaration.v1 import events_pb2
from groupement.type.v1.period_pb2 import Period as PeriodMessage
from hypothesis import given
from hypothesis import strategies as st
from reciprocity import CAMILLE, JO, NORTH, SOUTH, TODAY, arriving, declared, ended, granted
from servicekit.identifiers import new_id
from servicekit.refusals import Refusal
from shared_identity.days import Period
from shared_identity.memberships import wire
from shared_identity.memberships.domain import (
    Declaration,
    Ending,
    Membership,
    MembershipKind,
    MembershipOfAnotherPerson,
    MembershipOfAnotherStructure,
)

MEMBERSHIP = "membership_" + "1" * 32
FIRST = date(2026, 9, 1)


def declaration(version: int, *, start: date = FIRST, end: date | None = None, **changes: str) -> Declaration:
    given = {"structure": NORTH, "person_id": CAMILLE, **changes}
    return Declaration(
        membership_id=MEMBERSHIP,
        kind=MembershipKind.INCUBATED,
        period=Period(start=start, end=end),
        version=version,
        **given,
    )


def ending(version: int, last_day: date, *, at_once: bool = False, **changes: str) -> Ending:
    given = {"structure": NORTH, "person_id": CAMILLE, **changes}
    return Ending(membership_id=MEMBERSHIP, last_day=last_day, at_once=at_once, version=version, **given)


Saying = Declaration | Ending


def after(sayings: list[Saying]) -> Membership:
    """The membership once all is said; what is said of one not declared yet is said again at the end."""
    held: Membership | None = None
    early = []
    for said in sayings:
        if isinstance(said, Declaration):
            held = Membership(declared=said) if held is None else held.redeclared(said)
        elif held is None:
            early.append(said)
        else:
            held = held.ended(said)
    assert held is not None
    for said in early:
        held = held.ended(said)
    return held


@st.composite
def histories(draw: st.DrawFn) -> list[Saying]:
    days = st.dates(min_value=FIRST, max_value=FIRST + timedelta(days=90))
    sayings: list[Saying] = [declaration(1, start=draw(days))]
    for version in range(2, draw(st.integers(2, 6))):
        ends = draw(st.booleans())
        sayings.append(
            ending(version, draw(days), at_once=draw(st.booleans())) if ends else declaration(version, start=draw(days))
        )
    return sayings


@given(histories(), st.randoms())
def test_repeated_and_disordered_sayings_leave_the_same_membership(history: list[Saying], chance: object) -> None:
    shuffled = history * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after(shuffled) == after(history)


def test_an_ending_holds_until_a_newer_declaration() -> None:
    said: list[Saying] = [declaration(1), ending(2, TODAY, at_once=True), declaration(3, start=TODAY)]
    for order in permutations(said):
        held = after(list(order))
        assert held.period == Period(start=TODAY)
        assert held.in_force(TODAY)


def test_a_membership_ended_today_is_in_force_no_more() -> None:
    held = after([declaration(1), ending(2, TODAY, at_once=True)])
    assert held.period.end == TODAY
    assert not held.in_force(TODAY)


def test_a_membership_that_will_end_is_in_force_to_its_last_day() -> None:
    last = TODAY + timedelta(days=9)
    held = after([declaration(1), ending(2, last)])
    assert held.in_force(last)
    assert not held.in_force(last + timedelta(days=1))


def test_another_structure_takes_no_membership_over() -> None:
    held = Membership(declared=declaration(1))
    with pytest.raises(MembershipOfAnotherStructure):
        held.redeclared(declaration(2, structure=SOUTH))
    with pytest.raises(MembershipOfAnotherStructure):
        held.ended(ending(2, TODAY, structure=SOUTH))


def test_a_membership_passes_to_nobody_else() -> None:
    held = Membership(declared=declaration(1))
    with pytest.raises(MembershipOfAnotherPerson):
        held.redeclared(declaration(2, person_id=JO))
    with pytest.raises(MembershipOfAnotherPerson):
        held.ended(ending(2, TODAY, person_id=JO))


@pytest.mark.parametrize(("last_day", "at_once"), [("2026-11-02", True), ("2026-11-03", True), ("2026-11-04", False)])
def test_a_last_day_that_has_come_ends_a_membership_at_once(last_day: str, at_once: bool) -> None:
    """By the day it was said, so that a late delivery means the same."""
    fact = ended(MEMBERSHIP, last_day=last_day)
    assert wire.ending(fact.message(events_pb2.MembershipEnded), fact).at_once is at_once


def test_a_structure_speaks_for_itself_only() -> None:
    fact = declared(MEMBERSHIP, by=SOUTH)
    assert wire.declaration(fact.message(events_pb2.MembershipDeclared), fact).structure == SOUTH


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"membership_id": "membership_1"}, "membership_id"),
        ({"membership_id": new_id("membership")}, "membership_id"),
        ({"person_id": "camille"}, "person_id"),
        ({"kind": events_pb2.MEMBERSHIP_KIND_UNSPECIFIED}, "kind"),
        ({"kind": 99}, "kind"),
        ({"period": PeriodMessage(start_date="hier")}, "period.start_date"),
    ],
)
def test_a_malformed_declaration_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    given = {
        "membership_id": MEMBERSHIP,
        "person_id": CAMILLE,
        "kind": events_pb2.MEMBERSHIP_KIND_INCUBATED,
        "period": PeriodMessage(start_date="2026-09-01"),
    }
    message = events_pb2.MembershipDeclared(**(given | changes))  # type: ignore[arg-type]
    with pytest.raises(Refusal) as refused:
        wire.declaration(message, arriving(message, MEMBERSHIP, version=1, by=NORTH))
    assert refused.value.field == field


def test_membership_is_no_role_of_staff() -> None:
    fact = granted(CAMILLE, "MEMBER")
    with pytest.raises(Refusal) as refused:
        wire.staff_role(fact.message(events_pb2.StaffRoleGranted), fact)
    assert refused.value.field == "role"


def test_a_staff_role_is_not_told_under_another_name() -> None:
    fact = granted(CAMILLE, "ADVISOR")
    disguised = replace(fact, aggregate_id=MEMBERSHIP)
    with pytest.raises(Refusal) as refused:
        wire.staff_role(disguised.message(events_pb2.StaffRoleGranted), disguised)
    assert refused.value.field == "person_id"
