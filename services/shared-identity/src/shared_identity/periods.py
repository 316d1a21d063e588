"""Periods as messages, and back."""

from groupement.type.v1 import period_pb2
from servicekit.fields import day
from servicekit.refusals import Invalid

from shared_identity.days import Period


class PeriodReversed(Invalid):
    """A period ends on the day it begins, or later."""


def period(field: str, message: period_pb2.Period) -> Period:
    """A period out of a message; raises DayMalformed, FieldMissing or PeriodReversed naming the field."""
    start = day(f"{field}.start_date", message.start_date)
    end = day(f"{field}.end_date", message.end_date) if message.end_date else None
    if end is not None and end < start:
        raise PeriodReversed(field=f"{field}.end_date")
    return Period(start=start, end=end)


def period_message(days: Period) -> period_pb2.Period:
    """A period as a message."""
    return period_pb2.Period(start_date=days.start.isoformat(), end_date=days.end.isoformat() if days.end else "")
