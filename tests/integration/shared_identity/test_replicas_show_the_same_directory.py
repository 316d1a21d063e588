"""Several replicas over one database: what one of them takes in, all show within two seconds, and so what is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest_asyncio
from broker import Broker, broker, house
from directories import GROUPEMENT, ME, Served, says, served
from engines import Databases
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from reciprocity import NORTH, SHARED_IDENTITY, Ears, declared, ended, settle_in
from servicekit.bus.relay import Relay
from servicekit.sql import Database
from shared_identity.schema import METADATA

USER = SHARED_IDENTITY.instance
SOON = 2.0
MEMBERSHIP = "membership_" + "1" * 32


@pytest_asyncio.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker of this test's own, which it may stop."""
    async with broker(tmp_path / "bus", house(tmp_path / "bus")) as running:
        yield running


@asynccontextmanager
async def replica(running: Broker, database: Database, folder: Path) -> AsyncIterator[Served]:
    """One replica, with its relay and its connection to the bus."""
    async with AsyncExitStack() as stack:
        connected = await stack.enter_async_context(running.connected("groupement", USER))
        relaying = asyncio.create_task(Relay(database, connected).run())
        try:
            yield await stack.enter_async_context(served(database, folder, connected))
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)


@pytest_asyncio.fixture
async def replicas(databases: Databases, bus: Broker, tmp_path: Path) -> AsyncIterator[tuple[Served, Served]]:
    """Two replicas of shared-identity, each with connections of its own to the one database."""
    url = await databases.url(METADATA)
    async with AsyncExitStack() as stack:
        both = [databases.again(url, SHARED_IDENTITY) for _ in range(2)]
        async with both[0].work() as work:
            await settle_in(work)
        await Ears(both[0]).hear(declared(MEMBERSHIP))
        opened = [
            await stack.enter_async_context(replica(bus, database, tmp_path / f"replica{number}"))
            for number, database in enumerate(both)
        ]
        yield opened[0], opened[1]


async def within(seconds: float, holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns once something holds; fails after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds")


async def test_a_change_at_one_shows_at_the_other(replicas: tuple[Served, Served]) -> None:
    here, there = replicas

    async def shown(word: str, count: int) -> bool:
        return bool((await there.find(word)).total_size == count)

    made = await here.save(says("name", "Camille Fictive"))
    assert (await here.find("fictive")).total_size == 1, "whoever saved it finds it at once"
    await within(SOON, lambda: shown("fictive", 1))
    await here.save(says("name", "Camille"), says("headline", "couturière"), entry_id=made.entry_id)
    await within(SOON, lambda: shown("couturière", 1))
    await here.save(says("name", "Camille"), says("headline", "couturière", to=ME), entry_id=made.entry_id)
    await within(SOON, lambda: shown("couturière", 0))
    await here.calls().WithdrawEntry(pb.WithdrawEntryRequest(entry_id=made.entry_id), **here.as_())
    await within(SOON, lambda: shown("camille", 0))
    assert here.listing.held() == there.listing.held() == set()


async def test_a_membership_that_ends_is_felt_by_all(replicas: tuple[Served, Served]) -> None:
    here, there = replicas
    await here.save(says("name", "Camille"), says("structures", NORTH, to=GROUPEMENT))

    async def counted(count: int) -> bool:
        answer = await there.find(caller=f"coworking@{NORTH}")
        return answer.total_size == 1 and len(answer.structure_counts) == count

    await within(SOON, lambda: counted(1))
    await Ears(here.database).hear(ended(MEMBERSHIP, last_day="2026-11-02"))
    await within(SOON, lambda: counted(0))


async def test_what_changed_while_the_bus_was_away_shows_when_it_is_back(
    replicas: tuple[Served, Served], bus: Broker
) -> None:
    here, there = replicas
    bus.kill()
    await here.save(says("name", "Camille Fictive"))
    assert (await here.find("fictive")).total_size == 1, "without a bus one finds what one saved"
    assert (await there.find("fictive")).total_size == 0
    bus.start()
    await bus.listening()

    async def shown() -> bool:
        return bool((await there.find("fictive")).total_size == 1)

    await within(20, shown)


async def test_a_replica_that_starts_without_a_bus_reads_the_database(
    replicas: tuple[Served, Served], tmp_path: Path
) -> None:
    here, _ = replicas
    await here.save(says("name", "Camille Fictive"))
    async with served(here.database, tmp_path / "alone") as alone:
        assert (await alone.find("fictive")).total_size == 1


async def test_control_a_replica_that_may_not_listen_misses_what_changed(databases: Databases, tmp_path: Path) -> None:
    """With the permission taken out of the server's configuration, the other replica learns nothing in time."""

    def deaf(text: str) -> str:
        return text.replace('"groupement.shared_identity.>"] }', '"groupement.nothing.>"] }')

    registry = house(tmp_path / "bus")
    url = await databases.url(METADATA)
    here, there = (databases.again(url, SHARED_IDENTITY) for _ in range(2))
    async with here.work() as work:
        await settle_in(work)
    await Ears(here).hear(declared(MEMBERSHIP))
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(broker(tmp_path / "bus", registry, changed=deaf))
        assert running.config() != deaf(running.config())
        one = await stack.enter_async_context(replica(running, here, tmp_path / "one"))
        other = await stack.enter_async_context(replica(running, there, tmp_path / "other"))
        await one.save(says("name", "Camille Fictive"))
        await asyncio.sleep(SOON)
        assert (await other.find("fictive")).total_size == 0
