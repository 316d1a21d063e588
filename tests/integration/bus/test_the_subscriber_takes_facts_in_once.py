"""The subscriber against a real server: effects exactly once, and in order."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from bakery import LoafSold, baked, on_shelf, put_on_shelf, sold
from broker import Broker
from listening import (
    OvenCold,
    listens,
    outgoing_of,
    running,
    shelved,
    subscribed,
    tell,
    until,
)
from servicekit.bus.accounts import account_hash
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import Outgoing, publish, publish_together
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.facts import subject
from servicekit.origin import Origin
from servicekit.sql import Database, DatabaseAway, Work


async def test_a_fact_delivered_twice_has_its_effect_once(db: Database, bakery_bus: Bus) -> None:
    """The second message is the same fact under another Nats-Msg-Id: the server lets it through, the inbox does not."""
    fact = baked("loaf_1")
    async with subscribed(db, bakery_bus) as subscriber:
        await tell(bakery_bus, fact)
        again = outgoing_of(fact)
        await publish(bakery_bus, Outgoing(subject=again.subject, headers=_unmarked(again), body=again.body))
        await until(lambda: subscriber.tally["seen"] == 1)
    assert await on_shelf(db) == [("loaf_1", 1)]


async def test_a_fact_acknowledged_too_late_has_its_effect_once(
    db: Database, bakery_bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between commit and acknowledgement: the server delivers again to the next one."""
    lost = Subscriber(db, bakery_bus, "bakery", [listens(put_on_shelf)], holder="lost")
    monkeypatch.setattr(lost, "_taken", _dies)
    await tell(bakery_bus, baked("loaf_1"))
    task = asyncio.create_task(lost.run())
    await shelved(db, 1)
    task.cancel()
    await asyncio.wait([task])
    async with subscribed(db, bakery_bus) as subscriber:
        await until(lambda: subscriber.tally["seen"] == 1)
    assert await on_shelf(db) == [("loaf_1", 1)]


async def test_what_a_worker_had_in_hand_when_it_died_comes_first_to_the_next(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    """Left to the server, version 1 would come half a minute later, and look outdated next to version 2."""
    in_hand = asyncio.Event()

    async def slow(*_: object) -> None:
        in_hand.set()
        await asyncio.Event().wait()

    await tell(bakery_bus, baked("loaf_1", 1))
    async with fresh.connected("south", "bakery@south") as dying, subscribed(db, dying, slow):
        await in_hand.wait()
    await tell(bakery_bus, baked("loaf_1", 2))
    async with subscribed(db, bakery_bus):
        await shelved(db, 2, within=8)
    assert await on_shelf(db) == [("loaf_1", 1), ("loaf_1", 2)]


async def test_facts_of_an_aggregate_are_taken_in_order(db: Database, bakery_bus: Bus) -> None:
    told = [baked(f"loaf_{number % 5}", number) for number in range(1000)]
    async with subscribed(db, bakery_bus):
        await publish_together(bakery_bus, [outgoing_of(fact) for fact in told])
        await shelved(db, 1000)
    assert await on_shelf(db) == [(fact.aggregate_id, fact.version) for fact in told]


async def test_an_older_version_is_written_down_and_skipped(db: Database, bakery_bus: Bus) -> None:
    async with subscribed(db, bakery_bus) as subscriber:
        await tell(bakery_bus, baked("loaf_1", 4), baked("loaf_1", 3), baked("loaf_2", 1), baked("loaf_1", 4))
        await shelved(db, 3)
        await until(lambda: subscriber.tally["older"] == 1)
    assert await on_shelf(db) == [("loaf_1", 4), ("loaf_2", 1), ("loaf_1", 4)]


async def test_a_failed_fact_holds_back_its_aggregate_until_it_succeeds(db: Database, bakery_bus: Bus) -> None:
    """Taken in first, version 2 would make version 1 an older one, and its effect would be lost."""
    oven = {"cold": True}

    async def baking(work: Work, loaf: Any, received: Any) -> None:
        await put_on_shelf(work, loaf, received)
        if received.version == 1 and loaf.loaf_id == "loaf_1" and oven["cold"]:
            raise OvenCold

    async with subscribed(db, bakery_bus, baking, max_attempts=50) as subscriber:
        await tell(bakery_bus, baked("loaf_1", 1), baked("loaf_1", 2), baked("loaf_2", 1), baked("loaf_1", 3))
        await until(lambda: subscriber.tally["failed"] >= 3)
        assert await on_shelf(db) == [("loaf_2", 1)]
        oven["cold"] = False
        await shelved(db, 4)
    assert [version for loaf, version in await on_shelf(db) if loaf == "loaf_1"] == [1, 2, 3]


async def test_a_database_that_is_away_is_waited_for_and_kills_no_fact(db: Database, bakery_bus: Bus) -> None:
    troubles = 3

    async def away(work: Work, loaf: Any, received: Any) -> None:
        nonlocal troubles
        if troubles:
            troubles -= 1
            raise DatabaseAway
        await put_on_shelf(work, loaf, received)

    async with subscribed(db, bakery_bus, away, max_attempts=1) as subscriber:
        await tell(bakery_bus, baked("loaf_1"))
        await shelved(db, 1)
    assert subscriber.tally["dead"] == 0


async def test_facts_told_to_another_account_arrive_by_its_valve(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    """The groupement hears what the south shares; the same code listens, on the other stream."""
    async with fresh.connected("groupement", "portal@groupement") as portal:
        heard = Subscription(stream="FEDERATION", message_type=LoafSold, handler=put_on_shelf)
        async with running(Subscriber(db, portal, "portal", [heard], backoff=(0.1,))):
            await tell(bakery_bus, sold("loaf_1"), baked("loaf_2"))
            await shelved(db, 1)
    assert await on_shelf(db) == [("loaf_1", 1)]


async def test_a_structure_cannot_pass_itself_off_as_another_through_its_valve(fresh: Broker, db: Database) -> None:
    """The south's owner has its stream carry the north's subjects and its valve let them out: nobody believes it."""
    forged = sold("loaf_1")
    north = Origin(structure="north", kind="bakery")
    async with fresh.connected("south") as owner, fresh.connected("groupement", "portal@groupement") as portal:
        await _widen(owner)
        headers = to_headers(north, forged)
        claim = {"Nats-Stream-Source": f"EVENTS:{account_hash('JS.north.API')}:C=x 1 > > x y"}
        outgoing = Outgoing(subject=subject(north, forged), headers=headers, body=forged.body)
        with pytest.raises(ApiRefusal):
            await publish(owner, replace(outgoing, headers={**headers, **claim}))
        await publish(owner, outgoing)
        heard = Subscription(stream="FEDERATION", message_type=LoafSold, handler=put_on_shelf)
        async with running(Subscriber(db, portal, "portal", [heard], backoff=(0.1,))) as subscriber:
            await until(lambda: subscriber.tally["dead"] == 1)
    assert await on_shelf(db) == []


async def test_listening_goes_on_when_the_broker_is_back(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    async with subscribed(db, bakery_bus):
        await tell(bakery_bus, baked("loaf_1"))
        await shelved(db, 1)
        fresh.kill()
        await asyncio.sleep(0.5)
        fresh.start()
        await fresh.listening()
        async with fresh.connected("south", "bakery@south") as bus:
            await tell(bus, baked("loaf_2"))
        await shelved(db, 2, within=8)


async def test_listening_goes_on_when_the_consumer_was_deleted(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    async with subscribed(db, bakery_bus):
        await tell(bakery_bus, baked("loaf_1"))
        await shelved(db, 1)
        async with fresh.connected("south") as owner:
            await owner.call("CONSUMER.DELETE.EVENTS.bakery")
        await tell(bakery_bus, baked("loaf_2"))
        await shelved(db, 2, within=15)
    assert await on_shelf(db) == [("loaf_1", 1), ("loaf_2", 1)]


async def test_of_two_workers_only_the_one_with_the_lease_listens(fresh: Broker, db: Database, bakery_bus: Bus) -> None:
    async with subscribed(db, bakery_bus, holder="first") as first:
        await tell(bakery_bus, baked("loaf_1", 1))
        await shelved(db, 1)
        async with fresh.connected("south", "bakery@south") as bus, subscribed(db, bus, holder="second") as second:
            await tell(bakery_bus, *(baked("loaf_1", version) for version in range(2, 30)))
            await shelved(db, 29)
    assert (first.tally["fresh"], second.tally["fresh"]) == (29, 0)


async def _dies(*_: object) -> None:
    raise OSError("the process ends here")


def _unmarked(outgoing: Outgoing) -> dict[str, str]:
    return {name: text for name, text in outgoing.headers.items() if name != "Nats-Msg-Id"}


async def _widen(owner: Bus) -> None:
    """What the owner of an account is free to do: its stream takes, and its valve lets out, another's subjects."""
    events = (await owner.call("STREAM.INFO.EVENTS"))["config"]
    valve = (await owner.call("CONSUMER.INFO.EVENTS.to_groupement"))["config"]
    assert isinstance(events, dict) and isinstance(valve, dict)
    await owner.call("STREAM.UPDATE.EVENTS", {**events, "metadata": {}, "subjects": ["south.>", "north.>"]})
    valve = {name: kept for name, kept in valve.items() if name != "filter_subject"}
    wide = {**valve, "metadata": {}, "filter_subjects": ["south.*.shared.>", "north.*.shared.>"]}
    await owner.call("CONSUMER.CREATE.EVENTS.to_groupement", {"stream_name": "EVENTS", "config": wide})
