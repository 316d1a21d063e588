"""Instants as they travel."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from servicekit.refusals import Invalid

_FIRST_SECOND = -62_135_596_800  # the beginning of the year 1, as far as datetime counts
_LAST_SECOND = 253_402_300_799  # the end of the year 9999
_NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400


class InstantMalformed(Invalid):
    """This is not an instant between the years 1 and 9999."""


def timestamp(instant: datetime) -> Timestamp:
    """An instant as a message."""
    since = instant - _EPOCH
    return Timestamp(seconds=since.days * _DAY + since.seconds, nanos=since.microseconds * 1000)


def instant(field: str, message: Timestamp) -> datetime:
    """A message as an instant, aware, in UTC; raises InstantMalformed naming the field."""
    if not _FIRST_SECOND <= message.seconds <= _LAST_SECOND or not 0 <= message.nanos < _NANOSECONDS:
        raise InstantMalformed(field=field)
    return message.ToDatetime(tzinfo=UTC)
