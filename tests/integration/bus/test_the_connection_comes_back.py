"""The connection: made in the background, encrypted from the first byte, kept whatever the server does."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import nats
import pytest
from bakery import BAKERY, METADATA, baked, sold
from broker import Broker, broker, house, server_tls
from listening import shelved, subscribed, tell, until
from servicekit.bus.accounts import account_hash
from servicekit.bus.binary import find_server
from servicekit.bus.connection import Bus, BusUnavailable, connect
from servicekit.bus.keys import make_key
from servicekit.bus.server_config import Server, render
from servicekit.pki import make_authority
from servicekit.sql import Database

USER = "bakery@south"
MakeDatabase = Callable[..., Awaitable[Database]]


@pytest.mark.parametrize("domain", [None, "hub"])
def test_the_server_accepts_the_generated_configuration(tmp_path: Path, domain: str | None) -> None:
    registry = replace(house(tmp_path), domain=domain)
    path = tmp_path / "nats-server.conf"
    path.write_text(render(Server(store=tmp_path / "store", tls=server_tls(tmp_path)), registry))
    checked = subprocess.run([find_server(), "-c", path, "-t"], capture_output=True, text=True, check=False, timeout=20)
    assert checked.returncode == 0, checked.stderr


async def test_a_house_with_a_domain_works_the_same(tmp_path: Path, make_database: MakeDatabase) -> None:
    db = await make_database(METADATA, BAKERY)
    async with broker(tmp_path, replace(house(tmp_path), domain="hub")) as made:
        async with made.connected("south", USER) as bus, subscribed(db, bus):
            await tell(bus, baked("loaf_1"), sold("loaf_2"))
            await shelved(db, 1)
        await made.arrived("groupement", "south.bakery.shared.loaf.sold")


async def test_the_server_names_accounts_in_acknowledgements_as_we_do(fresh: Broker) -> None:
    await fresh.publish("coworking@south", "south.coworking.own.booking.confirmed", b"{}")
    async with fresh.connected("south", "calendar") as calendar:
        subscription = await calendar.client.jetstream(prefix="JS.south.API").pull_subscribe_bind("calendar", "EVENTS")
        [message] = await subscription.fetch(1, timeout=2)
        assert message.reply.split(".")[2:4] == ["_", account_hash("SOUTH")]
        await message.ack_sync()


async def test_the_bus_is_found_when_it_starts_after_us(fresh: Broker) -> None:
    fresh.stop()
    async with _connecting(fresh) as bus:
        assert not bus.ready
        with pytest.raises(BusUnavailable):
            await bus.call("CONSUMER.INFO.EVENTS.bakery", timeout=0.5)
        fresh.start()
        await asyncio.wait_for(bus.wait_ready(), 60)


async def test_a_client_that_gave_up_is_replaced(fresh: Broker) -> None:
    """nats-py closes for good on most errors the server may send; a service has to outlive that."""
    async with fresh.connected("south", USER) as bus:
        gave_up = bus.client
        await gave_up.close()
        await asyncio.wait_for(bus.wait_ready(), 60)
        assert bus.client is not gave_up


async def test_a_user_removed_while_connected_and_given_back_connects_again(fresh: Broker) -> None:
    async with fresh.connected("south", USER) as bus:
        mine = fresh.seed("south", USER)
        nkey, other = make_key(mine), make_key(mine.with_suffix(".other"))
        fresh.changed = lambda text: text.replace(nkey, other)
        fresh.reload()
        await until(lambda: not bus.ready, within=5)
        await asyncio.sleep(1)
        assert not bus.ready
        fresh.changed = str
        fresh.reload()
        await asyncio.wait_for(bus.wait_ready(), 60)


async def test_a_server_signed_by_another_authority_is_not_spoken_to(fresh: Broker, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other")
    bus = await connect(replace(fresh.settings("south", USER, patience=1), ca=other))
    try:
        assert not bus.ready
    finally:
        await bus.close()


async def test_a_client_that_waits_for_the_servers_greeting_gets_in_too(fresh: Broker) -> None:
    """Integrations need no special option: TLS begins as their language's client begins it."""
    client = await nats.connect(
        fresh.url,
        nkeys_seed=str(fresh.seed("south", "calendar")),
        tls=ssl.create_default_context(cafile=str(fresh.ca)),
        inbox_prefix="_INBOX.calendar",
    )
    answer = await client.request("JS.south.API.CONSUMER.INFO.EVENTS.calendar", b"")
    assert b'"name":"calendar"' in answer.data
    await client.close()


async def test_nobody_gets_in_without_a_key(fresh: Broker) -> None:
    with pytest.raises(nats.errors.Error):
        await nats.connect(
            fresh.url, tls=ssl.create_default_context(cafile=str(fresh.ca)), allow_reconnect=False, connect_timeout=3
        )


@contextlib.asynccontextmanager
async def _connecting(made: Broker) -> AsyncIterator[Bus]:
    bus = await connect(made.settings("south", USER, patience=0.1))
    try:
        yield bus
    finally:
        await bus.close()
