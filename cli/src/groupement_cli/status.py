"""`groupement status`: what runs, and how it does."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.table import Table

from groupement_cli.exits import FAILED
from groupement_cli.home import open_home
from groupement_cli.options import home_option, home_path, output_option
from groupement_cli.state import Noted, State, read_state

_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Health:
    """One process: `serving`, `degraded`, `away`, and why."""

    name: str
    address: str
    pid: int
    state: str
    detail: str = ""


@click.command()
@home_option
@output_option
def status(home: str, output: str) -> None:
    """Say what runs, and how it does; exit code 1 when something is away."""
    state = read_state(open_home(home_path(home)))
    found = asyncio.run(look(state))
    if output == "json":
        click.echo(json.dumps([asdict(health) for health in found], ensure_ascii=False))
    else:
        _show(state, found)
    raise SystemExit(FAILED if any(health.state == "away" for health in found) else 0)


async def look(state: State) -> list[Health]:
    """How each process does, asked all at once."""
    return list(await asyncio.gather(*(asyncio.to_thread(_health, state, process) for process in state.processes)))


def _health(state: State, process: Noted) -> Health:
    if process.name in state.metrics:
        return _asked(process, f"http://{state.metrics[process.name]}/readyz")
    if process.name.startswith("portal@"):
        return _asked(process, f"{state.portal}/readyz")
    return _listening(process)


def _asked(process: Noted, url: str) -> Health:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - an address we noted ourselves
            return _judged(process, "serving", answer.read())
    except urllib.error.HTTPError as error:
        return _judged(process, "away", error.read())
    except OSError as error:
        reason = str(getattr(error, "reason", error))
        return Health(name=process.name, address=process.address, pid=process.pid, state="away", detail=reason)


def _judged(process: Noted, state: str, body: bytes) -> Health:
    """What /readyz names as degraded does not keep it from serving."""
    try:
        degraded = json.loads(body).get("degraded", {})
    except (ValueError, AttributeError):
        degraded = {}
    named = degraded if isinstance(degraded, dict) else dict.fromkeys(degraded, "")
    detail = ", ".join(f"{name}: {why}" if why else name for name, why in named.items())
    shown = "degraded" if state == "serving" and detail else state
    return Health(name=process.name, address=process.address, pid=process.pid, state=shown, detail=detail)


def _listening(process: Noted) -> Health:
    host, _, port = process.address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_SECONDS).close()
    except OSError as error:
        return Health(name=process.name, address=process.address, pid=process.pid, state="away", detail=str(error))
    return Health(name=process.name, address=process.address, pid=process.pid, state="serving")


def _show(state: State, found: list[Health]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("process", "state", "address", "pid", ""):
        table.add_column(heading)
    colours = {"serving": "green", "degraded": "yellow", "away": "red"}
    for health in found:
        shown = f"[{colours[health.state]}]{health.state}[/]"
        table.add_row(health.name, shown, health.address, str(health.pid), health.detail)
    console = Console()
    console.print(table)
    console.print(f"portal  {state.portal_url}", highlight=False)
