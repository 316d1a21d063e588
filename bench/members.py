"""Members of a coworking who booked for today and hold a right: what a door has to tell about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coworking.bookings import storage as bookings
from coworking.bookings.domain import Booking, Cover
from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.rights import storage as rights
from coworking.rights.domain import Entitlement
from coworking.spans import Span
from servicekit.clock import utc_now
from servicekit.identifiers import new_id
from servicekit.sql import Database
from village import a_place, a_resource, person, settle

MEMBERS = 200
_AROUND = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Members:
    """Who they are and where they booked."""

    place_id: str
    persons: Sequence[str]
    booking_id: str


async def settled(database: Database) -> Members:
    """Keeps a place, its seats and everybody's booking and right."""
    now = utc_now().replace(minute=0, second=0, microsecond=0)
    place = a_place()
    seats = a_resource(place, units=MEMBERS)
    await settle(database, place, seats)
    persons = [person(number) for number in range(1, MEMBERS + 1)]
    made = [_booking(who, seats.resource_id, place.place_id, unit, now) for unit, who in enumerate(persons, start=1)]
    async with database.work() as work:
        for booking in made:
            await bookings.add(work, booking)
        for who in persons:
            await rights.keep(work, _right(who, now), at=now)
    return Members(place_id=place.place_id, persons=persons, booking_id=made[0].booking_id)


def _booking(who: str, resource_id: str, place_id: str, unit: int, now: datetime) -> Booking:
    return Booking(
        booking_id=new_id("booking"),
        resource_id=resource_id,
        place_id=place_id,
        unit=unit,
        person_id=who,
        span=Span(start=now - _AROUND, end=now + _AROUND),
        day=now.date(),
        half_days=2,
        cover=Cover(price=Money(cents=1800)),
        created_at=now,
    )


def _right(who: str, now: datetime) -> Entitlement:
    return Entitlement(
        entitlement_id=new_id("entitlement"),
        person_id=who,
        agreement_id=new_id("agreement"),
        home="elsewhere",
        kind=ResourceKind.NOMAD_SEAT,
        half_days_per_month=8,
        price=Money(cents=600),
        starts_on=now.date() - timedelta(days=30),
        ends_on=None,
        version=1,
    )
