"""Erasure: after it, no stream and no file of the server mentions the person; what others said stays."""

from dataclasses import replace

from bakery import baked, sold
from broker import Broker
from listening import outgoing_of, subscribed, tell, until, weighing
from servicekit.bus.connection import Bus
from servicekit.bus.erasure import erase_mentions
from servicekit.bus.publishing import publish_together
from servicekit.facts import Fact
from servicekit.sql import Database

CANARY = "person_0123456789abcdef0123456789abcdef"
SOMEBODY = "person_fedcba9876543210fedcba9876543210"


async def test_what_mentions_a_person_is_gone_from_every_stream_and_every_file(
    fresh: Broker, db: Database, bakery_bus: Bus
) -> None:
    others = [baked(SOMEBODY, version) for version in range(1, 1201)]
    await publish_together(bakery_bus, [outgoing_of(fact) for fact in others[:700]])
    await tell(bakery_bus, baked("loaf_1"), _about(CANARY), sold(CANARY), baked(CANARY, grams=-1))
    await publish_together(bakery_bus, [outgoing_of(fact) for fact in others[700:]])
    await fresh.arrived("groupement", "south.bakery.shared.loaf.sold")
    async with subscribed(db, bakery_bus, weighing) as subscriber:
        await until(lambda: subscriber.tally["dead"] == 1)
    assert _mentioned_on_disk(fresh, CANARY)
    async with fresh.connected("south") as south, fresh.connected("groupement") as groupement:
        assert await erase_mentions(south, CANARY) == 4
        assert await erase_mentions(groupement, CANARY) == 1
        assert await erase_mentions(south, CANARY) == 0
    fresh.stop()
    assert not _mentioned_on_disk(fresh, CANARY)
    assert _mentioned_on_disk(fresh, SOMEBODY)


def _about(person: str) -> Fact:
    """A fact that mentions somebody in its body only."""
    return replace(baked("loaf_2"), body=f'{{"loafId": "{person}"}}'.encode())


def _mentioned_on_disk(made: Broker, text: str) -> bool:
    files = (path for path in (made.home / "store").rglob("*") if path.is_file())
    return any(text.encode() in path.read_bytes() for path in files)
