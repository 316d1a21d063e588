"""A database that is busy, away or full refuses with Unavailable, half-writes nothing, and is used again after."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from engines import SOMEWHERE, Databases
from servicekit.refusals import Unavailable
from servicekit.sql import Database, DatabaseAway, DatabaseBusy
from sqlalchemy import text
from stored import METADATA, add_lamp, brighten, level_of, levels

SOON = 0.15
_HANG_UP = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
only_sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture
async def impatient(databases: Databases) -> AsyncIterator[tuple[Database, Database]]:
    """One database with one lamp, seen by two processes that wait 150 ms."""
    url = await databases.url(METADATA)
    one = Database(url, origin=SOMEWHERE, patience=SOON)
    other = Database(url, origin=SOMEWHERE, patience=SOON)
    async with one.work() as work:
        await add_lamp(work)
    yield one, other
    await one.close()
    await other.close()


async def test_a_row_held_too_long_by_another_process(impatient: tuple[Database, Database]) -> None:
    one, other = impatient
    async with one.work() as holding:
        await level_of(holding)
        await brighten(holding)
        with pytest.raises(DatabaseBusy):
            async with other.work() as work:
                await brighten(work)
    async with other.work() as work:
        await brighten(work)
    assert await levels(one) == {"lamp_1": 2}


async def test_no_place_left_for_one_more_work(impatient: tuple[Database, Database]) -> None:
    one, _ = impatient
    at_once = 1 if one.dialect == "sqlite" else 10
    leave = asyncio.Event()

    async def stay() -> None:
        async with one.work():
            await leave.wait()

    staying = [asyncio.create_task(stay()) for _ in range(at_once)]
    await asyncio.sleep(0.02)
    with pytest.raises(DatabaseBusy):
        async with one.work() as work:
            await brighten(work)
    leave.set()
    await asyncio.gather(*staying)
    async with one.work() as work:
        await brighten(work)
    assert await levels(one) == {"lamp_1": 1}


@only_sqlite
async def test_works_are_served_in_the_order_they_came(impatient: tuple[Database, Database]) -> None:
    one, _ = impatient
    served: list[int] = []

    async def come(number: int) -> None:
        async with one.work():
            served.append(number)

    await asyncio.gather(*(come(number) for number in range(30)))
    assert served == list(range(30))


async def test_someone_who_gave_up_waiting_does_not_hold_up_the_rest(impatient: tuple[Database, Database]) -> None:
    one, _ = impatient
    leave = asyncio.Event()

    async def stay() -> None:
        async with one.work():
            await leave.wait()

    async def come() -> None:
        async with one.work() as work:
            await brighten(work)

    staying = [asyncio.create_task(stay()) for _ in range(10)]
    await asyncio.sleep(0.01)
    waiting = [asyncio.create_task(come()) for _ in range(5)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    waiting[2].cancel()
    leave.set()
    await asyncio.gather(*staying, *waiting, return_exceptions=True)
    assert await levels(one) == {"lamp_1": 3}


async def test_nobody_there() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    database = Database(f"postgresql+asyncpg://someone@127.0.0.1:{port}/nothing", origin=SOMEWHERE, patience=SOON)
    with pytest.raises(DatabaseAway):
        await database.ping()
    with pytest.raises(DatabaseAway):
        async with database.work():
            pass
    await database.close()


async def test_no_folder_there(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere/database.sqlite3", origin=SOMEWHERE, patience=SOON)
    with pytest.raises(DatabaseAway):
        await database.ping()
    await database.close()
    await asyncio.sleep(0.05)  # the driver ends the thread of a connection that failed in its own time


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite:///file", "mysql://here/there"])
def test_a_database_we_cannot_use_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="not a database we can use"):
        Database(url, origin=SOMEWHERE)


async def test_the_ping_of_one_that_is_there(house: Database) -> None:
    await house.ping()


async def hang_up(database: Database) -> None:
    async with database.work() as work:
        await work.execute(_HANG_UP)


@only_postgresql
async def test_a_server_that_hangs_up(databases: Databases) -> None:
    """In the middle of a work, and while connections lie idle: the first is refused, the next ones are served."""
    url = await databases.url(METADATA)
    one, other = databases.again(url), databases.again(url)
    async with one.work() as work:
        await add_lamp(work)
    with pytest.raises(Unavailable):
        async with one.work() as work:
            await brighten(work)
            await hang_up(other)
            await brighten(work)
    await hang_up(other)
    await asyncio.sleep(0.05)
    for _ in range(12):
        async with one.work() as work:
            await brighten(work)
    assert await levels(one) == {"lamp_1": 12}


@only_sqlite
async def test_a_disk_that_is_full(databases: Databases) -> None:
    house = await databases.make(METADATA)
    async with house.work() as work:
        await add_lamp(work)
        pages = (await work.execute(text("PRAGMA page_count"))).scalar_one()
        await work.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(DatabaseAway):
        async with house.work() as work:
            await brighten(work)
            for number in range(200):
                await add_lamp(work, f"{number:0>4000}")
    assert await levels(house) == {"lamp_1": 0}
    async with house.work() as work:
        await brighten(work)
        await work.execute(text("PRAGMA max_page_count = 1000000"))
    assert await levels(house) == {"lamp_1": 1}
