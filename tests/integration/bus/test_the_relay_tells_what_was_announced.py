"""The relay against a real server: nothing announced is lost, told twice or told out of order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bakery import announce, baked, ids_on, sold, waiting
from broker import Broker
from servicekit.bus.connection import Bus, connect
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import Outgoing, publish, publish_together
from servicekit.bus.relay import Relay
from servicekit.facts import Fact, subject
from servicekit.sql import Database


async def test_what_one_transaction_announced_is_told_in_order_and_forgotten(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    facts = [baked("loaf_1", version) for version in range(1, 51)]
    async with relaying(db, bakery_bus) as relay:
        await announce(db, *facts)
        await _empty(db)
    assert relay.tally.told == 50
    assert await _told(fresh) == [fact.id for fact in facts]


async def test_more_than_one_batch_is_told_in_order(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    facts = [baked(f"loaf_{number % 7}", number) for number in range(2500)]
    await announce(db, *facts)
    async with relaying(db, bakery_bus):
        await _empty(db)
    assert await fresh.subjects("south", "EVENTS") == {"south.bakery.own.loaf.baked": 2500}


async def test_a_crash_between_acknowledgement_and_deletion_tells_nothing_twice(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    """What is on the bus and still in the outbox: the batch is refused as a repeat, and sent again one by one."""
    first, second, third = (baked("loaf_1", version) for version in (1, 2, 3))
    await announce(db, first, second, third)
    await publish_together(bakery_bus, [_outgoing(db, first), _outgoing(db, second)])
    async with relaying(db, bakery_bus) as relay:
        await _empty(db)
    assert relay.tally.repeated == 2
    assert await _told(fresh) == [first.id, second.id, third.id]


async def test_a_single_fact_told_before_counts_as_told(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    only = baked("loaf_1")
    await announce(db, only)
    await publish(bakery_bus, _outgoing(db, only))
    async with relaying(db, bakery_bus) as relay:
        await _empty(db)
    assert relay.tally.repeated == 1
    assert await _told(fresh) == [only.id]


async def test_facts_wait_while_the_broker_is_away_and_leave_when_it_is_back(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    async with relaying(db, bakery_bus):
        fresh.kill()
        facts = [baked("loaf_1", version) for version in range(1, 21)]
        for fact in facts:
            await announce(db, fact)
        await asyncio.sleep(1.5)
        assert await waiting(db) == 20
        fresh.start()
        await fresh.listening()
        await _empty(db)
    assert await _told(fresh) == [fact.id for fact in facts]


async def test_a_broker_killed_while_facts_flow_loses_none_and_repeats_none(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    facts = [baked(f"loaf_{number % 3}", number) for number in range(300)]
    async with relaying(db, bakery_bus):
        for number, fact in enumerate(facts):
            await announce(db, fact)
            if number % 100 == 50:
                fresh.kill()
                fresh.start()
        await fresh.listening()
        await _empty(db)
    assert await _told(fresh) == [fact.id for fact in facts]


async def test_a_fact_the_stream_refuses_holds_back_its_own_aggregate_and_no_other(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    too_large = replace(baked("loaf_1", 1), body=b"x" * 2_000_000)
    behind = baked("loaf_1", 2)
    other = baked("loaf_2", 1)
    await announce(db, too_large, behind, other)
    async with relaying(db, bakery_bus) as relay:
        await _left(db, 2)
    assert relay.tally.refused >= 1
    assert await _told(fresh) == [other.id]


async def test_of_two_relays_only_the_one_with_the_lease_tells(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    async with relaying(db, bakery_bus, "first") as first:
        await announce(db, baked("loaf_1", 1))
        await _empty(db)
        async with relaying(db, bakery_bus, "second") as second:
            await announce(db, *(baked("loaf_1", version) for version in range(2, 40)))
            await _empty(db)
    assert (first.tally.told, second.tally.told) == (39, 0)


async def test_a_relay_that_stops_hands_over_at_once(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    async with relaying(db, bakery_bus, "first"):
        await announce(db, baked("loaf_1", 1))
        await _empty(db)
    async with relaying(db, bakery_bus, "second") as second:
        await announce(db, baked("loaf_1", 2))
        await _empty(db, within=3)
    assert second.tally.told == 1


async def test_a_service_works_while_its_bus_was_never_there(fresh: Broker, db: Database) -> None:
    fresh.stop()
    bus = await connect(fresh.settings("south", "bakery@south", patience=0.1))
    assert not bus.ready
    async with relaying(db, bus):
        fact = sold("loaf_1")
        await announce(db, fact)
        fresh.start()
        await fresh.listening()
        await _empty(db)
    await bus.close()
    assert await _told(fresh) == [fact.id]


@asynccontextmanager
async def relaying(db: Database, bus: Bus, holder: str = "only") -> AsyncIterator[Relay]:
    """A relay at work."""
    relay = Relay(db, bus, holder=holder, every=0.2)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.wait([task])


def _outgoing(db: Database, fact: Fact) -> Outgoing:
    return Outgoing(subject=subject(db.origin, fact), headers=to_headers(db.origin, fact), body=fact.body)


async def _empty(db: Database, within: float = 40) -> None:
    await _left(db, 0, within)


async def _left(db: Database, count: int, within: float = 40) -> None:
    for _ in range(int(within / 0.05)):
        if await waiting(db) == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{await waiting(db)} facts still wait")


async def _told(made: Broker) -> list[str]:
    async with made.connected("south") as owner:
        return await ids_on(owner)
