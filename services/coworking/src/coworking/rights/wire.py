"""Rights between domain and protobuf: facts in, messages out."""

from datetime import date

from groupement.coworking.v1 import booking_pb2
from groupement.shared_identity.v1 import events_pb2
from groupement.type.v1 import period_pb2
from servicekit.fields import day
from servicekit.refusals import Invalid

from coworking.places.domain import ResourceKind
from coworking.places.wire import kind_number, money
from coworking.rights.domain import Entitlement, Right


class ResourceKindUnknown(Invalid):
    """This kind of space does not exist here."""


def opened(fact: events_pb2.EntitlementOpened, version: int) -> Entitlement:
    """The right a fact opens; raises Invalid naming the field."""
    return Entitlement(
        entitlement_id=fact.entitlement_id,
        person_id=fact.person_id,
        agreement_id=fact.agreement_id,
        home=fact.home,
        kind=_kind(fact.resource_kind),
        half_days_per_month=fact.half_days_per_month,
        price=money(fact.price),
        starts_on=day("period.start_date", fact.period.start_date),
        ends_on=_last_day(fact.period.end_date),
        version=version,
    )


def last_day(fact: events_pb2.EntitlementClosed) -> date:
    """The last day of a right that is gone; raises Invalid."""
    return day("end_date", fact.end_date)


def right_message(right: Right, month: str) -> booking_pb2.Right:
    """A right as a message, with what is left of a month ("2026-11")."""
    of = right.entitlement
    return booking_pb2.Right(
        entitlement_id=of.entitlement_id,
        home=of.home,
        resource_kind=kind_number(of.kind),
        half_days_per_month=of.half_days_per_month,
        half_days_left=right.left_in(month),
        period=period_pb2.Period(
            start_date=of.starts_on.isoformat(),
            end_date="" if of.ends_on is None else of.ends_on.isoformat(),
        ),
    )


def _kind(name: str) -> ResourceKind:
    try:
        return ResourceKind(name.removeprefix("RESOURCE_KIND_"))
    except ValueError as error:
        raise ResourceKindUnknown(field="resource_kind") from error


def _last_day(text: str) -> date | None:
    return day("period.end_date", text) if text else None
