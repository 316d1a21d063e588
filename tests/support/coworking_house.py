"""A running coworking for tests: a real server behind mutual TLS, and those who call it by a portal or at its door."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cards import CardOffice
from coworking.__main__ import Coworking, assemble
from coworking.places.domain import Place, Resource
from google.protobuf.timestamp_pb2 import Timestamp
from greeting import House
from groupement.coworking.v1 import booking_service_pb2 as booking_pb
from groupement.coworking.v1 import booking_service_pb2_grpc, check_in_service_pb2_grpc, place_service_pb2_grpc
from servicekit import staff
from servicekit.origin import Origin
from servicekit.rpc import channels
from servicekit.rpc.server import Server
from servicekit.sql import Database
from servicekit.timestamps import timestamp
from stored import Hands
from village import JO, LA_RUCHE, NOW, SAM, Ear, a_place, a_resource, at, person, settle

DIRECTOR, MANAGER, ADMIN = person(1), SAM, person(6)
STAFF: Sequence[tuple[str, str]] = ((DIRECTOR, "DIRECTOR"), (MANAGER, "COMMUNITY_MANAGER"), (ADMIN, "ADMIN"))
PORTAL = "portal@groupement"
DOOR = "door@la-ruche"


@dataclass(kw_only=True)
class Running:
    """One coworking, its database and the channel of each who called it."""

    house: House
    office: CardOffice
    database: Database
    parts: Coworking
    server: Server
    hands: Hands
    place: Place
    seats: Resource
    ear: Ear
    opened: dict[str, channels.Channel] = field(default_factory=dict)

    def channel(self, peer: str = PORTAL) -> Any:
        """A channel by which that instance calls."""
        if peer not in self.opened:
            self.opened[peer] = channels.channel(self.server.address, LA_RUCHE, self.house.tls(peer))
        return self.opened[peer]

    @property
    def places(self) -> Any:
        """PlaceService, called by the portal."""
        return place_service_pb2_grpc.PlaceServiceStub(self.channel())

    @property
    def bookings(self) -> Any:
        """BookingService, called by the portal."""
        return booking_service_pb2_grpc.BookingServiceStub(self.channel())

    @property
    def desk(self) -> Any:
        """CheckInService, called by the portal."""
        return check_in_service_pb2_grpc.CheckInServiceStub(self.channel())

    @property
    def door(self) -> Any:
        """CheckInService, called by a door of the structure."""
        return check_in_service_pb2_grpc.CheckInServiceStub(self.channel(DOOR))

    def by(self, person_id: str, *roles: str, structure: str = LA_RUCHE.structure) -> dict[str, Any]:
        """The options of a call in a person's name: `await stub.Call(request, **running.by(JO))`."""
        token = self.house.token(person_id, structure, roles)
        return {"metadata": channels.credentials(token), "timeout": 20.0}

    @property
    def by_manager(self) -> dict[str, Any]:
        """A call by the community manager."""
        return self.by(MANAGER, "COMMUNITY_MANAGER")

    async def book(self, person_id: str = JO, start: float = 9, end: float = 13, *, day: int = 0, **rest: Any) -> Any:
        """Books a seat over the wire."""
        request = booking_pb.BookRequest(
            resource_id=self.seats.resource_id, start_time=clock(start, day), end_time=clock(end, day), **rest
        )
        return (await self.bookings.Book(request, **self.by(person_id))).booking


def clock(hour: float, day: int = 0) -> Timestamp:
    """An hour in Paris as a message."""
    return timestamp(at(hour, day=day))


@asynccontextmanager
async def running(house: House, database: Database) -> AsyncIterator[Running]:
    """A coworking on that database, with its staff, a place and twenty seats, until the block ends."""
    hands, place = Hands(NOW), a_place()
    seats = a_resource(place, units=20)
    await settle(database, place, seats)
    async with database.work() as work:
        for person_id, role in STAFF:
            await staff.grant(work, person_id, role, hands())
    office = CardOffice(house.jwks)
    office.publish(house.key)
    parts = assemble(database, jwks_file=house.jwks, zone=ZoneInfo("Europe/Paris"), clock=hands)
    await parts.memory.fill()
    server = house.server(LA_RUCHE.instance, parts.services, staff=parts.staff)
    await server.start()
    here = Running(
        house=house,
        office=office,
        database=database,
        parts=parts,
        server=server,
        hands=hands,
        place=place,
        seats=seats,
        ear=Ear(database, parts.subscriptions, hands),
    )
    try:
        yield here
    finally:
        for channel in here.opened.values():
            await channel.close()
        await server.drain(0.5)


def another(kind: str, structure: str = LA_RUCHE.structure) -> str:
    """The name of an instance: `incubator@la-ruche`."""
    return Origin(structure=structure, kind=kind).instance


def seconds(message: Timestamp) -> datetime:
    """A message as an instant."""
    return message.ToDatetime(tzinfo=UTC)
