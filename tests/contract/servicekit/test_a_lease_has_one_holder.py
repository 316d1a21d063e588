"""A lease has one holder at a time, and another takes over when that one falls silent."""

import asyncio
from datetime import timedelta

from servicekit.sql import Database, Lease
from servicekit.sql.tables import lease as lease_table
from sqlalchemy import select
from stored import Hands

TTL = timedelta(seconds=15)


def leases(twins: tuple[Database, Database], hands: Hands) -> tuple[Lease, Lease]:
    one = Lease(twins[0], "relay", "worker_1", TTL, clock=hands)
    return one, Lease(twins[1], "relay", "worker_2", TTL, clock=hands)


async def until(database: Database) -> object:
    async with database.reading() as work:
        return (await work.execute(select(lease_table.c.until))).scalar_one()


async def test_the_first_holds_it_and_the_second_does_not(twins: tuple[Database, Database]) -> None:
    one, other = leases(twins, Hands())
    assert await one.acquire()
    assert one.held
    assert not await other.acquire()
    assert not other.held
    assert await one.acquire()


async def test_of_many_who_want_it_at_once_one_gets_it(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    asking = [Lease(twins[number % 2], "relay", f"worker_{number}", TTL, clock=hands) for number in range(12)]
    assert sum(await asyncio.gather(*(lease.acquire() for lease in asking))) == 1
    assert sum(lease.held for lease in asking) == 1


async def test_another_takes_over_once_it_has_lapsed_and_not_before(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    one, other = leases(twins, hands)
    await one.acquire()
    hands.forward(TTL - timedelta(microseconds=1))
    assert not await other.acquire()
    hands.forward(timedelta(microseconds=1))
    assert not one.held
    assert await other.acquire()
    assert not await one.acquire()


async def test_a_holder_that_goes_on_keeps_it(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    one, other = leases(twins, hands)
    for _ in range(10):
        assert await one.acquire()
        assert not await other.acquire()
        hands.forward(TTL * 0.9)


async def test_keeping_it_is_written_only_once_a_third_is_used_up(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    one, _ = leases(twins, hands)
    await one.acquire()
    first = await until(twins[0])
    hands.forward(TTL * 0.3)
    await one.acquire()
    assert await until(twins[0]) == first
    hands.forward(TTL * 0.1)
    await one.acquire()
    assert await until(twins[0]) == hands() + TTL


async def test_given_up_it_is_free_at_once(twins: tuple[Database, Database]) -> None:
    one, other = leases(twins, Hands())
    await one.acquire()
    await one.release()
    assert not one.held
    assert await other.acquire()


async def test_giving_up_what_another_holds_changes_nothing(twins: tuple[Database, Database]) -> None:
    one, other = leases(twins, Hands())
    await one.acquire()
    await other.release()
    assert not await other.acquire()


async def test_each_name_is_a_lease_of_its_own(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    assert await Lease(twins[0], "relay", "worker_1", clock=hands).acquire()
    assert await Lease(twins[1], "sweeper", "worker_2", clock=hands).acquire()
