"""The door's process: our server, the limit's bare one and ours with nothing behind it, on one event loop.

`python -m bench.doorway '<JSON>'` prints one line with their addresses and serves until its standard input closes.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvloop
from coworking.__main__ import assemble
from groupement.coworking.v1 import check_in_service_pb2 as pb
from groupement.coworking.v1.check_in_service_pb2_grpc import add_CheckInServiceServicer_to_server as add
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.rpc.access import StaffLookup
from servicekit.rpc.server import Server
from servicekit.sql import Database
from servicekit.tokens import TokenVerifier

from bench.limits import empty_rpc


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the process is told: where things are, and what a real answer looks like."""

    instance: str
    database_url: str
    pki: str
    jwks: str
    person_id: str
    booking_id: str

    @property
    def origin(self) -> Origin:
        """Which instance this is."""
        return Origin.parse(self.instance)

    @property
    def tls(self) -> Tls:
        """Its certificate."""
        return Tls.of(Path(self.pki), self.origin)

    def answers(self) -> dict[str, Any]:
        """What the empty RPCs say: messages of the size of real ones."""
        entitled = pb.CheckEntitlementResponse(entitled=True, half_days_left=8)
        admitted = pb.CheckCardResponse(person_id=self.person_id, admitted=True, booking_id=self.booking_id)
        return {"CheckCard": admitted, "CheckEntitlement": entitled}


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where each server listens."""

    bare: str
    empty: str
    door: str


async def _serve(given: Given) -> None:
    database = Database(given.database_url, origin=given.origin)
    parts = assemble(database, jwks_file=Path(given.jwks), zone=ZoneInfo("Europe/Paris"))
    await parts.memory.fill()
    nothing = empty_rpc.NoOp(given.answers())
    bare, bare_address = await empty_rpc.serve(given.tls, add, nothing)
    empty = _server(given, [(add, nothing)], parts.staff)
    door = _server(given, parts.services, parts.staff)
    addresses = Addresses(bare=bare_address, empty=await empty.start(), door=await door.start())
    sys.stdout.write(json.dumps(asdict(addresses)) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in (empty, door):
        await server.drain(0.2)
    await bare.stop(0.2)
    await database.close()


def _server(given: Given, services: Sequence[tuple[Any, object]], staff: StaffLookup) -> Server:
    """A server of ours, as an instance makes it."""
    verifier = TokenVerifier(Path(given.jwks), issuer="https://identity.example", audience=given.origin.structure)
    return Server(origin=given.origin, tls=given.tls, services=services, verifier=verifier, staff=staff)


if __name__ == "__main__":
    uvloop.run(_serve(Given(**json.loads(sys.argv[1]))))
