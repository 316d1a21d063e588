"""Bookings: what may be booked, for how long, at whose expense, and how a booking ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from servicekit.refusals import Conflict, Invalid, NotFound

from coworking.money import Money
from coworking.places.domain import Place, Resource
from coworking.rights.domain import Right
from coworking.spans import QUARTER, Span, instant_at, on_the_grid

HORIZON = timedelta(days=366)
HALF_DAY_SPLIT = 13 * 60
"""Minutes after midnight, in the place's own time, at which a morning becomes an afternoon."""


class OffTheGrid(Invalid):
    """Bookings start and end on the quarter of an hour."""


class EndsBeforeItStarts(Invalid):
    """A booking must end after it starts."""


class InThePast(Invalid):
    """This time is already over."""


class TooFarAhead(Invalid):
    """Bookings open a year ahead."""


class TooLong(Invalid):
    """A booking lasts a day at most: from one midnight of the place to the next."""


class OutsideOpeningHours(Conflict):
    """The place is not open all that time."""


class ResourceAlreadyBooked(Conflict):
    """This space is already taken at that time."""


class UnknownBooking(NotFound):
    """There is no such booking, or it is not yours."""


class AlreadyCheckedIn(Conflict):
    """Its holder has already come."""


class BookingState(StrEnum):
    """How far a booking has come."""

    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    CHECKED_IN = "CHECKED_IN"


class Coverage(StrEnum):
    """What pays for a booking: the person, or the home structure under a right."""

    PRICE = "PRICE"
    ENTITLEMENT = "ENTITLEMENT"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingWish:
    """What somebody asks for; without `coverage`, a right pays where one can, the person otherwise."""

    resource_id: str
    person_id: str
    span: Span
    coverage: Coverage | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """A wish that the place can grant, if a unit is free: on which of its days, how many half-days, at what price."""

    wish: BookingWish
    resource: Resource
    day: date
    half_days: int
    price: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What pays for a stay, and what is left for the person to pay."""

    price: Money
    entitlement_id: str | None = None

    @property
    def coverage(self) -> Coverage:
        """Which of the two it is."""
        return Coverage.PRICE if self.entitlement_id is None else Coverage.ENTITLEMENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """What a booking would cost; `right` is the one that would be used, as it stands before."""

    stay: Stay
    cover: Cover
    right: Right | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    """A space held for a person; `day` is the day at the place, `unit` counts from one."""

    booking_id: str
    resource_id: str
    place_id: str
    unit: int
    person_id: str
    span: Span
    day: date
    half_days: int
    cover: Cover
    created_at: datetime
    state: BookingState = BookingState.CONFIRMED
    version: int = 1

    def cancelled(self) -> "Booking":
        """The same booking, given back; raises AlreadyCheckedIn."""
        if self.state is BookingState.CHECKED_IN:
            raise AlreadyCheckedIn(field="booking_id")
        return replace(self, state=BookingState.CANCELLED, version=self.version + 1)

    def checked_in(self) -> "Booking":
        """The same booking, its holder having come; raises AlreadyCheckedIn."""
        if self.state is BookingState.CHECKED_IN:
            raise AlreadyCheckedIn(field="booking_id")
        return replace(self, state=BookingState.CHECKED_IN, version=self.version + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """Where somebody's list of bookings goes on: after which one, and as of which instant some were over."""

    as_of: datetime
    over: bool
    start: datetime
    booking_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A stretch in which one unit of a space is taken."""

    resource_id: str
    unit: int
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A stretch of a day in which so many units of a space are free from beginning to end."""

    span: Span
    free_units: int


def accept(wish: BookingWish, resource: Resource, place: Place, *, now: datetime) -> Stay:
    """What granting a wish would mean.

    Raises OffTheGrid, EndsBeforeItStarts, InThePast, TooFarAhead, TooLong, OutsideOpeningHours.
    """
    _check_times(wish.span, now)
    day = place.day_of(wish.span.start)
    if place.day_of(wish.span.end - QUARTER) != day:
        raise TooLong(field="end_time")
    if not place.is_open(wish.span):
        raise OutsideOpeningHours(field="start_time")
    count = half_days(wish.span, day, place.zone)
    return Stay(wish=wish, resource=resource, day=day, half_days=count, price=resource.half_day_price.times(count))


def half_days(span: Span, day: date, zone: ZoneInfo) -> int:
    """Half-days that a span within one day takes: the day splits at 13:00, time of the place (DESIGN, Usage)."""
    split = instant_at(day, HALF_DAY_SPLIT, zone)
    return (span.start < split) + (split < span.end)


def confirm(stay: Stay, cover: Cover, *, unit: int, booking_id: str, now: datetime) -> Booking:
    """The booking that grants a stay on a unit."""
    return Booking(
        booking_id=booking_id,
        resource_id=stay.resource.resource_id,
        place_id=stay.resource.place_id,
        unit=unit,
        person_id=stay.wish.person_id,
        span=stay.wish.span,
        day=stay.day,
        half_days=stay.half_days,
        cover=cover,
        created_at=now,
    )


def free_units(stay: Stay, taken: Iterable[int]) -> Sequence[int]:
    """The units of the space that are not taken, lowest first; raises ResourceAlreadyBooked when there are none."""
    busy = set(taken)
    free = [unit for unit in range(1, stay.resource.units + 1) if unit not in busy]
    if not free:
        raise ResourceAlreadyBooked(field="resource_id")
    return free


def day_openings(
    place: Place, resources: Sequence[Resource], day: date, taken: Iterable[Taken]
) -> Sequence[tuple[Resource, Sequence[Opening]]]:
    """What is free in each space of a place on a day, out of all that is taken there."""
    hours = place.openings(day)
    by_resource: dict[str, list[Taken]] = {}
    for one in taken:
        by_resource.setdefault(one.resource_id, []).append(one)
    return [(each, openings(hours, each.units, by_resource.get(each.resource_id, ()))) for each in resources]


def openings(hours: Sequence[Span], units: int, taken: Sequence[Taken]) -> Sequence[Opening]:
    """Opening hours cut wherever a unit becomes free or taken: the units counted are free all along."""
    return [
        Opening(span=part, free_units=units - len(busy)) for opening in hours for part, busy in _parts(opening, taken)
    ]


def _parts(opening: Span, taken: Sequence[Taken]) -> Sequence[tuple[Span, set[int]]]:
    """An opening cut where the set of busy units changes, with that set."""
    edges = {moment for one in taken for moment in (one.span.start, one.span.end)}
    inner = sorted(moment for moment in edges if opening.start < moment < opening.end)
    parts: list[tuple[Span, set[int]]] = []
    for start, end in zip([opening.start, *inner], [*inner, opening.end], strict=True):
        part = Span(start=start, end=end)
        busy = {one.unit for one in taken if one.span.overlaps(part)}
        if parts and parts[-1][1] == busy:
            part = Span(start=parts.pop()[0].start, end=end)
        parts.append((part, busy))
    return parts


def _check_times(span: Span, now: datetime) -> None:
    for field, moment in (("start_time", span.start), ("end_time", span.end)):
        if not on_the_grid(moment):
            raise OffTheGrid(field=field)
    if span.end <= span.start:
        raise EndsBeforeItStarts(field="end_time")
    if span.start + QUARTER <= now:
        raise InThePast(field="start_time")
    if span.start > now + HORIZON:
        raise TooFarAhead(field="start_time")
