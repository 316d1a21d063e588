"""Load, decide, save: the Work does it without losing anyone's update."""

import asyncio

from servicekit.sql import Database
from sqlalchemy import select
from stored import brighten, lamp, level_of, levels, set_level

WRITERS = 20


async def test_control_reading_before_the_transaction_loses_updates(house: Database) -> None:
    everyone_has_read = asyncio.Barrier(8)

    async def brighten_naively() -> None:
        async with house.reading() as work:
            level = (await work.execute(select(lamp.c.level))).scalar_one()
        await everyone_has_read.wait()
        async with house.work() as work:
            await set_level(work, level + 1)

    await asyncio.gather(*(brighten_naively() for _ in range(8)))
    assert (await levels(house))["lamp_1"] < 8


async def test_load_decide_save_in_a_work_loses_none(house: Database) -> None:
    async def brighten_properly() -> None:
        async with house.work() as work:
            level = await level_of(work)
            await asyncio.sleep(0)
            await set_level(work, level + 1)

    await asyncio.gather(*(brighten_properly() for _ in range(WRITERS)))
    assert await levels(house) == {"lamp_1": WRITERS}


async def test_two_processes_lose_none_either(twins: tuple[Database, Database]) -> None:
    async def brighten_properly(database: Database) -> None:
        async with database.work() as work:
            level = await level_of(work)
            await asyncio.sleep(0)
            await set_level(work, level + 1)

    await asyncio.gather(*(brighten_properly(twins[number % 2]) for number in range(WRITERS)))
    assert await levels(twins[0]) == {"lamp_1": WRITERS}


async def test_one_statement_is_enough_where_it_can_say_it_all(house: Database) -> None:
    async def add_one() -> None:
        async with house.work() as work:
            await brighten(work)

    await asyncio.gather(*(add_one() for _ in range(WRITERS)))
    assert await levels(house) == {"lamp_1": WRITERS}
