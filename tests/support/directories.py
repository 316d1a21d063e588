"""A directory that is served: real gRPC, mutual TLS, tokens; with a bus or without."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from greeting import House
from groupement.shared_identity.v1 import directory_entry_pb2 as entry_pb
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from groupement.shared_identity.v1 import directory_service_pb2_grpc as pb_grpc
from reciprocity import CAMILLE, NORTH, NOW, SHARED_IDENTITY
from servicekit.bus.connection import Bus
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.sql import Database
from shared_identity.directory.following import Following
from shared_identity.directory.listing import Listing
from shared_identity.directory.rpc import DirectoryRpc
from shared_identity.directory.wire import rendered

PORTAL = "portal@groupement"
ME, STRUCTURES, GROUPEMENT, PUBLIC = (
    entry_pb.FIELD_AUDIENCE_ME,
    entry_pb.FIELD_AUDIENCE_STRUCTURES,
    entry_pb.FIELD_AUDIENCE_GROUPEMENT,
    entry_pb.FIELD_AUDIENCE_PUBLIC,
)
PERSON, PROJECT = entry_pb.ENTRY_KIND_PERSON, entry_pb.ENTRY_KIND_PROJECT
ORGANISATION, PLACE = entry_pb.ENTRY_KIND_ORGANISATION, entry_pb.ENTRY_KIND_PLACE


def says(name: str, *values: str, to: int = PUBLIC, only: tuple[str, ...] = ()) -> entry_pb.EntryField:
    """A field, as it is sent."""
    return entry_pb.EntryField(name=name, values=values, audience=to, structures=only)  # type: ignore[arg-type]


@dataclass(kw_only=True)
class Served:
    """One replica of shared-identity that answers for the directory."""

    house: House
    database: Database
    listing: Listing = field(default_factory=lambda: Listing(rendered))
    address: str = ""
    now: datetime = NOW

    def calls(self, caller: str = PORTAL) -> Any:
        """The service, called by that instance."""
        channel = channels.channel(self.address, SHARED_IDENTITY, self.house.tls(caller))
        self.house.opened.append(channel)
        return pb_grpc.DirectoryServiceStub(channel)

    def as_(self, person: str = CAMILLE, structure: str = NORTH, *roles: str) -> dict[str, Any]:
        """The options of a call in a person's name, acting for a structure."""
        return {"metadata": channels.credentials(self.house.token(person, structure, roles))}

    async def save(self, *fields: entry_pb.EntryField, kind: int = PERSON, entry_id: str = "", **options: Any) -> Any:
        """An entry saved, by Camille unless somebody else is named."""
        request = pb.SaveEntryRequest(kind=kind, fields=fields, entry_id=entry_id)  # type: ignore[arg-type]
        return (await self.calls().SaveEntry(request, **(options or self.as_()))).entry

    async def find(self, query: str = "", *, caller: str = PORTAL, **options: Any) -> Any:
        """What that caller finds."""
        return await self.calls(caller).SearchDirectory(pb.SearchDirectoryRequest(query=query), **options)


@asynccontextmanager
async def served(database: Database, folder: Path, bus: Bus | None = None) -> AsyncIterator[Served]:
    """A replica that serves until the block ends."""
    async with AsyncExitStack() as stack:
        made = Served(house=House(folder), database=database)
        stack.push_async_callback(made.house.close)
        service = (
            pb_grpc.add_DirectoryServiceServicer_to_server,
            DirectoryRpc(database, made.listing, clock=lambda: made.now),
        )
        server = made.house.server(SHARED_IDENTITY.instance, [service], staff=trusting_the_token)
        await server.start()
        made.house.servers.append(server)
        made.address = server.address
        jobs = [made.listing.run(), Following(database, made.listing).run(bus)]
        running = [asyncio.create_task(job) for job in jobs]
        try:
            await made.listing.ready(10)
            yield made
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
