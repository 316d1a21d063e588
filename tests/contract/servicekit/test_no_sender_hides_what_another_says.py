"""Versions are a sender's own: a structure that counts far ahead silences nobody else."""

import pytest
from bakery import METADATA, WHEN, LoafSold, on_shelf, put_on_shelf
from engines import Databases
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.holding import Holding
from servicekit.bus.intake import Intake
from servicekit.bus.subscriptions import Subscription, Subscriptions
from servicekit.clock import utc_now
from servicekit.origin import Origin


@pytest.fixture
def subscriptions() -> Subscriptions:
    return Subscriptions([Subscription(stream=FEDERATION, message_type=LoafSold, handler=put_on_shelf)])


def sold_by(structure: str, version: int, *, fact_id: str = "fact_1", sequence: int = 1) -> Received:
    """The same loaf, of the same name, sold by one structure or another."""
    return Received(
        id=fact_id,
        type="org.house.bakery.loaf_sold.v1",
        structure=structure,
        kind="bakery",
        audience="shared",
        aggregate_id="loaf_1",
        version=version,
        time=WHEN,
        body=b'{"loafId": "loaf_1"}',
        subject=f"{structure}.bakery.shared.loaf.sold",
        stream=FEDERATION,
        stream_sequence=sequence,
        deliveries=1,
    )


async def test_a_version_far_ahead_silences_nobody_else(databases: Databases, subscriptions: Subscriptions) -> None:
    database = await databases.make(METADATA, Origin(structure="groupement", kind="market"))
    intake = Intake(database, "market", subscriptions, utc_now)
    await intake.take([sold_by("south", 1_000_000, fact_id="fact_1")])
    await intake.take([sold_by("north", 1, fact_id="fact_2")])
    await intake.take([sold_by("south", 2, fact_id="fact_3")])
    assert await on_shelf(database) == [("loaf_1", 1_000_000), ("loaf_1", 1)]


async def test_an_id_used_by_one_sender_is_free_for_another(databases: Databases, subscriptions: Subscriptions) -> None:
    database = await databases.make(METADATA, Origin(structure="groupement", kind="market"))
    intake = Intake(database, "market", subscriptions, utc_now)
    await intake.take([sold_by("south", 1), sold_by("north", 1), sold_by("south", 1)])
    assert await on_shelf(database) == [("loaf_1", 1), ("loaf_1", 1)]


def test_what_fails_holds_back_its_own_sender_only() -> None:
    holding = Holding()
    holding.failed(sold_by("south", 1, sequence=1))
    assert holding.waits(sold_by("south", 2, fact_id="fact_2", sequence=2))
    assert not holding.waits(sold_by("north", 1, fact_id="fact_3", sequence=3))
