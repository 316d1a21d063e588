"""An agreement binds those who signed it, from its first day to its last."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.shared_identity.v1 import agreement_pb2
from groupement.shared_identity.v1 import agreement_service_pb2 as pb
from groupement.type.v1.money_pb2 import Money
from groupement.type.v1.period_pb2 import Period as PeriodMessage
from reciprocity import NORTH, NOW, SEATS, SOUTH, TODAY, an_agreement
from servicekit.refusals import Refusal
from shared_identity.agreements import wire
from shared_identity.agreements.domain import (
    Agreement,
    AgreementEnded,
    AgreementState,
    AlreadyOver,
    AlreadySigned,
    ClauseMissing,
    ClauseRepeated,
    NotYetSigned,
    SameStructure,
)
from shared_identity.days import Period

NEXT_YEAR = date(2027, 12, 31)


def signed_by_both(proposed: Agreement) -> Agreement:
    return proposed.sign(SOUTH, now=NOW, today=TODAY).sign(NORTH, now=NOW, today=TODAY)


def test_one_signature_proposes_two_bind() -> None:
    proposed = an_agreement().sign(SOUTH, now=NOW, today=TODAY)
    assert (proposed.state(TODAY), proposed.signed) == (AgreementState.PROPOSED, False)
    bound = proposed.sign(NORTH, now=NOW, today=TODAY)
    assert (bound.state(TODAY), bound.signed) == (AgreementState.SIGNED, True)
    assert (bound.grantor_signed_at, bound.home_signed_at) == (NOW, NOW)


def test_each_change_is_a_version() -> None:
    proposed = an_agreement()
    bound = signed_by_both(proposed)
    ended = bound.end(None, now=NOW, today=TODAY)
    assert (proposed.version, bound.version, ended.version) == (1, 3, 4)


@pytest.mark.parametrize("party", [NORTH, SOUTH])
def test_nobody_signs_twice(party: str) -> None:
    once = an_agreement().sign(party, now=NOW, today=TODAY)
    with pytest.raises(AlreadySigned):
        once.sign(party, now=NOW, today=TODAY)


def test_what_is_over_is_not_signed() -> None:
    over = an_agreement(period=Period(start=date(2026, 1, 1), end=TODAY)).sign(SOUTH, now=NOW, today=TODAY)
    with pytest.raises(AgreementEnded):
        over.sign(NORTH, now=NOW, today=TODAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("wished", "last_day"),
    [
        (None, TODAY + timedelta(days=60)),
        (TODAY, TODAY + timedelta(days=60)),
        (TODAY + timedelta(days=90), TODAY + timedelta(days=90)),
        (date(2099, 1, 1), NEXT_YEAR),
    ],
)
def test_notice_is_given_its_days(wished: date | None, last_day: date) -> None:
    bound = signed_by_both(an_agreement(period=Period(start=date(2026, 1, 1), end=NEXT_YEAR), notice_days=60))
    ended = bound.end(wished, now=NOW, today=TODAY)
    assert ended.period.end == last_day
    assert ended.state(TODAY) is AgreementState.ENDED


def test_notice_is_given_once() -> None:
    ended = signed_by_both(an_agreement()).end(None, now=NOW, today=TODAY)
    with pytest.raises(AgreementEnded):
        ended.end(None, now=NOW, today=TODAY)


def test_there_is_no_notice_to_give_of_a_proposal() -> None:
    with pytest.raises(NotYetSigned):
        an_agreement().sign(SOUTH, now=NOW, today=TODAY).end(None, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    ("proposed", "refusal"),
    [
        (an_agreement(home=SOUTH), SameStructure),
        (an_agreement(clauses=()), ClauseMissing),
        (an_agreement(clauses=(SEATS, replace(SEATS, cents=700))), ClauseRepeated),
        (an_agreement(period=Period(start=date(2026, 1, 1), end=TODAY - timedelta(days=1))), AlreadyOver),
    ],
)
def test_some_things_are_not_proposed(proposed: Agreement, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        proposed.check(TODAY)


def clause(**changes: object) -> agreement_pb2.HalfDaysClause:
    given: dict[str, object] = {
        "membership_kind": declarations.MEMBERSHIP_KIND_INCUBATED,
        "resource_kind": "NOMAD_SEAT",
        "half_days_per_month": 8,
        "price": Money(cents=600),
    }
    return agreement_pb2.HalfDaysClause(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clauses": [clause(membership_kind=declarations.MEMBERSHIP_KIND_UNSPECIFIED)]}, "clauses[0].membership_kind"),
        ({"clauses": [clause(), clause(resource_kind="nomad seat")]}, "clauses[1].resource_kind"),
        ({"clauses": [clause(half_days_per_month=0)]}, "clauses[0].half_days_per_month"),
        ({"clauses": [clause(half_days_per_month=63)]}, "clauses[0].half_days_per_month"),
        ({"clauses": [clause(price=Money(cents=-1))]}, "clauses[0].price.cents"),
        ({"clauses": [clause(price=Money(cents=1, currency_code="USD"))]}, "clauses[0].price.currency_code"),
        ({"clauses": [clause()] * 21}, "clauses"),
        ({"period": PeriodMessage()}, "period.start_date"),
        ({"period": PeriodMessage(start_date="2026-02-30")}, "period.start_date"),
        ({"notice_days": 366}, "notice_days"),
        ({"notice_days": -1}, "notice_days"),
    ],
)
def test_a_malformed_proposal_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {
        "grantor": SOUTH,
        "home": NORTH,
        "clauses": [clause()],
        "period": PeriodMessage(start_date="2026-01-01"),
        "notice_days": 60,
    }
    with pytest.raises(Refusal) as refused:
        wire.proposal(pb.ProposeAgreementRequest(**(given | changes)), "agreement_1")  # type: ignore[arg-type]
    assert refused.value.field == field


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "11-2026", "2026-11-01", "2026-1"])
def test_a_malformed_month_is_refused_by_name(month: str) -> None:
    with pytest.raises(Refusal) as refused:
        wire.month(pb.ListUsageCountsRequest(month=month))
    assert refused.value.field == "month"
