"""Dead letters: on disk before the fact is let go, one grave a message, brought back with their ids."""

from typing import Any

import pytest
from bakery import LoafSold, baked, on_shelf, put_on_shelf, sold
from broker import Broker
from listening import OvenCold, buried, outgoing_of, replay_all, running, shelved, subscribed, tell, until, weighing
from servicekit.bus.connection import Bus
from servicekit.bus.dead_letters import dead_letters, replay
from servicekit.bus.publishing import Outgoing, publish, publish_together
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.sql import Database, Work
from servicekit.sql.tables import inbox
from sqlalchemy import select


async def test_a_poisonous_fact_is_buried_and_the_others_are_taken_in(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    poison = baked("loaf_7", 1, grams=-1)
    told = [baked(f"loaf_{number}", 1) for number in range(200)]
    told[100] = poison
    async with subscribed(db, bakery_bus, weighing) as subscriber:
        await publish_together(bakery_bus, [outgoing_of(fact) for fact in told])
        await shelved(db, 199)
        await until(lambda: subscriber.tally["dead"] == 1)
    [letter] = await buried(fresh)
    assert (letter.fact_id, letter.subscriber, letter.reason) == (poison.id, "bakery", "OVEN_COLD")
    assert (letter.stream, letter.subject) == ("EVENTS", "south.bakery.own.loaf.baked")
    assert letter.body == poison.body
    assert subscriber.tally["failed"] == 3


async def test_a_dead_letter_is_kept_before_the_stream_forgets_the_fact(
    fresh: Broker, db: Database, bakery_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the grave and `term`: the fact comes again and is buried again, in the same grave."""
    monkeypatch.setattr("nats.aio.msg.Msg.term", _dies)
    fact = baked("loaf_1", grams=-1)
    await tell(bakery_bus, fact)
    async with subscribed(db, bakery_bus, weighing, holder="lost"):
        await fresh.arrived("south", f"dead.bakery.EVENTS.{fact.id}.1", stream="DEAD_LETTERS")
    monkeypatch.undo()
    async with subscribed(db, bakery_bus, weighing) as subscriber:
        await until(lambda: subscriber.tally["dead"] == 1)
    assert len(await buried(fresh)) == 1


async def test_a_dead_letter_comes_back_with_its_id_once_the_cause_is_gone(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    oven = {"cold": True}

    async def baking(work: Work, loaf: Any, received: Any) -> None:
        if oven["cold"]:
            raise OvenCold
        await put_on_shelf(work, loaf, received)

    fact = baked("loaf_1")
    async with subscribed(db, bakery_bus, baking) as subscriber:
        await tell(bakery_bus, fact)
        await until(lambda: subscriber.tally["dead"] == 1)
        await replay_all(fresh)
        await until(lambda: subscriber.tally["dead"] == 2)
        oven["cold"] = False
        await replay_all(fresh)
        await shelved(db, 1)
    assert await buried(fresh) == []
    assert [taken.rpartition("/")[2] for taken in await _ids_taken_in(db)] == [fact.id]


async def test_a_dead_letter_older_than_what_is_held_comes_back_without_effect(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    async with subscribed(db, bakery_bus, weighing) as subscriber:
        await tell(bakery_bus, baked("loaf_1", 1, grams=-1), baked("loaf_1", 2))
        await shelved(db, 1)
        await replay_all(fresh)
        await until(lambda: subscriber.tally["older"] == 1)
    assert await on_shelf(db) == [("loaf_1", 2)]


async def test_what_is_no_fact_of_ours_is_buried_at_once(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    good = outgoing_of(baked("loaf_1"))
    without_id = {name: text for name, text in good.headers.items() if name not in ("ce-id", "Nats-Msg-Id")}
    from_elsewhere = {**good.headers, "ce-source": "//groupement/north/bakery", "Nats-Msg-Id": "other"}
    async with subscribed(db, bakery_bus) as subscriber:
        for headers in (without_id, from_elsewhere):
            await publish(bakery_bus, Outgoing(subject=good.subject, headers=headers, body=good.body))
        await publish(bakery_bus, Outgoing(subject=good.subject, headers=good.headers, body=b"{not json"))
        await until(lambda: subscriber.tally["dead"] == 3)
    assert await on_shelf(db) == []
    assert len(await buried(fresh)) == 3


async def test_a_dead_letter_that_came_through_a_valve_comes_back(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    oven = {"cold": True}

    async def baking(work: Work, loaf: Any, received: Any) -> None:
        if oven["cold"]:
            raise OvenCold
        await put_on_shelf(work, loaf, received)

    heard = Subscription(stream="FEDERATION", message_type=LoafSold, handler=baking)
    async with fresh.connected("groupement", "portal@groupement") as portal, fresh.connected("groupement") as owner:
        listening = Subscriber(db, portal, "portal", [heard], max_attempts=1, backoff=(0.1,))
        async with running(listening) as subscriber:
            await tell(bakery_bus, sold("loaf_1"))
            await until(lambda: subscriber.tally["dead"] == 1)
            oven["cold"] = False
            async for letter in dead_letters(owner):
                await replay(owner, letter)
            await shelved(db, 1)


async def _dies(*_: object) -> None:
    raise OSError("the process ends here")


async def _ids_taken_in(db: Database) -> set[str]:
    async with db.reading() as work:
        return set((await work.execute(select(inbox.c.fact_id))).scalars())
