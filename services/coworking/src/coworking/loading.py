"""Loads what a coworking begins with, through its own use cases; what is there already stays as it is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from servicekit.fields import one_line
from servicekit.refusals import Refusal
from servicekit.rpc.staff_service import grant
from servicekit.sql import Work

from coworking.bookings import usecases as bookings
from coworking.bookings.domain import BookingWish, Coverage, OutsideOpeningHours, ResourceAlreadyBooked
from coworking.installation import (
    AccessibilityEntry,
    BookingEntry,
    Installation,
    InstallationRefused,
    MembershipEntry,
    PlaceEntry,
    ResourceEntry,
    StaffEntry,
)
from coworking.memberships import usecases as memberships
from coworking.memberships.domain import Membership, MembershipKind
from coworking.money import Money
from coworking.places import usecases as places
from coworking.places.domain import Accessibility, AccessibilityFacts, OpeningHours, Place, Resource, ResourceKind
from coworking.spans import Span, day_at, instant_at

_E = TypeVar("_E")
_DAYS_TO_TRY = 7


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How many things of each kind a load brought in; staff are counted whether or not they were there."""

    staff: int
    memberships: int
    places: int
    resources: int
    bookings: int


async def load(work: Work, installation: Installation, *, now: datetime, zone: ZoneInfo) -> Loaded:
    """Brings in what is not there yet; raises InstallationRefused, and then nothing is."""
    loader = _Loader(work, now, zone)
    return Loaded(
        staff=await _each("staff", installation.staff, loader.staff),
        memberships=await _each("memberships", installation.memberships, loader.membership),
        places=await _each("places", installation.places, loader.place),
        resources=await _each("resources", installation.resources, loader.resource),
        bookings=await _each("bookings", installation.bookings, loader.booking),
    )


class _Loader:
    """One load, in one transaction; each method says whether it brought something in."""

    def __init__(self, work: Work, now: datetime, zone: ZoneInfo) -> None:
        self._work = work
        self._now = now
        self._midnight = instant_at(day_at(now, zone), 0, zone)

    async def staff(self, entry: StaffEntry) -> bool:
        await grant(self._work, entry.person_id, entry.role, now=self._now)
        return True

    async def membership(self, entry: MembershipEntry) -> bool:
        membership = Membership(
            membership_id=entry.membership_id,
            person_id=entry.person_id,
            kind=MembershipKind(entry.kind),
            starts_on=entry.first_day,
            ends_on=entry.last_day,
        )
        return await memberships.declare(self._work, membership, now=self._now)

    async def place(self, entry: PlaceEntry) -> bool:
        place = Place(
            place_id=entry.place_id,
            name=one_line(entry.name),
            address=one_line(entry.address),
            time_zone=entry.time_zone,
            opening_hours=tuple(
                OpeningHours(weekday=weekday, opens=hours.opens, closes=hours.closes)
                for hours in entry.opening_hours
                for weekday in hours.weekdays
            ),
            accessibility=_facts(entry.accessibility),
        )
        return await places.create_place(self._work, place)

    async def resource(self, entry: ResourceEntry) -> bool:
        resource = Resource(
            resource_id=entry.resource_id,
            place_id=entry.place_id,
            name=one_line(entry.name),
            kind=ResourceKind(entry.kind),
            units=entry.units,
            capacity=entry.capacity,
            half_day_price=Money(cents=entry.half_day_cents),
            accessibility=_facts(entry.accessibility),
        )
        return await places.create_resource(self._work, resource)

    async def booking(self, entry: BookingEntry) -> bool:
        if await bookings.booking(self._work, entry.booking_id) is not None:
            return False
        _, place = await places.resource_and_place(self._work, entry.resource_id)
        days = [entry.day + timedelta(days=later) for later in range(_DAYS_TO_TRY)]
        for day in days:
            wish = _wish(entry, day, place.zone)
            try:
                async with self._work.savepoint():
                    await bookings.book(self._work, wish, now=self._midnight, booking_id=entry.booking_id)
                    return True
            except (OutsideOpeningHours, ResourceAlreadyBooked):
                continue
        raise OutsideOpeningHours(field="day")


def _wish(entry: BookingEntry, day: date, zone: ZoneInfo) -> BookingWish:
    span = Span(start=instant_at(day, entry.start, zone), end=instant_at(day, entry.end, zone))
    return BookingWish(resource_id=entry.resource_id, person_id=entry.person_id, span=span, coverage=Coverage.PRICE)


def _facts(entry: AccessibilityEntry) -> AccessibilityFacts:
    return AccessibilityFacts(
        wheelchair=Accessibility(entry.wheelchair),
        accessible_toilet=Accessibility(entry.accessible_toilet),
        hearing_loop=Accessibility(entry.hearing_loop),
        quiet=Accessibility(entry.quiet),
        note=entry.note,
    )


async def _each(name: str, entries: Sequence[_E], bring_in: Callable[[_E], Awaitable[bool]]) -> int:
    """How many of the entries were brought in; a refusal says which entry it was about."""
    brought = 0
    for position, entry in enumerate(entries):
        try:
            brought += await bring_in(entry)
        except Refusal as refusal:
            where = f"{name}.{position}" + (f".{refusal.field}" if refusal.field else "")
            raise InstallationRefused(f"{where}: {refusal.message} ({refusal.reason})") from refusal
    return brought
