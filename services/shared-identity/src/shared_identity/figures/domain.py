"""The figures of the groupement: what is asked, what is counted, what is told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from servicekit.refusals import Invalid

from shared_identity.agreements.entitlements import Used
from shared_identity.disclosure import Told
from shared_identity.outcomes.domain import Gathering

MOST_MONTHS = 36
_ONE = timedelta(days=1)


class EndsBeforeItStarts(Invalid):
    """The last month is the first, or a later one."""


class TooLong(Invalid):
    """Figures are given of thirty-six months at most."""


class Cell(NamedTuple):
    """Whom a number of people counts: those of a structure, in a quality; "" for all of either, each person once."""

    structure: str = ""
    kind: str = ""
    of: str = "people"


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A calendar month, and the day on which its members are counted: its last, or today when it is under way."""

    first: date
    day: date

    @property
    def name(self) -> str:
        """As it is written: "2026-11"."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The first days of the first and of the last month asked for."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Raises EndsBeforeItStarts, TooLong."""
        if self.last < self.first:
            raise EndsBeforeItStarts(field="last_month")
        if _number(self.last) - _number(self.first) >= MOST_MONTHS:
            raise TooLong(field="last_month", most=str(MOST_MONTHS))

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return _last(self.last)

    def begun(self, today: date) -> Sequence[Month]:
        """Its months that have begun."""
        firsts = [_first(number) for number in range(_number(self.first), _number(self.last) + 1)]
        return [Month(first=day, day=min(_last(day), today)) for day in firsts if day <= today]


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthFigures:
    """What is told of one month: of each cell, and of the members of several structures."""

    month: str
    members: Mapping[Cell, Told]
    shared: Told


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFigures:
    """A joint event as it is told: how many had a seat, how many came, and of these the members of each structure."""

    gathering: Gathering
    registered: Told
    attended: Told
    structures: Mapping[str, Told]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a structure is told."""

    months: Sequence[MonthFigures]
    usages: Sequence[Used]
    events: Sequence[EventFigures]


def _number(day: date) -> int:
    """Months counted from the beginning of the calendar."""
    return day.year * 12 + day.month - 1


def _first(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _last(first: date) -> date:
    return _first(_number(first) + 1) - _ONE
