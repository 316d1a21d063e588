"""A right is open exactly on the days that a membership and the agreement are both in force."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from groupement.coworking.v1.events_pb2 import UsageRecorded
from hypothesis import given
from hypothesis import strategies as st
from reciprocity import CAMILLE, JO, NORTH, SEATS, SOUTH, TODAY, an_agreement, arriving
from servicekit.refusals import Refusal
from shared_identity.agreements import wire
from shared_identity.agreements.entitlements import Entitlement, due_from, settle
from shared_identity.days import Period
from shared_identity.memberships.domain import Declaration, Ending, Membership, MembershipKind

HORIZON = 60
FIRST = TODAY - timedelta(days=20)
EVERY_DAY = [FIRST + timedelta(days=ahead) for ahead in range(HORIZON)]
WINDOW = Period(start=date(2026, 1, 1))


def names() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"entitlement_{next(numbers):032x}"


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.sampled_from(EVERY_DAY))
    end = draw(st.none() | st.sampled_from([day for day in EVERY_DAY if day >= start]))
    return Period(start=start, end=end)


@given(periods(), st.lists(periods(), max_size=4))
def test_what_is_due_is_the_first_run_of_days_not_over(window: Period, stretches: list[Period]) -> None:
    entitled = [window.covers(day) and any(stretch.covers(day) for stretch in stretches) for day in EVERY_DAY]
    due = due_from(TODAY, window, stretches)
    first = next((at for at, yes in enumerate(entitled) if yes and EVERY_DAY[at] >= TODAY), None)
    if first is None:
        assert due is None
        return
    last = next((at for at in range(first, HORIZON) if not entitled[at]), HORIZON)
    covered = [EVERY_DAY[at] for at in range(first, last)]
    assert due is not None
    assert [day for day in EVERY_DAY if day >= max(TODAY, due.start) and due.covers(day)] == covered


def test_nothing_is_due_when_an_agreement_is_never_in_force() -> None:
    assert due_from(TODAY, None, [Period(start=FIRST)]) is None


def member(
    number: int,
    person_id: str = CAMILLE,
    *,
    start: date = FIRST,
    end: date | None = None,
    kind: MembershipKind = MembershipKind.INCUBATED,
    closed: bool = False,
) -> Membership:
    membership_id = f"membership_{number:032x}"
    declared = Declaration(
        membership_id=membership_id,
        person_id=person_id,
        structure=NORTH,
        kind=kind,
        period=Period(start=start, end=end),
        version=1,
    )
    ending = Ending(
        membership_id=membership_id,
        person_id=person_id,
        structure=NORTH,
        last_day=TODAY,
        at_once=True,
        version=2,
    )
    return Membership(declared=declared, ending=ending if closed else None)


def settled(*memberships: Membership, held: tuple[Entitlement, ...] = (), today: date = TODAY) -> list[Entitlement]:
    before = {(right.person_id, right.clause): right for right in held}
    return list(settle(an_agreement(), WINDOW, memberships, before, today=today, new_id=names()))


def test_each_member_has_a_right_as_the_clause_says() -> None:
    camille, jo = settled(member(1), member(2, JO))
    assert (camille.person_id, jo.person_id) == (CAMILLE, JO)
    assert (camille.resource_kind, camille.half_days_per_month, camille.cents) == ("NOMAD_SEAT", 8, 600)
    assert (camille.grantor, camille.home, camille.opened, camille.version) == (SOUTH, NORTH, True, 1)


def test_members_in_another_quality_have_none() -> None:
    assert settled(member(1, kind=MembershipKind.COWORKER)) == []


def test_two_memberships_give_one_right_until_neither_entitles() -> None:
    [right] = settled(member(1), member(2))
    assert settled(member(1, closed=True), member(2), held=(right,)) == []
    [closed] = settled(member(1, closed=True), member(2, closed=True), held=(right,))
    assert (closed.entitlement_id, closed.opened, closed.version) == (right.entitlement_id, False, 2)


def test_a_right_closes_on_the_day_it_is_gone_or_on_its_last() -> None:
    [right] = settled(member(1))
    [closed] = settled(member(1, closed=True), held=(right,))
    assert closed.period.end == TODAY
    last = TODAY + timedelta(days=3)
    [right] = settled(member(1, end=last))
    [lapsed] = settled(member(1, end=last), held=(right,), today=last + timedelta(days=5))
    assert lapsed.period.end == last


def test_a_right_that_is_as_it_must_be_is_left_alone() -> None:
    rights = tuple(settled(member(1), member(2, JO)))
    assert settled(member(1), member(2, JO), held=rights) == []


def test_a_right_reopens_under_its_name_with_a_higher_version() -> None:
    [right] = settled(member(1))
    [closed] = settled(member(1, closed=True), held=(right,))
    [again] = settled(member(2), held=(closed,))
    assert (again.entitlement_id, again.opened, again.version) == (right.entitlement_id, True, 3)


def test_a_month_counts_by_the_day_of_use() -> None:
    message = UsageRecorded(
        usage_id="usage_" + "1" * 32, entitlement_id="entitlement_" + "1" * 32, half_days=2, date="2026-11-30"
    )
    used = wire.usage(message, arriving(message, message.usage_id, version=1, by=SOUTH, service="coworking"))
    assert (used.month, used.structure) == ("2026-11", SOUTH)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"usage_id": "usage_1"}, "usage_id"),
        ({"usage_id": "usage_" + "2" * 32}, "usage_id"),
        ({"entitlement_id": SEATS.resource_kind}, "entitlement_id"),
        ({"half_days": 0}, "half_days"),
        ({"half_days": -2}, "half_days"),
        ({"date": "today"}, "date"),
    ],
)
def test_a_malformed_use_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {
        "usage_id": "usage_" + "1" * 32,
        "entitlement_id": "entitlement_" + "1" * 32,
        "half_days": 1,
        "date": "2026-11-30",
    }
    message = UsageRecorded(**(given | changes))  # type: ignore[arg-type]
    fact = arriving(message, "usage_" + "1" * 32, version=1, by=SOUTH, service="coworking")
    with pytest.raises(Refusal) as refused:
        wire.usage(message, fact)
    assert refused.value.field == field
