"""An instance's own durable consumers: the only ones its key may make."""

from collections.abc import Sequence

from servicekit.bus.accounts import DEAD_LETTERS
from servicekit.bus.connection import Bus

MAX_ACK_PENDING = 1000
_ACK_WAIT_NANOSECONDS = 30_000_000_000


async def make_listener(bus: Bus, stream: str, name: str, filters: Sequence[str]) -> None:
    """The consumer `name` on a stream, made or brought up to date, and taken back to the first fact not acknowledged.

    What another worker had in hand when it died comes first, in order: left to the server, it would come after its
    patience ends, behind newer facts that make it look outdated. A filter added to a consumer that exists catches what
    comes from now on. Raises ApiRefusal, BusUnavailable.
    """
    config: dict[str, object] = {
        "name": name,
        "durable_name": name,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": _ACK_WAIT_NANOSECONDS,
        "max_deliver": -1,
        "max_ack_pending": MAX_ACK_PENDING,
    }
    where = f"CONSUMER.CREATE.{stream}.{name}"
    if stream == DEAD_LETTERS:
        config["filter_subject"] = f"replay.{name}.>"
        where = f"{where}.replay.{name}.>"
    else:
        config["filter_subjects"] = list(filters)
    await bus.call(where, {"stream_name": stream, "config": config})
    await bus.call(f"CONSUMER.RESET.{stream}.{name}")
