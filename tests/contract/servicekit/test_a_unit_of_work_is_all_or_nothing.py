"""A unit of work saves everything it did, or nothing."""


import pytest
from servicekit.sql import Database
from servicekit.sql.tables import lease, outbox
from sqlalchemy import insert
from stored import AT, count, lamp_lit

ROW = {"name": "a", "holder": "b", "until": AT, "term": 1}


async def test_what_a_work_wrote_is_there_after_it(database: Database) -> None:
    async with database.work() as work:
        await work.execute(insert(lease), ROW)
    assert await count(database, lease) == 1


async def test_nothing_is_saved_when_the_block_raises(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.work() as work:
            await work.execute(insert(lease), ROW)
            work.announce(lamp_lit())
            raise ZeroDivisionError
    assert await count(database, lease) == 0
    assert await count(database, outbox) == 0
    assert not database.wake.is_set()
