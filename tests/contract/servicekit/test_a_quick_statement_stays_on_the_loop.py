"""On SQLite, a statement that has shown itself quick runs where it is asked; others go to a thread, and so do waits."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from engines import SOMEWHERE, Databases
from servicekit.sql import Database, DatabaseBusy
from servicekit.sql.pace import QUICK
from sqlalchemy import Executable, func, literal, select, update
from stored import METADATA, brighten, lamp, level_of, levels

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

_WHERE = select(func.here())
_LONG = select(func.here(), func.dawdle(lamp.c.level)).where(lamp.c.id == "lamp_1")
_PATIENCE = 0.5
_OFTEN = 30


@pytest_asyncio.fixture
async def watched(databases: Databases) -> AsyncIterator[Database]:
    """A database that tells on which thread it ran a statement, and can be made to take its time by a level."""
    database = Database(await databases.url(METADATA), origin=SOMEWHERE, patience=_PATIENCE)
    async with database.work() as work:
        driver: Any = work.link._driver
        connection: sqlite3.Connection = driver._connection._conn
        connection.create_function("here", 0, threading.get_ident)
        connection.create_function("dawdle", 1, dawdle)
        await work.execute(lamp.insert(), {"id": "lamp_1", "level": 0})
    yield database
    await database.close()


def dawdle(milliseconds: int) -> int:
    """Keeps its thread busy."""
    until = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < until:
        pass
    return milliseconds


async def where(database: Database, statement: Executable = _WHERE) -> str:
    """Where a statement runs that is not the first of its transaction."""
    async with database.work() as work:
        await level_of(work)
        thread = (await work.execute(statement)).scalar_one()
    return "loop" if thread == threading.get_ident() else "thread"


async def test_it_must_show_that_it_is_quick(watched: Database) -> None:
    places = [await where(watched) for _ in range(_OFTEN)]
    assert places[0] == "thread"
    assert places[-1] == "loop"


async def test_a_long_one_stays_on_the_thread(watched: Database) -> None:
    async with watched.work() as work:
        await work.execute(update(lamp).values(level=int(QUICK * 1000) + 1))
    assert {await where(watched, _LONG) for _ in range(_OFTEN)} == {"thread"}


async def test_one_that_becomes_long_goes_back_to_the_thread(watched: Database) -> None:
    assert "loop" in [await where(watched, _LONG) for _ in range(_OFTEN)]
    async with watched.work() as work:
        await work.execute(update(lamp).values(level=5))
    places = [await where(watched, _LONG) for _ in range(_OFTEN)]
    assert places.count("loop") <= 1
    assert places[-1] == "thread"


async def test_what_is_not_plain_goes_to_the_thread(watched: Database) -> None:
    some = select(func.here()).where(literal("a").in_(["a", "b"]))
    assert {await where(watched, some) for _ in range(_OFTEN)} == {"thread"}


async def test_everybody_else_has_a_turn_between_many(watched: Database) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with watched.work() as work:
        for _ in range(_OFTEN):
            await work.execute(_WHERE)
        task = asyncio.create_task(others())
        await asyncio.sleep(0)
        before = turns
        for _ in range(100):
            await work.execute(_WHERE)
        assert turns > before
        task.cancel()


async def test_another_process_that_writes_is_waited_for_on_the_thread(watched: Database, databases: Databases) -> None:
    """The loop goes on meanwhile; too long, and the database is busy."""
    for _ in range(_OFTEN):
        async with watched.work() as work:
            await brighten(work)
    other = sqlite3.connect(await file_of(watched), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(brighten_once(watched))
    ticks = await ticks_until(waiting)
    with pytest.raises(DatabaseBusy):
        waiting.result()
    assert ticks > 10
    waiting = asyncio.create_task(brighten_once(watched))
    await asyncio.sleep(_PATIENCE / 5)
    other.execute("ROLLBACK")
    await waiting
    other.close()
    assert await levels(watched) == {"lamp_1": _OFTEN + 1}


async def test_who_is_cancelled_on_the_thread_leaves_no_statement_behind(watched: Database) -> None:
    async def brighten_slowly() -> None:
        async with watched.work() as work:
            await brighten(work)
            await work.execute(update(lamp).values(level=func.dawdle(50)))

    for _ in range(_OFTEN):
        async with watched.work() as work:
            await brighten(work)
    slow = asyncio.create_task(brighten_slowly())
    await asyncio.sleep(0)
    slow.cancel()
    with suppress(asyncio.CancelledError):
        await slow
    await brighten_once(watched)
    assert await levels(watched) == {"lamp_1": _OFTEN + 1}


async def brighten_once(database: Database) -> None:
    """Makes the lamp brighter in a transaction of its own."""
    async with database.work() as work:
        await brighten(work)


async def file_of(database: Database) -> str:
    """The file a database is kept in."""
    async with database.reading() as work:
        file = work.connection.engine.url.database
    assert file is not None
    return file


async def ticks_until(task: "asyncio.Task[None]") -> int:
    """How often the loop came round in steps of a hundredth of a second."""
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1
    return ticks
