"""Agreements, rights and uses as messages, and back; facts to announce."""

import re
from datetime import date, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1 import events_pb2 as coworking_events
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.shared_identity.v1 import agreement_pb2, events_pb2
from groupement.shared_identity.v1 import agreement_service_pb2 as pb
from groupement.type.v1 import money_pb2
from servicekit.bus.envelope import Received
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.fields import check_range, day, first_of_month
from servicekit.identifiers import is_id
from servicekit.timestamps import timestamp

from shared_identity.agreements.domain import (
    Agreement,
    ClauseMissing,
    CurrencyUnknown,
    HalfDaysClause,
    MembershipKindMissing,
    ResourceKindMalformed,
)
from shared_identity.agreements.entitlements import Entitlement, Usage, UsageCount, UsageMalformed
from shared_identity.memberships.domain import MembershipKind
from shared_identity.periods import period, period_message

CURRENCY = "EUR"
_MOST_CLAUSES = 20
_MOST_NOTICE_DAYS = 365
_MOST_HALF_DAYS = 62
_MOST_CENTS = 1_000_000
_RESOURCE_KIND = re.compile(r"[A-Z][A-Z0-9_]{0,62}")


def proposal(request: pb.ProposeAgreementRequest, agreement_id: str) -> Agreement:
    """The agreement a request proposes, signed by nobody yet; raises Invalid naming the field."""
    if len(request.clauses) > _MOST_CLAUSES:
        raise ClauseMissing(f"An agreement has {_MOST_CLAUSES} clauses at most.", field="clauses")
    check_range("notice_days", request.notice_days, least=0, most=_MOST_NOTICE_DAYS)
    return Agreement(
        agreement_id=agreement_id,
        grantor=request.grantor,
        home=request.home,
        clauses=tuple(_clause(clause, f"clauses[{at}]") for at, clause in enumerate(request.clauses)),
        period=period("period", request.period),
        notice_days=request.notice_days,
    )


def wished_end(request: pb.EndAgreementRequest) -> date | None:
    """The last day wished, if any; raises DayMalformed."""
    return day("end_date", request.end_date) if request.end_date else None


def month(request: pb.ListUsageCountsRequest) -> str:
    """The calendar month asked about; raises MonthMalformed."""
    return f"{first_of_month('month', request.month):%Y-%m}"


def usage(message: coworking_events.UsageRecorded, received: Received) -> Usage:
    """A use as the structure that sent the fact recorded it; raises Invalid naming the field."""
    _check_usage(is_id(message.usage_id, "usage") and message.usage_id == received.aggregate_id, "usage_id")
    _check_usage(is_id(message.entitlement_id, "entitlement"), "entitlement_id")
    check_range("half_days", message.half_days, least=1, most=_MOST_HALF_DAYS)
    return Usage(
        usage_id=message.usage_id,
        entitlement_id=message.entitlement_id,
        structure=received.structure,
        half_days=message.half_days,
        day=day("date", message.date),
    )


def to_message(agreement: Agreement, today: date) -> agreement_pb2.Agreement:
    """An agreement as its parties read it."""
    return agreement_pb2.Agreement(
        agreement_id=agreement.agreement_id,
        grantor=agreement.grantor,
        home=agreement.home,
        clauses=[_clause_message(clause) for clause in agreement.clauses],
        period=period_message(agreement.period),
        notice_days=agreement.notice_days,
        version=agreement.terms,
        state=agreement_pb2.AgreementState.Value(f"AGREEMENT_STATE_{agreement.state(today)}"),
        grantor_sign_time=_sign_time(agreement.grantor_signed_at),
        home_sign_time=_sign_time(agreement.home_signed_at),
        etag=etag(agreement.version),
    )


def entitlement_message(held: Entitlement) -> agreement_pb2.Entitlement:
    """A right as its holder reads it."""
    return agreement_pb2.Entitlement(
        entitlement_id=held.entitlement_id,
        person_id=held.person_id,
        agreement_id=held.agreement_id,
        grantor=held.grantor,
        home=held.home,
        resource_kind=held.resource_kind,
        half_days_per_month=held.half_days_per_month,
        period=period_message(held.period),
    )


def count_message(count: UsageCount) -> agreement_pb2.UsageCount:
    """A month's count as its parties read it."""
    return agreement_pb2.UsageCount(
        agreement_id=count.agreement_id,
        grantor=count.grantor,
        home=count.home,
        month=count.month,
        resource_kind=count.resource_kind,
        half_days=count.half_days,
        amount=_money(count.cents),
    )


def agreement_signed(agreement: Agreement, party: str, at: datetime) -> Fact:
    """The fact for one party: both have signed."""
    message = events_pb2.AgreementSigned(agreement_id=agreement.agreement_id, agreement_version=agreement.terms)
    return fact(message, aggregate_id=agreement.agreement_id, version=agreement.version, at=at, to=party)


def agreement_ended(agreement: Agreement, party: str, at: datetime) -> Fact:
    """The fact for one party: there is a last day."""
    end_date = period_message(agreement.period).end_date
    message = events_pb2.AgreementEnded(agreement_id=agreement.agreement_id, end_date=end_date)
    return fact(message, aggregate_id=agreement.agreement_id, version=agreement.version, at=at, to=party)


def entitlement_settled(held: Entitlement, at: datetime) -> Fact:
    """The fact for the structure that grants: the right is open as said, or gone."""
    message = _opened(held) if held.opened else _closed(held)
    return fact(message, aggregate_id=held.entitlement_id, version=held.version, at=at, to=held.grantor)


def usage_counted(count: UsageCount, at: datetime) -> Fact:
    """The fact for the home structure: so much so far."""
    message = events_pb2.UsageCounted(
        agreement_id=count.agreement_id,
        month=count.month,
        resource_kind=count.resource_kind,
        half_days=count.half_days,
    )
    name = f"{count.agreement_id}.{count.month}.{count.resource_kind.lower()}"
    return fact(message, aggregate_id=name, version=count.version, at=at, to=count.home)


def _opened(held: Entitlement) -> events_pb2.EntitlementOpened:
    return events_pb2.EntitlementOpened(
        entitlement_id=held.entitlement_id,
        person_id=held.person_id,
        agreement_id=held.agreement_id,
        home=held.home,
        resource_kind=held.resource_kind,
        half_days_per_month=held.half_days_per_month,
        price=_money(held.cents),
        period=period_message(held.period),
    )


def _closed(held: Entitlement) -> events_pb2.EntitlementClosed:
    return events_pb2.EntitlementClosed(
        entitlement_id=held.entitlement_id, end_date=period_message(held.period).end_date
    )


def _clause(message: agreement_pb2.HalfDaysClause, field: str) -> HalfDaysClause:
    if not _RESOURCE_KIND.fullmatch(message.resource_kind):
        raise ResourceKindMalformed(field=f"{field}.resource_kind")
    if message.price.currency_code not in ("", CURRENCY):
        raise CurrencyUnknown(field=f"{field}.price.currency_code")
    check_range(f"{field}.half_days_per_month", message.half_days_per_month, least=1, most=_MOST_HALF_DAYS)
    check_range(f"{field}.price.cents", message.price.cents, least=0, most=_MOST_CENTS)
    return HalfDaysClause(
        membership_kind=_kind(message.membership_kind, field),
        resource_kind=message.resource_kind,
        half_days_per_month=message.half_days_per_month,
        cents=message.price.cents,
    )


def _kind(number: "declarations.MembershipKind.ValueType", field: str) -> MembershipKind:
    known = declarations.MembershipKind.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("MEMBERSHIP_KIND_")
    if name not in set(MembershipKind):
        raise MembershipKindMissing(field=f"{field}.membership_kind")
    return MembershipKind(name)


def _clause_message(clause: HalfDaysClause) -> agreement_pb2.HalfDaysClause:
    return agreement_pb2.HalfDaysClause(
        membership_kind=declarations.MembershipKind.Value(f"MEMBERSHIP_KIND_{clause.membership_kind}"),
        resource_kind=clause.resource_kind,
        half_days_per_month=clause.half_days_per_month,
        price=_money(clause.cents),
    )


def _money(cents: int) -> money_pb2.Money:
    return money_pb2.Money(cents=cents, currency_code=CURRENCY)


def _sign_time(at: datetime | None) -> Timestamp | None:
    return None if at is None else timestamp(at)


def _check_usage(right: bool, field: str) -> None:
    if not right:
        raise UsageMalformed(field=field)
