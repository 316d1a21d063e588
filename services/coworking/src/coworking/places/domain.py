"""Places and the spaces in them: when they open, what they are for, what they cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from servicekit.fields import check_range, check_text
from servicekit.refusals import Invalid, NotFound

from coworking.money import Money
from coworking.spans import MINUTES_A_DAY, Span, day_at, instant_at

MOST_UNITS = 500
MOST_PEOPLE = 5_000
MOST_RESOURCES = 500
"""Spaces of one place: what a day shown without pages can bear."""

_LONGEST_NAME = 120
_LONGEST_TEXT = 1_000
_MOST_STRETCHES = 7 * 12
_MOST_CENTS = 100_000_000
_QUARTER_MINUTES = 15
_LAST_WEEKDAY = 7
_CURRENCY = re.compile(r"[A-Z]{3}")


class UnknownPlace(NotFound):
    """There is no such place here."""


class UnknownResource(NotFound):
    """There is no such space here."""


class UnknownTimeZone(Invalid):
    """This is not the name of a time zone, written like Europe/Paris."""


class OpeningHoursMalformed(Invalid):
    """A stretch of opening hours is a day from 1 to 7, and two times on the quarter of an hour, in order."""


class OpeningHoursOverlap(Invalid):
    """Two stretches of opening hours of one day overlap."""


class CurrencyMalformed(Invalid):
    """This is not the code of a currency, written like EUR."""


class PlaceFull(Invalid):
    """A place holds at most 500 spaces."""


class ResourceKind(StrEnum):
    """What a space is for; in the order lists show them."""

    NOMAD_SEAT = "NOMAD_SEAT"
    DESK = "DESK"
    MEETING_ROOM = "MEETING_ROOM"
    CONFIDENTIALITY_BOX = "CONFIDENTIALITY_BOX"
    EVENT_SPACE = "EVENT_SPACE"
    KITCHEN = "KITCHEN"


class Accessibility(StrEnum):
    """What somebody must know before they come. Unknown is not no."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessibilityFacts:
    """The facts of a place or a space; `note` says in words what else one should know."""

    wheelchair: Accessibility = Accessibility.UNKNOWN
    accessible_toilet: Accessibility = Accessibility.UNKNOWN
    hearing_loop: Accessibility = Accessibility.UNKNOWN
    quiet: Accessibility = Accessibility.UNKNOWN
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningHours:
    """One stretch of one day of the week (1 for Monday), in minutes after midnight, in the place's own time."""

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A building or a floor that the structure runs."""

    place_id: str
    name: str
    address: str
    time_zone: str
    opening_hours: tuple[OpeningHours, ...]
    accessibility: AccessibilityFacts

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)

    def day_of(self, instant: datetime) -> date:
        """The day its calendar shows at an instant."""
        return day_at(instant, self.zone)

    def openings(self, day: date) -> Sequence[Span]:
        """When it is open on a day of its own calendar, in order; stretches that touch are one."""
        hours = sorted((h.opens, h.closes) for h in self.opening_hours if h.weekday == day.isoweekday())
        spans: list[Span] = []
        for opens, closes in hours:
            span = Span(start=instant_at(day, opens, self.zone), end=instant_at(day, closes, self.zone))
            if spans and spans[-1].end == span.start:
                span = Span(start=spans.pop().start, end=span.end)
            if span.start < span.end:
                spans.append(span)
        return spans

    def is_open(self, span: Span) -> bool:
        """Whether it is open all along a span within one of its days."""
        return any(opening.covers(span) for opening in self.openings(self.day_of(span.start)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A space that can be booked: `units` of them alike, each for `capacity` people; the price is a half-day's."""

    resource_id: str
    place_id: str
    name: str
    kind: ResourceKind
    units: int
    capacity: int
    half_day_price: Money
    accessibility: AccessibilityFacts


def check_place(place: Place) -> None:
    """Refuse a place that lacks a name or an address, or whose hours make no sense; the field is named."""
    check_text("name", place.name, most=_LONGEST_NAME)
    check_text("address", place.address, most=_LONGEST_TEXT)
    check_text("accessibility.note", place.accessibility.note, most=_LONGEST_TEXT, required=False)
    _check_time_zone(place.time_zone)
    _check_hours(place.opening_hours)


def check_resource(resource: Resource) -> None:
    """Refuse a space that lacks a name, or whose numbers are out of range; the field is named."""
    check_text("name", resource.name, most=_LONGEST_NAME)
    check_text("accessibility.note", resource.accessibility.note, most=_LONGEST_TEXT, required=False)
    check_range("units", resource.units, least=1, most=MOST_UNITS)
    check_range("capacity", resource.capacity, least=1, most=MOST_PEOPLE)
    check_range("half_day_price", resource.half_day_price.cents, least=0, most=_MOST_CENTS)
    if not _CURRENCY.fullmatch(resource.half_day_price.currency):
        raise CurrencyMalformed(field="half_day_price.currency_code")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise UnknownTimeZone(field="time_zone") from error


def _check_hours(hours: Sequence[OpeningHours]) -> None:
    check_range("opening_hours", len(hours), least=0, most=_MOST_STRETCHES)
    for stretch in hours:
        _check_stretch(stretch)
    in_order = sorted(hours, key=lambda stretch: (stretch.weekday, stretch.opens))
    for earlier, later in pairwise(in_order):
        if earlier.weekday == later.weekday and later.opens < earlier.closes:
            raise OpeningHoursOverlap(field="opening_hours")


def _check_stretch(stretch: OpeningHours) -> None:
    on_the_grid = stretch.opens % _QUARTER_MINUTES == 0 and stretch.closes % _QUARTER_MINUTES == 0
    in_order = 0 <= stretch.opens < stretch.closes <= MINUTES_A_DAY
    if not (1 <= stretch.weekday <= _LAST_WEEKDAY and on_the_grid and in_order):
        raise OpeningHoursMalformed(field="opening_hours")
