"""From a commit to the subscriber who hears of it, against JetStream alone, from publishing to receiving.

Ours begins when the commit of the telling service has returned, and ends when the subscriber's handler is entered;
a second line goes on until its effect is committed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from bakery import BAKERY, METADATA, LoafBaked, announce, baked, sold
from nats.aio.client import Client
from nats.aio.msg import Msg
from servicekit.bus.connection import Bus
from servicekit.bus.envelope import to_headers
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.facts import Fact, subject
from servicekit.origin import Origin
from servicekit.sql import Database, Work

from bench.figures import Figure, Row, Side, Slice, at_most, take_turns
from bench.house import Ground, at_work, bus_of, plain_client
from bench.limits import raw_jetstream
from bench.shelf import put_on_shelf

SOURCE = "bench/limits/raw_jetstream.py"
_HEARER = Origin(structure=BAKERY.structure, kind="coworking")
_PATIENCE = 20.0


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    raw = "raw JetStream publish to subscriber on the same stream, p50"
    return {
        "entered": Row(what="Commit to the subscriber's handler, p50", against=raw, source=SOURCE, goal=at_most(2.0)),
        "effect": Row(
            what="Commit to the subscriber's effect committed, p50",
            against=raw,
            source=SOURCE,
            goal=None,
            sense=at_most(1.0),
        ),
    }


class Ear:
    """Notes when a fact is heard, and when what it set off is committed."""

    def __init__(self) -> None:
        self.entered = self.committed = 0.0
        self._done = asyncio.Event()

    async def handle(self, work: Work, loaf: Any, received: Any) -> None:
        """The handler of our subscriber."""
        self.entered = perf_counter()
        await put_on_shelf(work, loaf, received)
        work.after_commit(self._note_commit)

    async def heard(self, _message: Msg) -> None:
        """The raw subscriber's."""
        self.entered = perf_counter()
        self._done.set()

    async def wait(self) -> None:
        """Returns once all of it has happened."""
        await asyncio.wait_for(self._done.wait(), _PATIENCE)
        self._done.clear()

    def _note_commit(self) -> None:
        self.committed = perf_counter()
        self._done.set()


async def measure(here: Ground) -> dict[str, Figure]:
    """Both on one engine."""
    teller = await here.databases.make(METADATA, BAKERY)
    hearer = await here.databases.make(METADATA, _HEARER)
    raw_ear, ear = Ear(), Ear()
    effects: list[Slice] = []
    async with (
        bus_of(here, "hearing") as running,
        running.connected(BAKERY.structure, BAKERY.instance) as telling,
        running.connected(BAKERY.structure, _HEARER.instance) as hearing,
        plain_client(running, BAKERY.structure, BAKERY.instance) as raw,
        plain_client(running, BAKERY.structure) as owner,
        _raw_listener(owner, raw_ear),
        at_work(Relay(teller, telling)),
        at_work(_subscriber(hearer, hearing, ear)),
    ):
        sides = _raw(raw, raw_ear, here.plan.hearings), _ours(teller, ear, here.plan.hearings, effects)
        limit, entered = await take_turns(here.plan.rounds, *sides)
    return {
        "entered": Figure(limit=limit, ours=entered, middle="median"),
        "effect": Figure(limit=limit, ours=effects[1:], middle="median"),
    }


def _subscriber(database: Database, bus: Bus, ear: Ear) -> Subscriber:
    wanted = [Subscription(stream="EVENTS", message_type=LoafBaked, handler=ear.handle)]
    return Subscriber(database, bus, _HEARER.subject_kind, wanted)


@asynccontextmanager
async def _raw_listener(client: Client, ear: Ear) -> AsyncIterator[None]:
    listening = raw_jetstream.listen(client.jetstream(), "EVENTS", subject(BAKERY, sold("any")), ear.heard)
    task = asyncio.create_task(listening)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _raw(client: Client, ear: Ear, each: int) -> Side:
    """The raw facts have a subject of their own on the same stream, and the same size."""

    async def tell(number: int) -> Slice:
        return [await _raw_once(client, ear, sold(f"raw_{number}_{index}")) for index in range(each)]

    return tell


async def _raw_once(client: Client, ear: Ear, fact: Fact) -> float:
    headers = to_headers(BAKERY, fact)
    started = perf_counter()
    acknowledged = asyncio.create_task(client.jetstream().publish(subject(BAKERY, fact), fact.body, headers=headers))
    await ear.wait()
    await acknowledged
    return ear.entered - started


def _ours(database: Database, ear: Ear, each: int, effects: list[Slice]) -> Side:
    async def tell(number: int) -> Slice:
        entered, committed = [], []
        for index in range(each):
            await announce(database, baked(f"ours_{number}_{index}"))
            started = perf_counter()
            await ear.wait()
            entered.append(ear.entered - started)
            committed.append(ear.committed - started)
        effects.append(committed)
        return entered

    return tell
