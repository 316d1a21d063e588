"""A day at a place, drawn on quarters of an hour: what is free when, and the free slots nearest to a wish."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from groupement.coworking.v1.booking_service_pb2 import Opening, ResourceDay
from groupement.coworking.v1.place_pb2 import ACCESSIBILITY_UNSPECIFIED, ACCESSIBILITY_YES, Place, Resource

from portal.formats import local, zone

QUARTER = timedelta(minutes=15)
QUARTERS_AN_HOUR = 4
HALF_DAY_SPLIT = time(13)
_MINUTES_AN_HOUR, _MINUTES_A_QUARTER = 60, 15
CLOSED, FULL, FREE = "closed", "full", "free"


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A stretch of time at the place, with the units free all along."""

    start: datetime
    end: datetime
    free_units: int


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A run of quarters in one row of the grid; `slot` is there unless it is closed."""

    state: str
    quarters: int
    slot: Slot | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One space and its day."""

    resource: Resource
    slots: tuple[Slot, ...]
    cells: tuple[Cell, ...]

    @property
    def free_slots(self) -> tuple[Slot, ...]:
        """What can be booked."""
        return tuple(slot for slot in self.slots if slot.free_units)

    def until(self, slot: Slot) -> datetime:
        """Where a half-day that begins with a slot ends: with what is free without a gap, days split at 13:00."""
        end = next((free.end for free in stretches(self.slots) if free.start <= slot.start < free.end), slot.end)
        split = datetime.combine(slot.start.date(), HALF_DAY_SPLIT, slot.start.tzinfo)
        return min(end, split) if slot.start < split else end


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The day: its hours across, its spaces down. Without hours the place is closed."""

    hours: tuple[int, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody is looking for."""

    kind: int = 0
    start: time | None = None
    end: time | None = None
    wheelchair: bool = False

    def admits(self, resource: Resource, slots: Sequence[Slot], place: Place) -> bool:
        """Whether a space is of the kind, within reach, and free all the time asked for."""
        if self.kind and resource.kind != self.kind:
            return False
        if self.wheelchair and not wheelchair_enters(resource, place):
            return False
        return any(slot.free_units for slot in self.within(slots)) if self.start or self.end else True

    def within(self, slots: Sequence[Slot]) -> list[Slot]:
        """The part of the day asked for, provided that it is free without a gap; else nothing."""
        if not slots:
            return []
        first = _at(slots[0].start, self.start) if self.start else None
        last = _at(slots[0].start, self.end) if self.end else None
        free = stretches(slots)
        return [s for s in free if (first is None or s.start <= first) and (last is None or s.end >= last)]


def wheelchair_enters(resource: Resource, place: Place) -> bool:
    """Whether it is known that a wheelchair gets in; a space says so itself or is like its place."""
    own = resource.accessibility.wheelchair
    return (place.accessibility.wheelchair if own == ACCESSIBILITY_UNSPECIFIED else own) == ACCESSIBILITY_YES


def slots_of(openings: Iterable[Opening], zone_name: str, now: datetime) -> tuple[Slot, ...]:
    """The openings that are still to come, cut at the next quarter of an hour."""
    soonest = _next_quarter(now).astimezone(zone(zone_name))
    slots = (_slot(opening, zone_name, soonest) for opening in openings)
    return tuple(slot for slot in slots if slot.start < slot.end)


def grid(days: Iterable[ResourceDay], place: Place, filters: Filters, now: datetime) -> Grid:
    """The grid of a day at a place, of the spaces that the filters admit."""
    days = list(days)
    whole = [local(edge, place.time_zone) for d in days for o in d.openings for edge in (o.start_time, o.end_time)]
    if not whole:
        return Grid(hours=(), rows=())
    first, last = _minutes(min(whole)) // _MINUTES_AN_HOUR, -(-_minutes(max(whole), end=True) // _MINUTES_AN_HOUR)
    rows = [(each.resource, slots_of(each.openings, place.time_zone, now)) for each in days]
    return Grid(
        hours=tuple(range(first, last)),
        rows=tuple(
            Row(resource=resource, slots=slots, cells=_cells(slots, first, last))
            for resource, slots in rows
            if filters.admits(resource, slots, place)
        ),
    )


def stretches(slots: Iterable[Slot]) -> list[Slot]:
    """Free stretches without a gap, whichever unit is free; `free_units` is the least of each."""
    joined: list[Slot] = []
    for slot in slots:
        if not slot.free_units:
            continue
        if joined and joined[-1].end == slot.start:
            before = joined.pop()
            slot = Slot(start=before.start, end=slot.end, free_units=min(before.free_units, slot.free_units))  # noqa: PLW2901
        joined.append(slot)
    return joined


def nearest(slots: Iterable[Slot], start: datetime, end: datetime, *, most: int = 2) -> list[Slot]:
    """The free slots as long as the wish and nearest to it."""
    length = end - start
    free = [s for s in stretches(slots) if s.end - s.start >= length]
    starts = (min(max(start, s.start), s.end - length) for s in free)
    ranked = sorted((abs(at - start), at) for at in starts)
    return [Slot(start=at, end=at + length, free_units=1) for _, at in ranked[:most]]


def instant(day: date, at: time, zone_name: str, *, after: datetime | None = None) -> datetime:
    """A wall-clock time at a place as an instant; midnight after the start of a stretch is the end of its day."""
    moment = datetime.combine(day, at, zone(zone_name))
    if after is not None and at == time.min and moment <= after:
        moment = datetime.combine(day + timedelta(days=1), at, zone(zone_name))
    return moment


def _slot(opening: Opening, zone_name: str, soonest: datetime) -> Slot:
    start, end = local(opening.start_time, zone_name), local(opening.end_time, zone_name)
    return Slot(start=max(start, soonest), end=end, free_units=opening.free_units)


def _cells(slots: Sequence[Slot], first_hour: int, last_hour: int) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    reached, end = first_hour * QUARTERS_AN_HOUR, last_hour * QUARTERS_AN_HOUR
    for slot in slots:
        begins = _minutes(slot.start) // _MINUTES_A_QUARTER
        ends = -(-_minutes(slot.end, end=True) // _MINUTES_A_QUARTER)
        if begins > reached:
            cells.append(Cell(state=CLOSED, quarters=begins - reached))
        cells.append(Cell(state=FREE if slot.free_units else FULL, quarters=ends - begins, slot=slot))
        reached = ends
    if reached < end:
        cells.append(Cell(state=CLOSED, quarters=end - reached))
    return tuple(cells)


def _minutes(at: datetime, *, end: bool = False) -> int:
    """Minutes since midnight; midnight as an end is the last minute of its day."""
    minutes = at.hour * _MINUTES_AN_HOUR + at.minute
    return 24 * _MINUTES_AN_HOUR if end and minutes == 0 else minutes


def _at(like: datetime, at: time) -> datetime:
    return datetime.combine(like.date(), at, like.tzinfo)


def _next_quarter(now: datetime) -> datetime:
    late = timedelta(minutes=now.minute % _MINUTES_A_QUARTER, seconds=now.second, microseconds=now.microsecond)
    return now if not late else now - late + QUARTER
