"""Days, times and numbers out of forms, and back into them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from servicekit.refusals import Invalid
from servicekit.timestamps import timestamp

from portal.formats import PARIS, day_from, local, time_from
from portal.forms import Form
from portal.grid import instant

Value = TypeVar("Value")

_LARGEST = 1_000_000


class DayMalformed(Invalid):
    """This is no day."""


class TimeMalformed(Invalid):
    """This is no time of day."""


class NumberMalformed(Invalid):
    """This is no whole number."""


def moment(form: Form, day: str, clock: str) -> datetime:
    """The instant that two fields say, in the time of Paris; raises DayMalformed, TimeMalformed naming the field."""
    found_day, found_time = day_from(form.value(day)), time_from(form.value(clock))
    if found_day is None:
        raise DayMalformed(field=day)
    if found_time is None:
        raise TimeMalformed(field=clock)
    return instant(found_day, found_time, PARIS)


def span(form: Form, day: str, start: str, end: str) -> tuple[Timestamp, Timestamp]:
    """From and until on one day; an end before the start is after midnight. Raises like `moment`."""
    first, last = moment(form, day, start), moment(form, day, end)
    if last <= first:
        last += timedelta(days=1)
    return timestamp(first), timestamp(last)


def day_start(form: Form, day: str) -> Timestamp | None:
    """The beginning of a day, None for an empty field; raises DayMalformed."""
    if not form.value(day):
        return None
    found = day_from(form.value(day))
    if found is None:
        raise DayMalformed(field=day)
    return timestamp(instant(found, datetime.min.time(), PARIS))


def number(form: Form, name: str) -> int:
    """A whole number; raises NumberMalformed."""
    text = "".join(form.value(name).split())
    if not text.isascii() or not text.isdecimal() or int(text) > _LARGEST:
        raise NumberMalformed(field=name)
    return int(text)


def day_field(at: Timestamp) -> str:
    """The day as a field shows it."""
    return local(at).date().isoformat()


def time_field(at: Timestamp) -> str:
    """The time as a field shows it."""
    return local(at).strftime("%H:%M")


def ticked(form: Form, name: str) -> bool:
    """Whether a box is ticked."""
    return form.value(name) == "oui"


def one_of(values: Iterable[Value], text: str, otherwise: Value) -> Value:
    """The value of the contract that a field names by its number."""
    return next((value for value in values if str(value) == text), otherwise)
