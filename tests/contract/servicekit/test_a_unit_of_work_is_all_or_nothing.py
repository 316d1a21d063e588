"""A unit of work saves everything it did, or nothing."""

import asyncio
import time
from contextlib import suppress

import pytest
from servicekit.sql import Database, WroteWhileReading
from servicekit.sql.due import Due
from servicekit.sql.link import StatementFailed
from servicekit.sql.tables import due, outbox
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from stored import AT, add_lamp, brighten, count, lamp, lamp_lit, levels


async def test_what_a_work_wrote_is_there_after_it(house: Database) -> None:
    async with house.work() as work:
        await brighten(work)
        work.announce(lamp_lit())
        work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
    assert await levels(house) == {"lamp_1": 1}
    assert await count(house, outbox) == 1
    assert await count(house, due) == 1


async def test_nothing_is_saved_when_the_block_raises(house: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.work() as work:
            await brighten(work)
            work.announce(lamp_lit())
            work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
            raise ZeroDivisionError
    assert await levels(house) == {"lamp_1": 0}
    assert await count(house, outbox) == 0
    assert await count(house, due) == 0


async def test_nothing_is_saved_when_the_last_statements_fail(house: Database) -> None:
    unwritable = lamp_lit(version=2**70)
    with pytest.raises(Exception, match=r"(?i)int|range|value"):
        async with house.work() as work:
            await brighten(work)
            work.announce(unwritable)
    assert await levels(house) == {"lamp_1": 0}
    async with house.work() as work:
        await brighten(work)
    assert await levels(house) == {"lamp_1": 1}


async def test_a_work_that_failed_leaves_its_connection_clean(house: Database) -> None:
    for _ in range(15):
        with pytest.raises(IntegrityError):
            async with house.work() as work:
                await brighten(work)
                await add_lamp(work)
    async with house.work() as work:
        await brighten(work)
    assert await levels(house) == {"lamp_1": 1}


async def test_a_work_that_goes_on_after_a_failed_statement_is_refused_not_half_saved(house: Database) -> None:
    """PostgreSQL would turn the commit into a rollback without a word, SQLite would keep the rest."""
    seen: list[str] = []
    with pytest.raises(StatementFailed):
        async with house.work() as work:
            work.after_commit(lambda: seen.append("kept"))
            await brighten(work)
            with suppress(IntegrityError):
                await add_lamp(work)
    assert await levels(house) == {"lamp_1": 0}
    assert seen == []


async def test_others_do_not_see_a_work_before_its_end(house: Database) -> None:
    async with house.work() as work:
        await brighten(work)
        assert await levels(house) == {"lamp_1": 0}
    assert await levels(house) == {"lamp_1": 1}


async def test_a_savepoint_that_fails_takes_back_its_own_part_only(house: Database) -> None:
    async with house.work() as work:
        await brighten(work)
        work.announce(lamp_lit(version=1))
        with suppress(IntegrityError):
            async with work.savepoint():
                await brighten(work)
                work.announce(lamp_lit(version=2))
                work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
                await add_lamp(work)
        async with work.savepoint():
            await add_lamp(work, "lamp_2")
    assert await levels(house) == {"lamp_1": 1, "lamp_2": 0}
    assert await count(house, outbox) == 1
    assert await count(house, due) == 0


async def test_the_relay_is_woken_by_a_commit_that_announced(house: Database) -> None:
    async with house.work() as work:
        await brighten(work)
    assert not house.wake.is_set()
    async with house.work() as work:
        work.announce(lamp_lit())
        assert not house.wake.is_set()
    assert house.wake.is_set()


async def test_what_follows_a_commit_follows_it(house: Database) -> None:
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError):
        async with house.work() as work:
            work.after_commit(lambda: seen.append("failed"))
            raise ZeroDivisionError
    async with house.work() as work:
        work.after_commit(lambda: seen.append("kept"))
        assert seen == []
    assert seen == ["kept"]


async def test_a_follow_up_that_fails_does_not_undo_the_commit(house: Database) -> None:
    seen: list[str] = []
    async with house.work() as work:
        await brighten(work)
        work.after_commit(lambda: seen.append(str(1 // 0)))
        work.after_commit(lambda: seen.append("kept"))
    assert await levels(house) == {"lamp_1": 1}
    assert seen == ["kept"]


async def test_reading_refuses_to_write(house: Database) -> None:
    with pytest.raises(WroteWhileReading):
        async with house.reading() as work:
            await brighten(work)
    with pytest.raises(WroteWhileReading):
        async with house.reading() as work:
            work.announce(lamp_lit())
    assert await levels(house) == {"lamp_1": 0}


async def test_reading_sees_one_state_from_beginning_to_end(house: Database) -> None:
    async with house.reading() as reading:
        before = (await reading.execute(select(lamp.c.level))).all()
        async with house.work() as work:
            await brighten(work)
        assert (await reading.execute(select(lamp.c.level))).all() == before


async def test_a_cancelled_work_is_undone_and_the_next_one_goes_on(house: Database) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        async with house.work() as work:
            await brighten(work)
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with house.work() as work:
        await brighten(work)
    assert await levels(house) == {"lamp_1": 1}


async def test_wherever_it_is_cancelled_a_work_followed_up_exactly_what_it_saved(house: Database) -> None:
    followed: set[str] = set()

    async def light(name: str) -> None:
        async with house.work() as work:
            work.after_commit(lambda: followed.add(name))
            work.announce(lamp_lit(name))
            await work.execute(text("SELECT 1"))  # by a hop to SQLite's thread, however quick: halfway
            await add_lamp(work, name)

    started = time.perf_counter()
    for number in range(20):
        await light(f"warm_{number}")
    usual = (time.perf_counter() - started) / 20
    cancelled = 0
    for number in range(150):
        async with house.work() as work:
            await brighten(work)  # a connection is open again
        task = asyncio.create_task(light(f"lamp_{number + 10}"))
        await asyncio.sleep(usual * 10 * (number % 50 / 50) ** 2)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        assert outcome is None or isinstance(outcome, asyncio.CancelledError)
        cancelled += outcome is not None
    saved = set(await levels(house)) - {"lamp_1"}
    assert saved == followed
    assert await count(house, outbox) == len(saved)
    assert 20 < len(saved) < 170
    assert cancelled > 10
