"""`groupement facts`: listen to what an account says and is told; look at dead letters and bring them back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from servicekit.bus.accounts import EVENTS, FEDERATION
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.envelope import Malformed, Received, received
from servicekit.bus.pull import Pull
from servicekit.clock import utc_now
from servicekit.origin import GROUPEMENT

from groupement_cli.bus import owner
from groupement_cli.dead import dead
from groupement_cli.exits import MISSING, USAGE, Trouble
from groupement_cli.home import Home, open_home
from groupement_cli.options import home_option, home_path, output_option
from groupement_cli.registry import read_registry
from groupement_cli.state import read_state

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_IDLE_SECONDS = 2.0
_FORGOTTEN_SECONDS = 60
_STREAM_NOT_FOUND = 10059


@click.group()
def facts() -> None:
    """Listen to the bus, with the key of the account's owner."""


facts.add_command(dead)


@dataclass(frozen=True, kw_only=True)
class Tail:
    """What to listen to. `limit` facts at most; without `follow`, until nothing more is there."""

    structure: str
    subject: str
    since: datetime | None
    limit: int | None
    follow: bool


@facts.command()
@home_option
@output_option
@click.option("--structure", default=GROUPEMENT, show_default=True, help="Whose account.")
@click.option("--subject", default=">", show_default=True, help="Only these subjects: 'la-ruche.coworking.own.>'.")
@click.option("--since", default="", help="Also what was said since: 15m, 2h, 7d, or 2026-11-22T09:00.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many.")
@click.option("--no-follow", is_flag=True, help="Stop when all that is there was shown.")
def tail(home: str, output: str, structure: str, subject: str, since: str, limit: int | None, no_follow: bool) -> None:
    """Show facts as they come: what the account says (EVENTS) and what it was told (FEDERATION)."""
    opened = open_home(home_path(home))
    if structure not in read_registry(opened.registry).accounts():
        raise Trouble(f"there is no structure {structure}", code=MISSING)
    wanted = Tail(
        structure=structure, subject=subject, since=parse_since(since, utc_now()), limit=limit, follow=not no_follow
    )
    try:
        asyncio.run(_tail(opened, wanted, output))
    except KeyboardInterrupt:
        raise SystemExit(0) from None


async def _tail(home: Home, wanted: Tail, output: str) -> None:
    console, shown = Console(), 0
    async with owner(home, wanted.structure, read_state(home).bus) as bus, listening(bus, wanted) as heard:
        async for fact in heard:
            _show(console, fact, output)
            shown += 1
            if shown == wanted.limit:
                return


@asynccontextmanager
async def listening(bus: Bus, wanted: Tail) -> AsyncIterator[AsyncIterator[Received]]:
    """The facts of both streams of an account, each stream in its order."""
    queue: asyncio.Queue[Received] = asyncio.Queue(maxsize=1000)
    async with AsyncExitStack() as stack:
        for stream in (EVENTS, FEDERATION):
            await stack.enter_async_context(_reading(bus, stream, wanted, queue))
        yield _drain(queue, follow=wanted.follow)


@asynccontextmanager
async def _reading(bus: Bus, stream: str, wanted: Tail, queue: "asyncio.Queue[Received]") -> AsyncIterator[None]:
    """Read a stream through a consumer that the server forgets soon after we are gone."""
    try:
        made = await bus.call(f"CONSUMER.CREATE.{stream}", {"stream_name": stream, "config": _config(wanted)})
    except ApiRefusal as refusal:
        if refusal.err_code != _STREAM_NOT_FOUND:
            raise
        yield
        return
    reader = asyncio.create_task(_read(bus, stream, str(made["name"]), queue), name=f"tail {stream}")
    try:
        yield
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        await bus.call(f"CONSUMER.DELETE.{stream}.{made['name']}")


def _config(wanted: Tail) -> dict[str, object]:
    start = {"deliver_policy": "new"}
    if wanted.since is not None:
        moment = wanted.since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        start = {"deliver_policy": "by_start_time", "opt_start_time": moment}
    return {
        **start,
        "ack_policy": "none",
        "filter_subject": wanted.subject,
        "inactive_threshold": _FORGOTTEN_SECONDS * 1_000_000_000,
        "mem_storage": True,
    }


async def _read(bus: Bus, stream: str, consumer: str, queue: "asyncio.Queue[Received]") -> None:
    async with Pull(bus, stream, consumer) as messages:
        while True:
            for message in await messages.some():
                try:
                    await queue.put(received(message))
                except Malformed as malformed:
                    click.echo(f"groupement: {stream}: not one of our facts: {malformed}", err=True)


async def _drain(queue: "asyncio.Queue[Received]", *, follow: bool) -> AsyncIterator[Received]:
    while True:
        try:
            yield await asyncio.wait_for(queue.get(), None if follow else _IDLE_SECONDS)
        except TimeoutError:
            return


def parse_since(text: str, now: datetime) -> datetime | None:
    """`15m`, `2h`, `7d` before now, or an ISO 8601 instant (UTC when it names no zone); a Trouble on anything else."""
    if not text:
        return None
    if text[:-1].isdigit() and text[-1] in _UNITS:
        return now - timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"--since takes 15m, 2h, 7d or 2026-11-22T09:00, not {text!r}", code=USAGE) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show(console: Console, fact: Received, output: str) -> None:
    if output == "json":
        click.echo(json.dumps(as_json(fact), ensure_ascii=False))
        return
    when = fact.time.astimezone().strftime("%H:%M:%S")
    console.print(
        f"[dim]{when}[/dim] {fact.subject}  [dim]{fact.aggregate_id} v{fact.version}[/dim]",
        highlight=False,
        soft_wrap=True,
    )


def as_json(fact: Received) -> dict[str, object]:
    """One fact as an object: its envelope in CloudEvents' words, its body under `data`."""
    return {
        "id": fact.id,
        "type": fact.type,
        "source": f"//groupement/{fact.structure}/{fact.kind}",
        "subject": fact.aggregate_id,
        "sequence": fact.version,
        "time": fact.time.isoformat(),
        "natsSubject": fact.subject,
        "stream": fact.stream,
        "streamSequence": fact.stream_sequence,
        "data": json.loads(fact.body),
    }
