"""Rights as messages."""

from groupement.coworking.v1 import booking_pb2
from groupement.type.v1 import period_pb2

from coworking.places.wire import kind_number
from coworking.rights.domain import Right


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
