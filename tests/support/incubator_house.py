"""A running incubator for tests: a real server behind mutual TLS, and the people who call it through a portal."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from greeting import House
from groupement.incubator.v1 import (
    call_service_pb2_grpc,
    programme_service_pb2_grpc,
    project_service_pb2_grpc,
)
from incubating import INCUBATOR
from incubator.__main__ import services
from incubator.calendar import Calendar
from servicekit import staff
from servicekit.origin import Origin
from servicekit.rpc import channels
from servicekit.rpc.server import Server
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.sql import Database
from stored import Hands

DIRECTOR = "person_01990000000070008000000000000001"
ADVISOR = "person_01990000000070008000000000000002"
ADMIN = "person_01990000000070008000000000000006"
PORTAL = "portal@groupement"


@dataclass(kw_only=True)
class Running:
    """One incubator, its database and the channel of each who called it."""

    house: House
    database: Database
    server: Server
    hands: Hands
    channels: dict[str, channels.Channel]

    def channel(self, peer: str = PORTAL) -> Any:
        """A channel by which that instance calls."""
        if peer not in self.channels:
            self.channels[peer] = channels.channel(self.server.address, INCUBATOR, self.house.tls(peer))
        return self.channels[peer]

    @property
    def programmes(self) -> Any:
        """ProgrammeService, called by the portal."""
        return programme_service_pb2_grpc.ProgrammeServiceStub(self.channel())

    @property
    def projects(self) -> Any:
        """ProjectService, called by the portal."""
        return project_service_pb2_grpc.ProjectServiceStub(self.channel())

    @property
    def calls(self) -> Any:
        """CallService, called by the portal."""
        return call_service_pb2_grpc.CallServiceStub(self.channel())

    def by(self, person_id: str, *roles: str, structure: str = INCUBATOR.structure) -> dict[str, Any]:
        """The options of a call in a person's name: `await stub.Call(request, **running.by(ADVISOR, "ADVISOR"))`."""
        token = self.house.token(person_id, structure, roles)
        return {"metadata": channels.credentials(token), "timeout": 20.0}

    @property
    def by_advisor(self) -> dict[str, Any]:
        """A call by the advisor."""
        return self.by(ADVISOR, "ADVISOR")

    @property
    def by_director(self) -> dict[str, Any]:
        """A call by the director."""
        return self.by(DIRECTOR, "DIRECTOR")


STAFF: Sequence[tuple[str, str]] = ((DIRECTOR, "DIRECTOR"), (ADVISOR, "ADVISOR"), (ADMIN, "ADMIN"))


@asynccontextmanager
async def running(house: House, database: Database) -> AsyncIterator[Running]:
    """An incubator on that database, with its staff, until the block ends."""
    hands = Hands()
    async with database.work() as work:
        for person_id, role in STAFF:
            await staff.grant(work, person_id, role, hands())

    calendar = Calendar(clock=hands, zone=ZoneInfo("Europe/Paris"))
    roles = StaffRoles(database)
    server = house.server(INCUBATOR.instance, services(database, roles, calendar), staff=roles)
    await server.start()
    opened = Running(house=house, database=database, server=server, hands=hands, channels={})
    try:
        yield opened
    finally:
        for channel in opened.channels.values():
            await channel.close()
        await server.drain(0.5)


def another(kind: str, structure: str = INCUBATOR.structure) -> str:
    """The name of an instance: `door@inter-made`."""
    return Origin(structure=structure, kind=kind).instance
