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


@pytest.mark.parametrize("prefix", ["$JS.API", "JS.south.API"])
async def test_an_integration_reads_the_consumers_made_for_it_and_nothing_else(fresh: Broker, prefix: str) -> None:
    await fresh.publish("coworking@south", SHARED, b"not for the calendar")
    await fresh.publish("coworking@south", OWN, b"for the calendar")
    async with fresh.connected("south", "calendar") as calendar:
        subscription = await calendar.client.jetstream(prefix=prefix).pull_subscribe_bind("calendar", "EVENTS")
        [message] = await subscription.fetch(10, timeout=1)
        assert message.data == b"for the calendar"
        await message.ack_sync()
        with pytest.raises(errors.TimeoutError):
            await calendar.client.request("south.coworking.own.booking.confirmed", b"forged", timeout=0.2)
        found = await asyncio.gather(*(probe(calendar, prefix, "south") for probe in PROBES.values()))
        assert not any(b"not for the calendar" in one for read in found for one in read)


async def test_an_integration_reads_what_the_structure_was_told_too(fresh: Broker) -> None:
    published = "groupement.shared_identity.all.joint_event.published"
    await fresh.publish("shared-identity@groupement", published, b"come")
    await fresh.arrived("south", published)
    async with fresh.connected("south", "calendar") as calendar:
        subscription = await calendar.client.jetstream().pull_subscribe_bind("calendar", "FEDERATION")
        [message] = await subscription.fetch(1, timeout=2)
        assert message.data == b"come"
        await message.ack_sync()
