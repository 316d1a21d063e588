"""The whole days that everything between structures is counted in, and stretches of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_ONE = timedelta(days=1)


def day_of(instant: datetime) -> date:
    """The civil day of an instant, in Paris: the one people and conventions mean."""
    return instant.astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """The instant a day begins, in UTC."""
    return datetime.combine(day, time.min, PARIS).astimezone(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A stretch of whole days, its last included; no `end` when none is known."""

    start: date
    end: date | None = None

    @property
    def over_at(self) -> datetime | None:
        """The instant it is over, if it ever is."""
        return None if self.end is None else start_of(self.end + _ONE)

    def covers(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return self.start <= day and not self.over(day)

    def over(self, day: date) -> bool:
        """Whether its last day was before this one."""
        return self.end is not None and self.end < day

    def __and__(self, other: "Period") -> "Period | None":
        """The days of both, if any."""
        start = max(self.start, other.start)
        end = min((last for last in (self.end, other.end) if last is not None), default=None)
        return None if end is not None and end < start else Period(start=start, end=end)

    def meets(self, later: "Period") -> bool:
        """Whether a period that starts no sooner goes on where this one is, or the day after its last."""
        return self.end is None or later.start <= self.end + _ONE

    def changes_after(self, day: date) -> date | None:
        """The next day on which it begins, or is over, after this one."""
        if day < self.start:
            return self.start
        return None if self.end is None or self.over(day) else self.end + _ONE

    def joined(self, other: "Period") -> "Period":
        """From the first day of either to the last of either."""
        start = min(self.start, other.start)
        if self.end is None or other.end is None:
            return Period(start=start)
        return Period(start=start, end=max(self.end, other.end))
