"""Which subjects a subscriber asks for, and which facts reach which handler."""

from collections.abc import Callable
from typing import Any

import pytest
from bakery import LoafBaked, LoafPromised, LoafSold, baked
from servicekit.bus.envelope import Malformed, Received, opened, to_headers
from servicekit.bus.subscriptions import Subscription, Subscriptions, matches
from servicekit.facts import Fact, subject
from servicekit.origin import Origin


def _listens(stream: str, message: Any, handler: Callable[..., Any] = lambda *_: None) -> Subscription[Any]:
    return Subscription(stream=stream, message_type=message, handler=handler)


def test_the_subjects_of_each_stream_come_from_the_contract() -> None:
    wanted = Subscriptions(
        [
            _listens("EVENTS", LoafBaked),
            _listens("EVENTS", LoafBaked),
            _listens("EVENTS", LoafSold),
            _listens("FEDERATION", LoafPromised),
        ]
    )
    assert wanted.streams() == ["EVENTS", "FEDERATION"]
    assert wanted.filters("EVENTS") == ["*.bakery.own.loaf.baked", "*.bakery.shared.loaf.sold"]
    assert wanted.filters("FEDERATION") == ["*.bakery.to.*.loaf.promised"]


def test_one_listens_to_what_an_account_says_or_was_told_and_to_no_other_stream() -> None:
    with pytest.raises(ValueError, match="DEAD_LETTERS"):
        _listens("DEAD_LETTERS", LoafBaked)


@pytest.mark.parametrize(
    ("subject", "caught"),
    [
        ("north.bakery.own.loaf.baked", True),
        ("north.mill.own.loaf.baked", False),
        ("north.bakery.own.loaf", False),
        ("north.bakery.own.loaf.baked.twice", False),
    ],
)
def test_a_filter_catches_whole_subjects(subject: str, caught: bool) -> None:
    assert matches("*.bakery.own.loaf.baked", subject) is caught


async def test_a_type_in_the_mouth_of_another_kind_is_refused() -> None:
    mill = Origin(structure="north", kind="mill")
    fact = baked("loaf_1")
    claimed = _told(mill, fact)
    with pytest.raises(Malformed):
        await Subscriptions([_listens("EVENTS", LoafBaked)]).handle(None, claimed)  # type: ignore[arg-type]


async def test_every_slice_that_wants_a_fact_gets_it_in_the_same_work() -> None:
    seen: list[tuple[object, str]] = []

    async def note(work: Any, loaf: Any, received: Any) -> None:
        seen.append((work, loaf.loaf_id))

    bakery, fact, work = Origin(structure="north", kind="bakery"), baked("loaf_1"), object()
    got = _told(bakery, fact)
    both = [_listens("EVENTS", LoafBaked, note), _listens("EVENTS", LoafBaked, note)]
    await Subscriptions(both).handle(work, got)  # type: ignore[arg-type]
    assert seen == [(work, "loaf_1"), (work, "loaf_1")]


def _told(origin: Origin, fact: Fact) -> Received:
    headers = to_headers(origin, fact)
    return opened(subject(origin, fact), headers, fact.body, stream="EVENTS", stream_sequence=1, deliveries=1)
