"""Stretches of time, and the grid of quarters of an hour that spaces are booked on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
"""The grid of bookings. Every time zone of today keeps whole quarters from UTC, so one grid fits all places."""

MINUTES_A_DAY = 24 * 60
_QUARTER_SECONDS = 15 * 60
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time, from an instant until another, excluded; both aware, in UTC."""

    start: datetime
    end: datetime

    def covers(self, other: "Span") -> bool:
        """Whether all of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share any moment."""
        return self.start < other.end and other.start < self.end

    def quarters(self) -> Sequence[datetime]:
        """The start of each quarter of an hour in it, in order."""
        return [self.start + QUARTER * number for number in range((self.end - self.start) // QUARTER)]


def on_the_grid(instant: datetime) -> bool:
    """Whether an instant is the start of a quarter of an hour."""
    return instant.microsecond == 0 and int(instant.timestamp()) % _QUARTER_SECONDS == 0


def instant_at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant at which clocks of `zone` show `minutes` after midnight of `day` (1440 is the midnight that ends it).

    A time shown twice, when clocks go back, is the first of the two; one that is skipped counts from before the jump.
    """
    midnight = datetime.combine(day, time(0))
    return (midnight + timedelta(minutes=minutes)).replace(tzinfo=zone).astimezone(UTC)


def day_at(instant: datetime, zone: ZoneInfo) -> date:
    """The day that calendars of `zone` show at an instant."""
    return instant.astimezone(zone).date()


def minutes_after_midnight(text: str) -> int:
    """Minutes of "09:00"; "24:00" is the midnight that ends the day. Raises ValueError."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("must be a time of day, like 09:00")
    return int(match.group(1)) * 60 + int(match.group(2))


def whole_day(day: date, zone: ZoneInfo) -> Span:
    """A day of `zone`, midnight to midnight: 23, 24 or 25 hours."""
    return Span(start=instant_at(day, 0, zone), end=instant_at(day, MINUTES_A_DAY, zone))


def month_of(day: date) -> str:
    """The calendar month of a day: "2026-11"."""
    return f"{day:%Y-%m}"


def last_of_month(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
