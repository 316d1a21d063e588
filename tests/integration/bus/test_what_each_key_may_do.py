"""What an instance's key and an integration's key open inside their own account, and what they do not."""

import asyncio

import pytest
from broker import Broker
from nats import errors
from probes import CANARY, PROBES

OWN = "south.coworking.own.booking.confirmed"
SHARED = "south.coworking.shared.usage.recorded"


async def test_an_instance_may_not_speak_for_another_kind_nor_provision(fresh: Broker) -> None:
    async with fresh.connected("north", "coworking@north") as instance:
        for subject in (
            "north.incubator.own.call.opened",
            "south.coworking.own.x.y",
            "replay.coworking.EVENTS.x",
        ):
            with pytest.raises(errors.TimeoutError):
                await instance.client.request(subject, CANARY, timeout=0.2)
        found = await asyncio.gather(*(probe(instance, "$JS.API", "north") for probe in PROBES.values()))
        assert not any(found)
    assert await fresh.subjects("north", "EVENTS") == {}


async def test_an_integration_reads_the_consumers_made_for_it_and_nothing_else(fresh: Broker) -> None:
    await fresh.publish("coworking@south", SHARED, b"not for the calendar")
    await fresh.publish("coworking@south", OWN, b"for the calendar")
    async with fresh.connected("south", "calendar") as calendar:
        subscription = await calendar.client.jetstream(prefix="JS.south.API").pull_subscribe_bind("calendar", "EVENTS")
        [message] = await subscription.fetch(10, timeout=1)
        assert message.data == b"for the calendar"
        await message.ack_sync()
        with pytest.raises(errors.TimeoutError):
            await calendar.client.request("south.coworking.own.booking.confirmed", b"forged", timeout=0.2)
        found = await asyncio.gather(*(probe(calendar, "JS.south.API", "south") for probe in PROBES.values()))
        assert not any(b"not for the calendar" in one for read in found for one in read)
