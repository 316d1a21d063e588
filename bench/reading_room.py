"""The directory's process: our server over a directory read from the database, and a bare one with nothing behind it.

`python -m bench.reading_room '<JSON>'` prints one line with their addresses and serves until its standard input closes.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import uvloop
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from groupement.shared_identity.v1.directory_service_pb2_grpc import add_DirectoryServiceServicer_to_server as add
from servicekit.origin import GROUPEMENT, Origin
from servicekit.pki import Tls
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.sql import Database
from servicekit.tokens import TokenVerifier
from shared_identity.directory.domain import at
from shared_identity.directory.following import Following
from shared_identity.directory.listing import Listing
from shared_identity.directory.queries import Question
from shared_identity.directory.rpc import DirectoryRpc
from shared_identity.directory.wire import rendered

from bench.limits import empty_rpc

IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the process is told: where things are, who asks, how large a page is."""

    database_url: str
    pki: str
    jwks: str
    structure: str
    page_size: int

    @property
    def tls(self) -> Tls:
        """Its certificate."""
        return Tls.of(Path(self.pki), IDENTITY)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Where each server listens, an entry to ask for, and the seconds it took to read the directory."""

    bare: str
    ours: str
    entry_id: str
    read_seconds: float


async def _serve(given: Given) -> None:
    database, listing = Database(given.database_url, origin=IDENTITY), Listing(rendered)
    running = asyncio.create_task(listing.run())
    began = perf_counter()
    await Following(database, listing).read()
    await listing.ready(600)
    read_seconds = perf_counter() - began
    entry_id, answers = _answers(given, listing)
    bare, bare_address = await empty_rpc.serve(given.tls, add, empty_rpc.NoOp(answers))
    ours = Server(
        origin=IDENTITY,
        tls=given.tls,
        services=[(add, DirectoryRpc(database, listing, clock=lambda: datetime.now(UTC)))],
        verifier=TokenVerifier(Path(given.jwks), issuer="https://identity.example", audience=None),
        staff=trusting_the_token,
    )
    opened = Opened(bare=bare_address, ours=await ours.start(), entry_id=entry_id, read_seconds=read_seconds)
    sys.stdout.write(json.dumps(asdict(opened)) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await ours.drain(0.2)
    await bare.stop(0.2)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await database.close()


def _answers(given: Given, listing: Listing) -> tuple[str, dict[str, pb.GetEntryResponse | pb.SearchDirectoryResponse]]:
    """An entry, and what the empty RPCs say: messages of the size of real ones."""
    viewer = at(given.structure)
    found = listing.search(Question(words=("atelier",)), viewer, skip=0, limit=given.page_size)
    page = pb.SearchDirectoryResponse.FromString(b"".join(found.entries))
    page.total_size = found.total
    for facet, counts in (
        ("kind", page.kind_counts),
        ("theme", page.theme_counts),
        ("structure", page.structure_counts),
    ):
        counts.extend(pb.FacetCount(value=value, count=count) for value, count in found.counts[facet])
    entry = pb.GetEntryResponse.FromString(found.entries[0])
    return entry.entry.entry_id, {"GetEntry": entry, "SearchDirectory": page}


if __name__ == "__main__":
    uvloop.run(_serve(Given(**json.loads(sys.argv[1]))))
