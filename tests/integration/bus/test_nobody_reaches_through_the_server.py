"""The server as somebody's arm: it answers wherever a request says, and does not ask whether that is allowed.

An answer without body, sent to an API subject, is a request to that API. What these tests hold is that it reaches
nothing of value; the control shows that it would.
"""

import asyncio
import json
from pathlib import Path

import pytest
from broker import Broker, broker, house, inserted, seed_file
from servicekit.bus.accounts import HEARD_API, to_groupement, to_structure
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.keys import make_key
from servicekit.bus.provision import provision
from servicekit.bus.valves import pause_valve, valve_state

OWN = "south.coworking.own.booking.confirmed"
SHARED = "south.coworking.shared.usage.recorded"
NORTHERN = "north.coworking.shared.usage.recorded"
COMMON = "groupement.shared_identity.own.person.changed"
NOTHING_LEFT = json.dumps({"batch": 1, "no_wait": True}).encode()
CALLS = ("STREAM.PURGE.EVENTS", "STREAM.DELETE.EVENTS", "CONSUMER.DELETE.EVENTS.to_groupement")
FORGED = (
    b"NATS/1.0 100 FlowControl Request\r\n\r\n",
    b"NATS/1.0 100 Idle Heartbeat\r\nNats-Consumer-Stalled: %b\r\n\r\n",
    b"NATS/1.0\r\nNats-Consumer-Stalled: %b\r\n\r\n",
)


async def test_an_integration_cannot_have_the_server_destroy_what_it_reads(fresh: Broker) -> None:
    await fresh.publish("coworking@south", SHARED, b"{}")
    async with fresh.connected("south", "calendar") as calendar:
        for call in CALLS:
            for api in ("$JS.API", "JS.south.API", HEARD_API):
                await _answered_on(calendar, "JS.south.API.CONSUMER.MSG.NEXT.EVENTS.calendar", f"{api}.{call}")
    assert await fresh.subjects("south", "EVENTS") == {SHARED: 1}
    async with fresh.connected("south") as owner:
        assert (await valve_state(owner, to_groupement("south"))).state == "open"


async def test_control_the_same_key_inside_the_account_destroys_what_it_reads(tmp_path: Path) -> None:
    nkey = make_key(seed_file(tmp_path, "south", "inside"))
    only = '{ publish: "$JS.API.CONSUMER.MSG.NEXT.EVENTS.calendar", subscribe: "_INBOX.inside.>" }'

    def careless(text: str) -> str:
        return inserted(text, "SOUTH", "users", f"{{ nkey: {nkey}, permissions: {only} }}")

    async with broker(tmp_path, house(tmp_path), changed=careless) as made:
        await made.publish("coworking@south", SHARED, b"{}")
        async with made.connected("south", "inside") as inside:
            await _answered_on(inside, "$JS.API.CONSUMER.MSG.NEXT.EVENTS.calendar", "$JS.API.STREAM.PURGE.EVENTS")
        assert await made.subjects("south", "EVENTS") == {}


@pytest.mark.parametrize("header", FORGED)
async def test_the_owner_of_a_valve_cannot_have_its_importer_destroy_what_it_says(fresh: Broker, header: bytes) -> None:
    """Flow control is answered on the subject the sender names, in an account where none of its streams are."""
    await fresh.publish("shared-identity@groupement", COMMON, b"{}")
    async with fresh.connected("groupement") as importer:
        await pause_valve(importer, to_structure("south"))
        async with fresh.connected("south") as owner:
            for call in (*CALLS[:2], "CONSUMER.PAUSE.EVENTS.to_south", "CONSUMER.DELETE.EVENTS.to_south"):
                await _forge(owner, header, f"$JS.API.{call}")
        assert await fresh.subjects("groupement", "EVENTS") == {COMMON: 1}
        assert (await valve_state(importer, to_structure("south"))).state == "paused"


async def test_what_it_can_have_destroyed_is_a_copy_and_comes_back(fresh: Broker) -> None:
    """It does reach FEDERATION: provisioning makes it again, and every valve fills it again."""
    await fresh.publish("coworking@south", SHARED, b"{}")
    await fresh.publish("coworking@north", NORTHERN, b"{}", b"{}")
    await fresh.arrived("groupement", SHARED)
    await fresh.arrived("groupement", NORTHERN, 2)
    async with fresh.connected("south") as owner:
        await _forge(owner, FORGED[0], "$JS.API.STREAM.DELETE.FEDERATION")
    with pytest.raises(ApiRefusal, match="stream not found"):
        await fresh.subjects("groupement", "FEDERATION")
    await provision(fresh.registry, fresh.owner_bus)
    await fresh.arrived("groupement", SHARED)
    await fresh.arrived("groupement", NORTHERN, 2)
    await fresh.publish("coworking@south", SHARED, b"{}")
    await fresh.arrived("groupement", SHARED, 2)


async def _answered_on(bus: Bus, asked: str, reply: str) -> None:
    """Asks for the next fact until none is left, to be answered on a subject of our choice."""
    for _ in range(3):
        await bus.client.publish(asked, NOTHING_LEFT, reply=reply)
    await bus.client.flush()
    await asyncio.sleep(0.2)


async def _forge(owner: Bus, header: bytes, reply: str) -> None:
    """Says on the valve's subject what the server itself says there when it wants its flow acknowledged."""
    head = header.replace(b"%b", reply.encode())
    answered_on = b"" if b"Stalled" in header else reply.encode()
    line = f"HPUB {to_groupement('south').deliver_subject} {answered_on.decode()} {len(head)} {len(head)}\r\n"
    await owner.client._send_command(line.encode() + head + b"\r\n")
    await owner.client.flush()
    await asyncio.sleep(0.3)
