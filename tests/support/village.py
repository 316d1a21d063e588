"""A coworking's beginnings, for tests: a place, seats to book, people, rights as the bus brings them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking, BookingWish, Coverage
from coworking.money import Money
from coworking.places import usecases as places
from coworking.places.domain import AccessibilityFacts, OpeningHours, Place, Resource, ResourceKind
from coworking.spans import Span
from google.protobuf import json_format
from google.protobuf.message import Message
from groupement.shared_identity.v1.events_pb2 import CardRevoked, EntitlementClosed, EntitlementOpened
from groupement.type.v1.money_pb2 import Money as MoneyMessage
from groupement.type.v1.period_pb2 import Period
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.intake import Intake
from servicekit.bus.subscriptions import Subscription, Subscriptions
from servicekit.clock import Clock
from servicekit.facts import kind_of
from servicekit.identifiers import new_id
from servicekit.origin import Origin
from servicekit.sql import Database, Work
from servicekit.sql.outbox import Waiting, waiting

LA_RUCHE = Origin(structure="la-ruche", kind="coworking")
NOW = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)
"""A Tuesday, eight in the morning in Paris."""

TODAY = date(2026, 11, 3)
EVERY_DAY = tuple(OpeningHours(weekday=day, opens=8 * 60, closes=20 * 60) for day in range(1, 8))
HALF_DAY = Money(cents=900)


def person(number: int) -> str:
    """A person's identifier that stays the same."""
    return f"person_{number:032x}"


SAM, CAMILLE, JO, NOOR = person(3), person(4), person(5), person(8)


def a_place(**change: Any) -> Place:
    """A place open every day from 8 to 20."""
    values: dict[str, Any] = {
        "place_id": new_id("place"),
        "name": "Le village",
        "address": "Marseille",
        "time_zone": "Europe/Paris",
        "opening_hours": EVERY_DAY,
        "accessibility": AccessibilityFacts(),
    }
    return Place(**{**values, **change})


def a_resource(place: Place, **change: Any) -> Resource:
    """A nomad space of one seat, unless said otherwise."""
    values: dict[str, Any] = {
        "resource_id": new_id("resource"),
        "place_id": place.place_id,
        "name": "Espace nomade",
        "kind": ResourceKind.NOMAD_SEAT,
        "units": 1,
        "capacity": 1,
        "half_day_price": HALF_DAY,
        "accessibility": AccessibilityFacts(),
    }
    return Resource(**{**values, **change})


async def settle(database: Database, place: Place, *resources: Resource) -> None:
    """Keeps a place and its spaces."""
    async with database.work() as work:
        await places.create_place(work, place)
        for resource in resources:
            await places.create_resource(work, resource)


def at(hour: float, *, day: int = 0) -> datetime:
    """An hour of the day in Paris, so many days after today, while Paris is an hour ahead of UTC."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) + timedelta(days=day, hours=hour - 1)


def hours(start: float, end: float, *, day: int = 0) -> Span:
    """From an hour to another, in Paris."""
    return Span(start=at(start, day=day), end=at(end, day=day))


def a_wish(
    resource: Resource,
    person_id: str = JO,
    start: float = 9,
    end: float = 13,
    *,
    day: int = 0,
    coverage: Coverage | None = None,
) -> BookingWish:
    """A wish for a space."""
    span = hours(start, end, day=day)
    return BookingWish(resource_id=resource.resource_id, person_id=person_id, span=span, coverage=coverage)


async def book(database: Database, wish: BookingWish, *, now: datetime = NOW) -> Booking:
    """Books in a transaction of its own."""
    async with database.work() as work:
        return await bookings.book(work, wish, now=now)


def opened(
    entitlement_id: str,
    person_id: str,
    *,
    quota: int = 8,
    kind: str = "NOMAD_SEAT",
    first: str = "2026-01-01",
    last: str = "",
    cents: int = 600,
) -> EntitlementOpened:
    """A right, as shared-identity opens it."""
    return EntitlementOpened(
        entitlement_id=entitlement_id,
        person_id=person_id,
        agreement_id="agreement_01990000000070008000000000000001",
        home="inter-made",
        resource_kind=kind,
        half_days_per_month=quota,
        price=MoneyMessage(cents=cents, currency_code="EUR"),
        period=Period(start_date=first, end_date=last),
    )


def closed(entitlement_id: str, last: str) -> EntitlementClosed:
    """A right, as shared-identity closes it."""
    return EntitlementClosed(entitlement_id=entitlement_id, end_date=last)


def card_revoked(card_id: str) -> CardRevoked:
    """A card, as shared-identity revokes it."""
    return CardRevoked(card_id=card_id)


def received(message: Message, aggregate_id: str, version: int, *, fact_id: str = "") -> Received:
    """A fact of shared-identity as it comes out of FEDERATION."""
    kind = kind_of(message.DESCRIPTOR)
    audience = f"to.{LA_RUCHE.structure}" if kind.audience == "to" else kind.audience
    return Received(
        id=fact_id or new_id("fact"),
        type=kind.type,
        structure="groupement",
        kind="shared-identity",
        audience=kind.audience,
        aggregate_id=aggregate_id,
        version=version,
        time=NOW,
        body=json_format.MessageToJson(message).encode(),
        subject=f"groupement.shared_identity.{audience}.{kind.noun}.{kind.verb}",
        stream=FEDERATION,
        stream_sequence=version,
        deliveries=1,
    )


class Ear:
    """Takes facts in as the subscriber does: inbox, versions and effects in one transaction."""

    def __init__(self, database: Database, subscriptions: Sequence[Subscription[Any]], clock: Clock) -> None:
        self.intake = Intake(database, "coworking", Subscriptions(subscriptions), clock)

    async def hear(self, message: Message, aggregate_id: str, version: int, *, times: int = 1) -> None:
        """One fact, delivered so many times."""
        fact = received(message, aggregate_id, version)
        for _ in range(times):
            await self.intake.take([fact])


async def told(database: Database) -> Sequence[Waiting]:
    """The facts that wait for the bus, oldest first."""
    async with database.reading() as work:
        return await waiting(work)


async def verbs(database: Database) -> list[str]:
    """What was announced, oldest first: `booking_confirmed`."""
    return [f"{each.fact.kind.noun}_{each.fact.kind.verb}" for each in await told(database)]


async def seats(work: Work, place: Place, *, units: int, kind: ResourceKind = ResourceKind.NOMAD_SEAT) -> Resource:
    """A space of so many units, kept."""
    resource = a_resource(place, units=units, kind=kind)
    await places.create_resource(work, resource)
    return resource
