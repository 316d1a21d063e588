"""The outbox: every committed fact is there for the relay, in order, until the relay says it is told."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta

from servicekit.sql import Database, outbox
from servicekit.sql.tables import outbox as outbox_table
from stored import AT, LAMP_LIT, lamp_lit, level_of, set_level


async def announce(database: Database, *names: str) -> None:
    async with database.work() as work:
        for name in names:
            work.announce(lamp_lit(name))


async def test_a_fact_comes_out_as_it_went_in(house: Database) -> None:
    own = lamp_lit(version=7)
    addressed = lamp_lit(kind=replace(LAMP_LIT, audience="to", noun="street_lamp"), to="some-other-structure")
    async with house.work() as work:
        work.announce(own)
        work.announce(addressed)
    async with house.reading() as work:
        first, second = await outbox.waiting(work)
    assert (first.fact, second.fact) == (own, addressed)
    assert first.subject == "some-structure.some_kind.own.lamp.lit"
    assert second.subject == "some-structure.some_kind.to.some-other-structure.street_lamp.lit"


async def test_facts_wait_in_the_order_they_were_announced(house: Database) -> None:
    for batch in range(5):
        await announce(house, *(f"lamp_{batch}_{number}" for number in range(batch + 1)))
    async with house.reading() as work:
        waiting = await outbox.waiting(work)
    expected = [f"lamp_{batch}_{number}" for batch in range(5) for number in range(batch + 1)]
    assert [each.fact.aggregate_id for each in waiting] == expected


async def test_only_so_many_are_taken_at_a_time_oldest_first(house: Database) -> None:
    await announce(house, *(f"lamp_{number}" for number in range(1005)))
    async with house.reading() as work:
        assert len(await outbox.waiting(work)) == outbox.MOST
        assert [each.fact.aggregate_id for each in await outbox.waiting(work, 2)] == ["lamp_0", "lamp_1"]


async def test_what_is_told_is_forgotten_and_nothing_else(house: Database) -> None:
    await announce(house, "a", "b", "c")
    async with house.reading() as work:
        a, _, c = await outbox.waiting(work)
    async with house.work() as work:
        await outbox.told(work, [a.position, c.position])
    async with house.reading() as work:
        assert [each.fact.aggregate_id for each in await outbox.waiting(work)] == ["b"]


async def test_a_position_is_never_given_twice(house: Database) -> None:
    """A relay that lost its lease may still delete the positions it read: they must not be someone else's by then."""
    await announce(house, "a")
    async with house.reading() as work:
        [a] = await outbox.waiting(work)
    async with house.work() as work:
        await outbox.told(work, [a.position])
    await announce(house, "b")
    async with house.work() as work:
        await outbox.told(work, [a.position])
    async with house.reading() as work:
        assert [each.fact.aggregate_id for each in await outbox.waiting(work)] == ["b"]


async def test_the_depth_says_how_many_wait_and_since_when(house: Database) -> None:
    async with house.reading() as work:
        assert await outbox.depth(work) == outbox.Depth(facts=0, oldest=None)
    async with house.work() as work:
        work.announce(replace(lamp_lit(), time=AT + timedelta(minutes=1)))
        work.announce(lamp_lit())
    async with house.reading() as work:
        assert await outbox.depth(work) == outbox.Depth(facts=2, oldest=AT)


async def follow_by_cursor(database: Database, seen: list[str], stop: asyncio.Event) -> None:
    last = 0
    while not stop.is_set():
        async with database.reading() as work:
            fresh = [each for each in await outbox.waiting(work, 100_000) if each.position > last]
        seen.extend(each.fact.id for each in fresh)
        last = max([last, *(each.position for each in fresh)])
        await asyncio.sleep(0)


async def claim_rows(database: Database, seen: list[str], stop: asyncio.Event) -> None:
    while True:
        over = stop.is_set()
        async with database.reading() as work:
            waiting = await outbox.waiting(work)
        async with database.work() as work:
            await outbox.told(work, [each.position for each in waiting])
        seen.extend(each.fact.id for each in waiting)
        if over and not waiting:
            return
        await asyncio.sleep(0)


async def write_slowly(database: Database, facts: int) -> set[str]:
    """Transactions that take their position early and commit late, as any may on PostgreSQL."""
    told: set[str] = set()

    async def one(number: int) -> None:
        chance = random.Random(number)
        async with database.work() as work:
            fact = lamp_lit(f"lamp_{number}")
            await work.connection.execute(outbox_table.insert(), [outbox.row(work.origin, fact)])
            await asyncio.sleep(chance.random() / 100)
        told.add(fact.id)

    await asyncio.gather(*(one(number) for number in range(facts)))
    return told


async def test_claiming_rows_that_are_there_misses_no_late_commit(twins: tuple[Database, Database]) -> None:
    seen: list[str] = []
    stop = asyncio.Event()
    relay = asyncio.create_task(claim_rows(twins[1], seen, stop))
    told = await write_slowly(twins[0], 100)
    stop.set()
    await relay
    assert sorted(seen) == sorted(told)


async def test_control_a_cursor_over_positions_misses_late_commits(twins: tuple[Database, Database]) -> None:
    """On SQLite writers take turns, so that positions do come in order; on PostgreSQL they do not."""
    seen: list[str] = []
    stop = asyncio.Event()
    relay = asyncio.create_task(follow_by_cursor(twins[1], seen, stop))
    told = await write_slowly(twins[0], 100)
    await asyncio.sleep(0.05)
    stop.set()
    await relay
    missed = told - set(seen)
    assert bool(missed) == (twins[0].dialect == "postgresql")


async def test_facts_of_one_aggregate_wait_in_the_order_of_its_versions(twins: tuple[Database, Database]) -> None:
    async def light(database: Database) -> None:
        async with database.work() as work:
            level = await level_of(work) + 1
            await set_level(work, level)
            work.announce(lamp_lit(version=level))

    await asyncio.gather(*(light(twins[number % 2]) for number in range(30)))
    async with twins[0].reading() as work:
        assert [each.fact.version for each in await outbox.waiting(work)] == list(range(1, 31))
