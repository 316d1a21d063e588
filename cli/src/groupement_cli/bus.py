"""The bus, from the registry: its users, its configuration, its streams and valves."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from servicekit import pki
from servicekit.bus.accounts import EVENTS, FEDERATION, Account, Consumer, Instance, Integration, Owner
from servicekit.bus.accounts import Registry as BusRegistry
from servicekit.bus.connection import Bus, BusSettings, connect
from servicekit.bus.keys import make_key, public_key
from servicekit.bus.provision import provision
from servicekit.bus.server_config import Server, ServerTls, render

from groupement_cli.exits import AWAY, Trouble
from groupement_cli.home import Home, write_private
from groupement_cli.keys import NATS, OWNER
from groupement_cli.registry import Registry


def bus_registry(home: Home, registry: Registry) -> BusRegistry:
    """Everyone on the bus, with their public keys."""
    integrations = read_integrations(home)
    accounts = [
        _account(home, registry, structure, integrations.get(structure, ())) for structure in registry.accounts()
    ]
    return BusRegistry(groupement=accounts[0], structures=tuple(accounts[1:]))


def write_config(home: Home, registry: Registry, *, port: int) -> Path:
    """Write nats-server's configuration and give its path."""
    tls = pki.Tls.of(home.pki, NATS)
    server = Server(
        store=home.nats_store,
        tls=ServerTls(certificate=tls.cert, key=tls.key, authority=tls.ca),
        port=port,
        pid_file=home.nats_config.with_name("nats-server.pid"),
    )
    write_private(home.nats_config, render(server, bus_registry(home, registry)))
    return home.nats_config


async def provision_bus(home: Home, registry: Registry, url: str) -> None:
    """Make streams, valves and integration consumers; what is there stays."""

    @asynccontextmanager
    async def owner_bus(account: Account) -> AsyncIterator[Bus]:
        async with owner(home, account.structure, url) as bus:
            yield bus

    await provision(bus_registry(home, registry), owner_bus)


@asynccontextmanager
async def owner(home: Home, structure: str, url: str, *, patience: float = 10.0) -> AsyncIterator[Bus]:
    """A connection with the key of an account's owner; a Trouble when the bus does not answer."""
    seed = home.seed(structure, OWNER)
    bus = await connect(BusSettings(url=url, user=OWNER, seed_file=seed, ca=home.pki / "ca.pem", patience=patience))
    try:
        if not bus.ready:
            raise Trouble(f"the bus does not answer at {url}", code=AWAY)
        yield bus
    finally:
        await bus.close()


def read_integrations(home: Home) -> dict[str, tuple[str, ...]]:
    """The names of the integrations of each account."""
    if not home.integrations.exists():
        return {}
    entries = tomllib.loads(home.integrations.read_text()).get("integrations", [])
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        found[entry["account"]] = (*found.get(entry["account"], ()), entry["name"])
    return found


def integration(home: Home, structure: str, name: str) -> Integration:
    """An integration of an account: one consumer on each of the account's streams."""
    consumers = (
        Consumer(stream=EVENTS, name=f"integration_{name}", filters=(f"{structure}.>",)),
        Consumer(stream=FEDERATION, name=f"integration_{name}", filters=("*.>",)),
    )
    return Integration(name=name, nkey=make_key(home.seed(structure, name)), consumers=consumers)


def _account(home: Home, registry: Registry, structure: str, integrations: tuple[str, ...]) -> Account:
    return Account(
        structure=structure,
        owner=Owner(nkey=public_key(home.seed(structure, OWNER))),
        instances=tuple(
            Instance(origin=origin, nkey=public_key(home.seed(structure, origin.instance)))
            for origin in registry.of(structure)
        ),
        integrations=tuple(integration(home, structure, name) for name in integrations),
    )
