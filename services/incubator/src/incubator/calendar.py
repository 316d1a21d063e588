"""What day it is where the structure is."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from servicekit.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A clock and the time zone of the structure's place."""

    clock: Clock
    zone: ZoneInfo

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.clock()

    def day_of(self, instant: datetime) -> date:
        """The day it is there at an instant."""
        return instant.astimezone(self.zone).date()
