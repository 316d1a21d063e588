"""The inbox: delivery is at least once, effects are exactly once, and an older fact never undoes a newer one."""

import asyncio
from datetime import timedelta

import pytest
from servicekit.refusals import Unavailable
from servicekit.sql import Database, inbox
from servicekit.sql.inbox import Arrival, Verdict
from servicekit.sql.tables import inbox as inbox_table
from stored import AT, brighten, count, levels

FRESH, SEEN, OLDER = Verdict.FRESH, Verdict.SEEN, Verdict.OLDER


def arrival(fact_id: str, version: int = 1, aggregate_id: str = "lamp_1") -> Arrival:
    return Arrival(fact_id=fact_id, aggregate_id=aggregate_id, version=version)


async def admit(database: Database, *arrivals: Arrival, subscriber: str = "lamps") -> list[Verdict]:
    async with database.work() as work:
        return list(await inbox.admit(work, subscriber, arrivals, at=AT))


async def deliver(database: Database, fact: Arrival) -> None:
    async with database.work() as work:
        [verdict] = await inbox.admit(work, "lamps", [fact], at=AT)
        if verdict is FRESH:
            await brighten(work)


async def test_a_fact_is_fresh_once(house: Database) -> None:
    assert await admit(house, arrival("fact_1")) == [FRESH]
    assert await admit(house, arrival("fact_1")) == [SEEN]


async def test_each_subscriber_has_its_own_inbox(house: Database) -> None:
    assert await admit(house, arrival("fact_1"), subscriber="lamps") == [FRESH]
    assert await admit(house, arrival("fact_1"), subscriber="doors") == [FRESH]


async def test_an_older_version_is_written_down_and_skipped(house: Database) -> None:
    assert await admit(house, arrival("fact_3", 3)) == [FRESH]
    assert await admit(house, arrival("fact_2", 2)) == [OLDER]
    assert await admit(house, arrival("fact_2", 2)) == [SEEN]
    assert await admit(house, arrival("fact_4", 4)) == [FRESH]


async def test_two_facts_of_one_version_both_count(house: Database) -> None:
    """One command may announce several facts of the same aggregate."""
    assert await admit(house, arrival("fact_1", 3), arrival("fact_2", 3)) == [FRESH, FRESH]


async def test_another_aggregate_has_its_own_versions(house: Database) -> None:
    assert await admit(house, arrival("fact_1", 9), arrival("fact_2", 1, "lamp_2")) == [FRESH, FRESH]


async def test_a_batch_is_judged_in_its_order(house: Database) -> None:
    await admit(house, arrival("fact_1", 2))
    batch = [arrival("a", 1), arrival("b", 3), arrival("c", 2), arrival("b", 3), arrival("fact_1", 2), arrival("d", 4)]
    assert await admit(house, *batch) == [OLDER, FRESH, OLDER, SEEN, SEEN, FRESH]
    assert await admit(house, arrival("e", 3), arrival("f", 4)) == [OLDER, FRESH]


async def test_an_empty_batch_is_no_trouble(house: Database) -> None:
    assert await admit(house) == []


async def test_a_large_batch_is_admitted_at_once(house: Database) -> None:
    batch = [arrival(f"fact_{number:04}", number, f"lamp_{number % 300}") for number in range(1500)]
    assert await admit(house, *batch) == [FRESH] * 1500
    assert await admit(house, *batch) == [SEEN] * 1500


async def test_inbox_and_effect_go_together(house: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.work() as work:
            await inbox.admit(work, "lamps", [arrival("fact_1")], at=AT)
            await brighten(work)
            raise ZeroDivisionError
    await deliver(house, arrival("fact_1"))
    await deliver(house, arrival("fact_1"))
    assert await levels(house) == {"lamp_1": 1}


async def test_two_workers_given_the_same_fact_have_one_effect(twins: tuple[Database, Database]) -> None:
    await asyncio.gather(*(deliver(twins[number % 2], arrival("fact_1")) for number in range(10)))
    assert await levels(twins[0]) == {"lamp_1": 1}


async def test_two_workers_never_let_an_older_version_come_last(twins: tuple[Database, Database]) -> None:
    """Whoever loses the race either skips its older fact or is told to have it delivered again."""
    last: list[int] = []

    async def take_in(database: Database, version: int) -> None:
        for _ in range(50):
            try:
                async with database.work() as work:
                    [verdict] = await inbox.admit(work, "lamps", [arrival(f"fact_{version}", version)], at=AT)
                    if verdict is FRESH:
                        work.after_commit(lambda: last.append(version))
                    await asyncio.sleep(0.001 * (version % 3))
            except Unavailable:
                continue
            return
        raise AssertionError("never admitted")

    await asyncio.gather(*(take_in(twins[version % 2], version) for version in reversed(range(1, 21))))
    assert last == sorted(last)
    assert last[-1] == 20


async def test_what_no_stream_keeps_any_more_is_forgotten(house: Database) -> None:
    await admit(house, arrival("fact_1"))
    async with house.work() as work:
        assert await inbox.forget_before(work, AT) == 0
        assert await inbox.forget_before(work, AT + timedelta(seconds=1)) == 1
    assert await count(house, inbox_table) == 0
