"""Valves: what crosses them, that they never stall, and that the owner of the facts pauses and ends them."""

import asyncio

from broker import Broker
from servicekit.bus.accounts import to_groupement
from servicekit.bus.provision import provision
from servicekit.bus.publishing import MOST, Outgoing, publish_together
from servicekit.bus.valves import (
    MAX_ACK_PENDING,
    close_valve,
    open_valve,
    pause_valve,
    resume_valve,
    source_states,
    valve_state,
)

COWORKING = "coworking@south"
OWN = "south.coworking.own.booking.confirmed"
SHARED = "south.coworking.shared.usage.recorded"
VALVE = to_groupement("south")


async def test_what_crosses_a_valve_is_what_its_owner_shares(fresh: Broker) -> None:
    addressed = "groupement.shared_identity.to.south.entitlement.opened"
    to_all = "groupement.shared_identity.all.joint_event.published"
    async with fresh.connected("groupement", "shared-identity@groupement") as identity:
        for subject in (addressed, to_all, "groupement.shared_identity.own.person.changed"):
            await identity.client.request(subject, b"{}")
    await fresh.publish(COWORKING, OWN, b"{}")
    await fresh.publish(COWORKING, SHARED, b"{}")
    await fresh.arrived("groupement", SHARED)
    await fresh.arrived("south", addressed)
    await fresh.arrived("north", to_all)
    assert set(await fresh.subjects("groupement", "FEDERATION")) == {SHARED}
    assert set(await fresh.subjects("south", "FEDERATION")) == {addressed, to_all}
    assert set(await fresh.subjects("north", "FEDERATION")) == {to_all}


async def test_five_times_what_may_be_pending_crosses_a_valve(fresh: Broker) -> None:
    """Without its flow-control subject a valve looks right and stops after about a thousand."""
    many = 5 * MAX_ACK_PENDING
    await _tell_many(fresh, many)
    await fresh.arrived("groupement", SHARED, many)


async def test_a_paused_valve_holds_and_a_resumed_one_delivers_all(fresh: Broker) -> None:
    async with fresh.connected("south") as owner:
        await pause_valve(owner, VALVE)
        await fresh.publish(COWORKING, SHARED, *_bodies(20))
        await asyncio.sleep(1.5)
        assert await fresh.subjects("groupement", "FEDERATION") == {}
        state = await valve_state(owner, VALVE)
        assert (state.state, state.waiting) == ("paused", 20)
        await resume_valve(owner, VALVE)
        await fresh.arrived("groupement", SHARED, 20)
        assert (await valve_state(owner, VALVE)).state == "open"


async def test_a_pause_outlives_a_restart_of_the_server_and_a_new_provisioning(fresh: Broker) -> None:
    async with fresh.connected("south") as owner:
        await pause_valve(owner, VALVE)
    fresh.kill()
    fresh.start()
    await fresh.listening()
    await provision(fresh.registry, fresh.owner_bus)
    await fresh.publish(COWORKING, SHARED, b"{}")
    await asyncio.sleep(1.5)
    assert await fresh.subjects("groupement", "FEDERATION") == {}


async def test_a_closed_valve_ends_the_sharing_until_its_owner_reopens_it(fresh: Broker) -> None:
    async with fresh.connected("south") as owner:
        await close_valve(owner, VALVE)
        await provision(fresh.registry, fresh.owner_bus)
        await fresh.publish(COWORKING, SHARED, b"{}")
        await asyncio.sleep(1.5)
        assert await fresh.subjects("groupement", "FEDERATION") == {}
        assert (await valve_state(owner, VALVE)).state == "closed"
        await open_valve(owner, VALVE, reopen=True)
        await fresh.arrived("groupement", SHARED)


async def test_the_importer_sees_how_far_behind_each_source_is(fresh: Broker) -> None:
    await fresh.publish(COWORKING, SHARED, b"{}")
    await fresh.arrived("groupement", SHARED)
    async with fresh.connected("groupement") as importer:
        states = {state.api: state for state in await source_states(importer)}
    assert states[VALVE.imported_api].lag == 0
    assert states[VALVE.imported_api].error == ""
    assert states[VALVE.imported_api].active >= 0


async def test_sharing_resumes_after_the_server_was_killed(fresh: Broker) -> None:
    await _tell_many(fresh, 500)
    fresh.kill()
    fresh.start()
    await fresh.listening()
    await _tell_many(fresh, 500)
    await fresh.arrived("groupement", SHARED, 1000, within=90)


def _bodies(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


async def _tell_many(made: Broker, count: int) -> None:
    async with made.connected("south", COWORKING) as bus:
        for start in range(0, count, MOST):
            size = min(MOST, count - start)
            await publish_together(bus, [Outgoing(subject=SHARED, headers={}, body=b"{}")] * size)
