"""`groupement up`: the whole house on one machine, until it is told to stop."""

import asyncio
import json
import signal
import time

import click
from rich.console import Console
from rich.table import Table

from groupement_cli.demo import demo_people
from groupement_cli.exits import INTERRUPTED
from groupement_cli.home import Home, open_home, sole_user
from groupement_cli.house import House, standing
from groupement_cli.options import home_option, home_path


@click.command()
@home_option
@click.option("--port", envvar="PORT", default=8000, show_default=True, help="Port of the portal (PORT).")
@click.option("--no-demo", is_flag=True, help="Start empty: no demo data.")
def up(home: str, port: int, no_demo: bool) -> None:
    """Run the whole groupement here; Ctrl-C stops it."""
    opened = open_home(home_path(home))
    with sole_user(opened):
        code = asyncio.run(_up(opened, port, with_demo=not no_demo))
    raise SystemExit(code)


async def _up(home: Home, port: int, *, with_demo: bool) -> int:
    """Stand until a signal comes; 0 when it came once all was up, 130 before."""
    console = Console(stderr=True)
    stop = _stop_event()
    begun = time.monotonic()
    progress = Progress(console, begun)
    house_task = asyncio.create_task(_stand(home, port, progress, stop, with_demo=with_demo))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({house_task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if stop.is_set() and not progress.standing:
        house_task.cancel()
        await asyncio.gather(house_task, return_exceptions=True)
        return INTERRUPTED
    await house_task
    return 0


async def _stand(home: Home, port: int, progress: "Progress", stop: asyncio.Event, *, with_demo: bool) -> None:
    async with standing(home, port, progress.say, with_demo=with_demo) as house:
        progress.standing = True
        house.supervisor.watch(house.note)
        progress.show(house, with_demo=with_demo)
        await stop.wait()
        progress.say("stopping")
    progress.say("stopped; the data stays in " + str(home.root))


class Progress:
    """What the operator reads while it works: one line a step, then one table."""

    def __init__(self, console: Console, begun: float) -> None:
        self._console = console
        self._begun = begun
        self.standing = False

    def say(self, step: str) -> None:
        """One line, with the seconds since the start."""
        self._console.print(f"[dim]{time.monotonic() - self._begun:5.1f} s[/dim]  {step}", highlight=False)

    def show(self, house: House, *, with_demo: bool) -> None:
        """What runs where, and how to get in."""
        table = Table(title=f"{house.registry.name}", title_justify="left", box=None, pad_edge=False)
        for heading in ("process", "address", "pid"):
            table.add_column(heading)
        for one in house.supervisor.running:
            table.add_row(one.process.name, one.process.address, str(one.pid))
        console = Console()
        console.print(table)
        if with_demo and house.home.accounts.exists():
            console.print(_accounts(house.home))
        console.print(f"portal  {house.addresses.portal_url}", highlight=False)
        console.print(f"mail    {house.home.mail}", highlight=False, soft_wrap=True)
        self.say("ready; Ctrl-C stops everything")


def _accounts(home: Home) -> Table:
    """The demo's accounts; their passwords were made at random at the first start."""
    passwords = json.loads(home.accounts.read_text())
    table = Table(title="demo accounts (invented people)", title_justify="left", box=None, pad_edge=False)
    for heading in ("e-mail", "password", "part"):
        table.add_column(heading)
    for email, part in demo_people():
        table.add_row(email, passwords.get(email, "by e-mail link"), part)
    return table


def _stop_event() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
