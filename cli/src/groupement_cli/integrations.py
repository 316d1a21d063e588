"""`groupement integrations`: give a third party a key of its own in one account, and consumers made for it."""

import asyncio
import re
import subprocess
import tomllib

import click
from servicekit.bus.binary import find_server

from groupement_cli import bus
from groupement_cli.exits import CONFLICT, MISSING, USAGE, Trouble
from groupement_cli.home import Home, open_home, write_private
from groupement_cli.options import home_option, home_path
from groupement_cli.registry import Registry, read_registry
from groupement_cli.state import State, read_state

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")


@click.group()
def integrations() -> None:
    """Keys for those who listen from outside."""


@integrations.command("list")
@home_option
def list_integrations(home: str) -> None:
    """Show who listens, in which account."""
    for account, names in sorted(bus.read_integrations(open_home(home_path(home))).items()):
        for name in names:
            click.echo(f"{account}\t{name}")


@integrations.command()
@home_option
@click.argument("name")
@click.option("--account", required=True, help="The structure whose facts it may read, or `groupement`.")
def add(home: str, name: str, account: str) -> None:
    """Make a key that reads one account's facts, all of them and nothing else."""
    opened = open_home(home_path(home))
    registry = read_registry(opened.registry)
    _check(opened, registry, name, account)
    entries = [*_entries(opened), {"account": account, "name": name}]
    integration = bus.integration(opened, account, name)
    write_private(opened.integrations, "".join(_entry(entry) for entry in entries))
    _apply(opened, registry)
    click.echo(f"seed       {opened.seed(account, name)}")
    click.echo(f"authority  {opened.pki / 'ca.pem'}")
    click.echo(f"inbox      _INBOX.{name}")
    for consumer in integration.consumers:
        click.echo(f"consumer   {consumer.name} on {consumer.stream}")


def _check(home: Home, registry: Registry, name: str, account: str) -> None:
    if not _NAME.fullmatch(name):
        raise Trouble(f"a name is two to thirty-one of a-z, 0-9 and _, not {name!r}", code=USAGE)
    if account not in registry.accounts():
        raise Trouble(f"there is no account {account}", code=MISSING)
    if name == "owner" or name in bus.read_integrations(home).get(account, ()):
        raise Trouble(f"{account} has a {name} already", code=CONFLICT)


def _entries(home: Home) -> list[dict[str, str]]:
    if not home.integrations.exists():
        return []
    return list(tomllib.loads(home.integrations.read_text()).get("integrations", []))


def _entry(entry: dict[str, str]) -> str:
    return f'[[integrations]]\naccount = "{entry["account"]}"\nname = "{entry["name"]}"\n\n'


def _apply(home: Home, registry: Registry) -> None:
    """Tell a bus that runs; one that does not reads its configuration when it starts."""
    try:
        state = read_state(home)
    except Trouble:
        return
    reload_bus(home, registry, state)
    asyncio.run(bus.provision_bus(home, registry, state.bus))


def reload_bus(home: Home, registry: Registry, state: State) -> None:
    """Write the configuration anew and have nats-server read it, without losing a connection."""
    bus.write_config(home, registry, port=int(state.bus.rpartition(":")[2]))
    pid_file = home.nats_config.with_name("nats-server.pid")
    argv = [str(find_server()), "--signal", f"reload={pid_file}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    if done.returncode:
        raise Trouble(f"nats-server did not reload: {done.stderr.strip() or done.stdout.strip()}")
