"""`groupement doctor`: what is wrong, each problem with the command that mends it."""

import asyncio
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from rich.console import Console
from servicekit import pki
from servicekit.bus.binary import OLDEST, ServerMissing, find_server, version
from servicekit.bus.dead_letters import dead_letters
from servicekit.bus.valves import source_states, valve_state
from servicekit.clock import utc_now
from servicekit.origin import Origin

from groupement_cli import bus
from groupement_cli.exits import FAILED, Trouble
from groupement_cli.home import Home, open_home
from groupement_cli.keys import NATS, RENEW_BEFORE, expires_at
from groupement_cli.options import home_option, home_path, output_option
from groupement_cli.plan import database_url
from groupement_cli.registry import PORTAL, Registry, read_registry
from groupement_cli.state import State, read_state
from groupement_cli.status import look

_LEAST_FREE_BYTES = 2**30
_OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: well or not, and then what mends it."""

    check: str
    well: bool
    said: str
    mend: str = ""


@click.command()
@home_option
@output_option
def doctor(home: str, output: str) -> None:
    """Look for what is wrong; exit code 1 when something is."""
    findings = list(examine(open_home(home_path(home))))
    if output == "json":
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        _show(findings)
    raise SystemExit(0 if all(finding.well for finding in findings) else FAILED)


def examine(home: Home) -> Iterator[Finding]:
    """Everything that can be looked at; what runs is asked only when something runs."""
    yield from _machine(home)
    try:
        registry = read_registry(home.registry)
    except Trouble as trouble:
        yield Finding(check="registry", well=False, said=trouble.message, mend="groupement up")
        return
    yield Finding(check="registry", well=True, said=f"{len(registry.instances)} instances")
    yield from _certificates(home, registry)
    yield from _secrets(home)
    yield from _databases(home, registry)
    try:
        state = read_state(home)
    except Trouble as trouble:
        yield Finding(check="processes", well=False, said=trouble.message, mend="groupement up")
        return
    yield from asyncio.run(_alive(home, registry, state))


def _machine(home: Home) -> Iterator[Finding]:
    yield Finding(check="python", well=sys.version_info >= (3, 11), said=sys.version.split()[0], mend="make setup")
    try:
        server = find_server()
        yield Finding(check="nats-server", well=True, said=".".join(map(str, version(server))))
    except ServerMissing as missing:
        wanted = ".".join(map(str, OLDEST))
        yield Finding(check="nats-server", well=False, said=str(missing), mend=f"make setup (brings {wanted} or newer)")
    free = shutil.disk_usage(home.root).free
    yield Finding(
        check="disk",
        well=free > _LEAST_FREE_BYTES,
        said=f"{free / 2**30:.1f} GiB free",
        mend=f"make room on the disk of {home.root}: below 1 GiB the bus stops taking facts",
    )


def _certificates(home: Home, registry: Registry) -> Iterator[Finding]:
    for origin in (*registry.instances, PORTAL, NATS):
        path = pki.Tls.of(home.pki, origin).cert
        if not path.exists():
            yield _finding(f"certificate {origin.instance}", False, "missing", "groupement up (makes it)")
            continue
        left = expires_at(path) - utc_now()
        said = f"{left.days} days left"
        yield _finding(f"certificate {origin.instance}", left > RENEW_BEFORE, said, "groupement up (renews it)")


def _secrets(home: Home) -> Iterator[Finding]:
    """Keys and passwords that others on this machine could read."""
    private = [
        *home.pki.glob("*.key"),
        *home.root.glob("nkeys/*.nk"),
        *home.keys.glob("*.pem"),
        home.accounts,
        home.databases,
    ]
    for path in private:
        if path.exists() and path.stat().st_mode & _OPEN_TO_OTHERS:
            yield _finding(f"secret {path.name}", False, "readable by others", f"chmod 600 {path}")
    present = [path for path in private if path.exists()]
    yield _finding("secrets", bool(present), f"{len(present)} files", "groupement up (makes them)")


def _databases(home: Home, registry: Registry) -> Iterator[Finding]:
    for origin in registry.instances:
        if database_url(home, origin).startswith("sqlite"):
            yield _database(origin, home.database(origin))


def _database(origin: Origin, path: Path) -> Finding:
    check = f"database {origin.instance}"
    if not path.exists():
        return _finding(check, False, "missing", "groupement up (makes it)")
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        said = str(error)
    return _finding(check, said == "ok", said, f"restore {path} from a backup")


async def _alive(home: Home, registry: Registry, state: State) -> list[Finding]:
    findings: list[Finding] = []
    for health in await look(state):
        said = health.state + (f": {health.detail}" if health.detail else "")
        log = home.log(health.name)
        findings.append(_finding(f"process {health.name}", health.state == "serving", said, f"tail {log}"))
    for structure in registry.accounts():
        findings += await _account_if_there(home, registry, structure, state)
    return findings


async def _account_if_there(home: Home, registry: Registry, structure: str, state: State) -> list[Finding]:
    try:
        return await _account(home, registry, structure, state)
    except Trouble as trouble:
        return [_finding(f"bus {structure}", False, trouble.message, "groupement up")]


async def _account(home: Home, registry: Registry, structure: str, state: State) -> list[Finding]:
    """An account's valves as it holds them, what it hears, and its dead letters."""
    findings: list[Finding] = []
    async with bus.owner(home, structure, state.bus, patience=3.0) as connection:
        for valve in bus.bus_registry(home, registry).valves():
            if valve.owner == structure:
                seen = await valve_state(connection, valve)
                said = f"{seen.state}, {seen.waiting} facts waiting"
                findings.append(
                    _finding(f"valve {structure} to {valve.importer}", seen.state == "open", said, "groupement up")
                )
        for source in await source_states(connection):
            said = source.error or f"{source.lag} behind"
            findings.append(_finding(f"{structure} hears {source.api}", not source.error, said, "groupement up"))
        dead = [letter async for letter in dead_letters(connection)]
    mend = f"groupement facts dead list --structure {structure}"
    return [*findings, _finding(f"dead letters {structure}", not dead, f"{len(dead)}", mend)]


def _finding(check: str, well: bool, said: str, mend: str) -> Finding:
    return Finding(check=check, well=well, said=said, mend="" if well else mend)


def _show(findings: list[Finding]) -> None:
    console = Console()
    for finding in findings:
        mark = "[green]well[/]" if finding.well else "[red]ill [/]"
        console.print(f"{mark}  {finding.check}: {finding.said}", highlight=False, soft_wrap=True)
        if not finding.well and finding.mend:
            console.print(f"      mend it: {finding.mend}", highlight=False, soft_wrap=True)
