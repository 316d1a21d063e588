"""Facts that waited while a subscriber was down, taken in once it is back, against consuming and inserting by hand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import perf_counter

from bakery import BAKERY, METADATA, LoafBaked, baked
from nats.aio.client import Client
from servicekit.bus.connection import Bus
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import MOST
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.facts import subject
from servicekit.origin import Origin
from servicekit.sql import Database

from bench.figures import Figure, Row, Side, Slice, at_most, take_turns
from bench.house import Ground, at_work, bus_of, plain_client
from bench.limits import raw_jetstream
from bench.limits.hand_inbox import HandInbox
from bench.limits.hand_sql import connected
from bench.shelf import put_on_shelf

SOURCE = "bench/limits/hand_inbox.py, raw_jetstream.py"
_HEARER = Origin(structure=BAKERY.structure, kind="coworking")
_LOOK_SECONDS = 0.005
_PATIENCE = 60.0


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    same = "raw consume and the same inserts, an effect a statement"
    together = "raw consume and inserts, all effects of a transaction in one call"
    what = "Catching up after an outage"
    return {
        "catch_up": Row(what=what, against=same, source=SOURCE, goal=at_most(2.0), single=False),
        "catch_up_together": Row(
            what=what, against=together, source=SOURCE, goal=None, sense=at_most(1.0), single=False
        ),
    }


async def measure(here: Ground) -> dict[str, Figure]:
    """Round by round: facts are published while nobody listens, then each side takes them in."""
    database = await here.databases.make(METADATA, _HEARER)
    rounds = here.plan.catch_up_rounds
    each = here.plan.catch_up // rounds
    async with (
        bus_of(here, "catching_up") as running,
        plain_client(running, BAKERY.structure, BAKERY.instance) as telling,
        running.connected(BAKERY.structure, _HEARER.instance) as hearing,
        plain_client(running, BAKERY.structure) as owner,
        _hands(here) as (one_by_one, together),
    ):
        sides = (
            _raw(owner, "one_by_one", one_by_one, each),
            _ours(hearing, database, each),
            _raw(owner, "together", together, each),
        )
        taken = await take_turns(rounds, _publishing(telling, each), *sides)
    _, limit, took, strict = taken
    return {
        "catch_up": Figure(limit=limit, ours=took),
        "catch_up_together": Figure(limit=strict, ours=took),
    }


@asynccontextmanager
async def _hands(here: Ground) -> AsyncIterator[Sequence[HandInbox]]:
    """Two that write by hand, each in a database of its own."""
    async with AsyncExitStack() as stack:
        made = []
        for together in (False, True):
            player = await connected(await here.databases.url(METADATA))
            stack.push_async_callback(player.close)
            made.append(HandInbox(player, here.engine, together=together))
        yield made


def _publishing(client: Client, each: int) -> Side:
    """Not a side: what the others will find."""

    async def publish(number: int) -> Slice:
        facts = [baked(f"loaf_{number}_{index}") for index in range(_size(number, each))]
        messages = [(subject(BAKERY, fact), to_headers(BAKERY, fact), fact.body) for fact in facts]
        await raw_jetstream.publish(client, raw_jetstream.batched(messages, MOST))
        return [0.0]

    return publish


def _raw(client: Client, durable: str, hand: HandInbox, each: int) -> Side:
    async def consume(number: int) -> Slice:
        most = _size(number, each)
        started = perf_counter()
        await raw_jetstream.consume(
            client.jetstream(), "EVENTS", subject(BAKERY, baked("any")), durable, most=most, hand=hand
        )
        return [(perf_counter() - started) / most]

    return consume


def _ours(bus: Bus, database: Database, each: int) -> Side:
    """A subscriber that starts anew each time: taking its lease and finding its place count."""
    wanted = [Subscription(stream="EVENTS", message_type=LoafBaked, handler=put_on_shelf)]

    async def catch_up(number: int) -> Slice:
        most = _size(number, each)
        subscriber = Subscriber(database, bus, _HEARER.subject_kind, wanted)
        started = perf_counter()
        async with at_work(subscriber), asyncio.timeout(_PATIENCE):
            while subscriber.tally["fresh"] < most:  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_SECONDS)
            return [(perf_counter() - started) / most]

    return catch_up


def _size(number: int, each: int) -> int:
    """The first round only warms up."""
    return each if number else max(each // 20, 1)
