"""A bakery that listens to itself, for tests: handlers, facts on their way, and waiting for what they bring about."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bakery import BAKERY, LoafBaked, on_shelf, put_on_shelf
from broker import Broker
from servicekit.bus.connection import Bus
from servicekit.bus.dead_letters import DeadLetter, dead_letters, replay
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import Outgoing, publish
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Handler, Subscription
from servicekit.facts import Fact, subject
from servicekit.refusals import Conflict
from servicekit.sql import Database, Work


class OvenCold(Conflict):
    """The oven is cold."""


@asynccontextmanager
async def running(subscriber: Subscriber) -> AsyncIterator[Subscriber]:
    """A subscriber at work."""
    task = asyncio.create_task(subscriber.run())
    try:
        yield subscriber
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def subscribed(
    db: Database, bus: Bus, handler: Handler[Any] = put_on_shelf, *, max_attempts: int = 3, holder: str = "only"
) -> AsyncIterator[Subscriber]:
    """The bakery listening to what is baked, quick to try again."""
    wanted = [listens(handler)]
    made = Subscriber(db, bus, "bakery", wanted, max_attempts=max_attempts, backoff=(0.1,), holder=holder)
    async with running(made):
        yield made


def listens(handler: Handler[Any]) -> Subscription[Any]:
    """A subscription to what is baked."""
    return Subscription(stream="EVENTS", message_type=LoafBaked, handler=handler)


async def weighing(work: Work, loaf: Any, received: Any) -> None:
    """A handler that writes, then refuses a loaf of negative weight."""
    await put_on_shelf(work, loaf, received)
    if loaf.grams < 0:
        raise OvenCold


async def tell(bus: Bus, *facts: Fact) -> None:
    """Puts facts on the bus, one by one."""
    for fact in facts:
        await publish(bus, outgoing_of(fact))


def outgoing_of(fact: Fact) -> Outgoing:
    """A fact as the relay sends it."""
    return Outgoing(subject=subject(BAKERY, fact), headers=to_headers(BAKERY, fact), body=fact.body)


async def shelved(db: Database, count: int, within: float = 30) -> None:
    """Returns once there are that many effects."""
    for _ in range(int(within / 0.05)):
        if len(await on_shelf(db)) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{len(await on_shelf(db))} of {count} effects")


async def until(condition: Callable[[], bool], within: float = 30) -> None:
    """Returns once it is so."""
    for _ in range(int(within / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def buried(made: Broker) -> Sequence[DeadLetter]:
    """The dead letters of the south."""
    async with made.connected("south") as owner:
        return [letter async for letter in dead_letters(owner)]


async def replay_all(made: Broker) -> None:
    """Brings every dead letter of the south back."""
    async with made.connected("south") as owner:
        async for letter in dead_letters(owner):
            await replay(owner, letter)
