"""What waits behind a fact that failed, and for how long."""

from datetime import UTC, datetime

from servicekit.bus.envelope import Received
from servicekit.bus.holding import Holding


def test_a_later_fact_of_the_same_aggregate_waits_and_no_other_does() -> None:
    holding = Holding()
    holding.failed(_fact("a", 5))
    assert holding.waits(_fact("b", 6))
    assert not holding.waits(_fact("a", 5))
    assert not holding.waits(_fact("earlier", 4))
    assert not holding.waits(_fact("c", 6, aggregate="loaf_2"))
    assert not holding.waits(_fact("c", 6, stream="FEDERATION"))


def test_what_waited_may_go_once_the_fact_is_settled() -> None:
    holding = Holding()
    holding.failed(_fact("a", 5))
    holding.settled(_fact("b", 6))
    assert holding.waits(_fact("c", 7))
    holding.settled(_fact("a", 5))
    assert not holding.waits(_fact("c", 7))
    assert holding.empty


def test_failures_are_counted_and_wait_longer_each_time() -> None:
    holding, fact = Holding((0.1, 1.0)), _fact("a", 5)
    assert [holding.failed(fact) for _ in range(3)] == [1, 2, 3]
    fresh = Holding((0.1, 1.0))
    delays = []
    for _ in range(3):
        fresh.failed(fact)
        delays.append(fresh.delay(fact))
    assert delays == [0.1, 1.0, 1.0]


def test_a_fact_that_vanished_from_its_stream_is_not_waited_for_for_ever() -> None:
    holding = Holding((-120.0,))
    holding.failed(_fact("purged", 5))
    assert not holding.waits(_fact("b", 6))


def _fact(fact_id: str, sequence: int, *, aggregate: str = "loaf_1", stream: str = "EVENTS") -> Received:
    return Received(
        id=fact_id,
        type="org.house.bakery.loaf_baked.v1",
        structure="north",
        kind="bakery",
        audience="own",
        aggregate_id=aggregate,
        version=1,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        body=b"{}",
        subject="north.bakery.own.loaf.baked",
        stream=stream,
        stream_sequence=sequence,
        deliveries=1,
    )
