"""An instance hears what its replicas say, and nobody else; it is told when it may have missed something."""

import asyncio

import pytest
from bakery import BAKERY, LoafBaked, LoafSold, baked
from broker import Broker
from servicekit.bus.connection import Bus, BusUnavailable, connect
from servicekit.bus.envelope import to_headers
from servicekit.bus.overhearing import Overhearing
from servicekit.bus.publishing import Outgoing, publish
from servicekit.facts import Fact, subject

HEARD = (LoafBaked, LoafSold)


def told(fact: Fact) -> Outgoing:
    """A fact, as the relay sends it."""
    return Outgoing(subject=subject(BAKERY, fact), headers=to_headers(BAKERY, fact), body=fact.body)


async def test_what_a_replica_says_is_heard_in_its_order(fresh: Broker, bakery_bus: Bus) -> None:
    async with (
        fresh.connected("south", "bakery@south") as replica,
        Overhearing(bakery_bus, BAKERY, HEARD) as heard,
    ):
        for version in (1, 2, 3):
            await publish(replica, told(baked("loaf_1", version)))
        got = []
        async with asyncio.timeout(60):
            while len(got) < 3:
                got += await heard.some()
    assert [(fact.aggregate_id, fact.version, fact.structure) for fact in got] == [
        ("loaf_1", version, "south") for version in (1, 2, 3)
    ]


async def test_what_was_said_before_is_not_heard(fresh: Broker, bakery_bus: Bus) -> None:
    await publish(bakery_bus, told(baked("loaf_1")))
    async with Overhearing(bakery_bus, BAKERY, HEARD) as heard:
        await publish(bakery_bus, told(baked("loaf_2")))
        async with asyncio.timeout(60):
            assert [fact.aggregate_id for fact in await heard.some()] == ["loaf_2"]


async def test_who_lost_the_connection_is_told_that_something_may_be_missing(fresh: Broker, bakery_bus: Bus) -> None:
    async with Overhearing(bakery_bus, BAKERY, HEARD) as heard:
        fresh.kill()
        async with asyncio.timeout(60):
            assert await heard.some() == []
        fresh.start()
        await fresh.listening()
        async with asyncio.timeout(60):
            await bakery_bus.wait_ready()
            assert await heard.some() == []


async def test_nobody_listens_on_a_connection_that_is_not_there(fresh: Broker) -> None:
    fresh.stop()
    bus = await connect(fresh.instance("bakery@south", patience=0.1))
    with pytest.raises(BusUnavailable):
        async with Overhearing(bus, BAKERY, HEARD):
            pass
    await bus.close()


@pytest.mark.parametrize("wished", [">", "south.>", "south.coworking.>", "*.bakery.>", "north.bakery.>", "dead.>"])
async def test_an_instance_hears_no_other_kind_and_no_other_structure(
    fresh: Broker, bakery_bus: Bus, wished: str
) -> None:
    """The server answers such a subscription with an error, and delivers nothing on it."""
    overheard: list[bytes] = []

    async def hear(message: object) -> None:
        overheard.append(getattr(message, "data", b""))

    await bakery_bus.client.subscribe(wished, cb=hear)
    await bakery_bus.client.flush()
    await fresh.publish("coworking@south", "south.coworking.own.booking.confirmed", b"not for the baker")
    await fresh.publish("bakery@north", "north.bakery.own.loaf.baked", b"nor this")
    await asyncio.sleep(0.2)
    assert overheard == []
