"""The relay: facts in an outbox until all are on the bus and forgotten, against the same messages published raw."""

import asyncio
from time import perf_counter

from bakery import BAKERY, METADATA, baked, waiting
from nats.aio.client import Client
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import MOST
from servicekit.bus.relay import Relay
from servicekit.facts import subject
from servicekit.sql import Database
from servicekit.sql.outbox import row
from servicekit.sql.tables import outbox
from sqlalchemy import insert

from bench.figures import Figure, Row, Side, Slice, at_least, take_turns
from bench.house import Ground, at_work, bus_of, plain_client
from bench.limits import raw_jetstream

SOURCE = "bench/limits/raw_jetstream.py"
_LOOK_SECONDS = 0.001
_NEVER = 3600.0
_PATIENCE = 30.0
_MOST_ROWS = 500


def rows() -> dict[str, Row]:
    """The line of the table, without its figures."""
    raw = "raw atomic batches by nats-py, the same size and headers"
    what = "Relay: a full outbox to JetStream, its rows deleted"
    return {"relay": Row(what=what, against=raw, source=SOURCE, goal=at_least(0.8), single=False)}


async def measure(here: Ground) -> dict[str, Figure]:
    """The relay on one engine."""
    database = await here.databases.make(METADATA, BAKERY)
    async with (
        bus_of(here, "relaying") as running,
        running.connected(BAKERY.structure, BAKERY.instance) as ours,
        plain_client(running, BAKERY.structure, BAKERY.instance) as raw,
    ):
        relay = Relay(database, ours, every=_NEVER)
        async with at_work(relay):
            sides = _raw(raw, here.plan.facts), _relayed(relay, database, here.plan.facts)
            limit, took = await take_turns(here.plan.rounds, *sides)
    return {"relay": Figure(limit=limit, ours=took)}


def _raw(client: Client, facts: int) -> Side:
    async def publish(number: int) -> Slice:
        made = [baked(f"raw_{number}_{index}") for index in range(facts)]
        messages = [(subject(BAKERY, fact), to_headers(BAKERY, fact), fact.body) for fact in made]
        batches = raw_jetstream.batched(messages, MOST)
        started = perf_counter()
        await raw_jetstream.publish(client, batches)
        return [(perf_counter() - started) / facts]

    return publish


def _relayed(relay: Relay, database: Database, facts: int) -> Side:
    async def tell(number: int) -> Slice:
        await _fill(database, number, facts)
        expected = relay.tally.told + facts
        started = perf_counter()
        database.wake.set()
        async with asyncio.timeout(_PATIENCE):
            while relay.tally.told < expected or await waiting(database):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)
        return [(perf_counter() - started) / facts]

    return tell


async def _fill(database: Database, number: int, facts: int) -> None:
    """Puts facts in the outbox without waking the relay."""
    made = [row(BAKERY, baked(f"ours_{number}_{index}")) for index in range(facts)]
    async with database.work() as work:
        for start in range(0, facts, _MOST_ROWS):
            await work.execute(insert(outbox), made[start : start + _MOST_ROWS])
