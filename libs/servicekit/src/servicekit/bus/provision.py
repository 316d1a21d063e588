"""Making an account's streams, valves and integration consumers, each with the key of the account's owner.

Everything here may be run again: what is there stays, and a valve that its owner paused or closed is left as it is.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from servicekit.bus.accounts import DEAD_LETTERS, EVENTS, FEDERATION, Account, Consumer, Registry, Valve
from servicekit.bus.connection import ApiRefusal, Bus, Json
from servicekit.bus.valves import MAX_ACK_PENDING, open_valve

KEPT = timedelta(days=30)
"""How long facts stay on the bus: they are still personal data."""
DEAD_KEPT = timedelta(days=90)
"""How long dead letters wait for someone to look at them."""
DUPLICATE_WINDOW = timedelta(minutes=2)

_STREAM_NAME_IN_USE = 10058
OwnerBus = Callable[[Account], AbstractAsyncContextManager[Bus]]


async def provision(registry: Registry, owner_bus: OwnerBus, *, kept: timedelta = KEPT, replicas: int = 1) -> None:
    """Everything on the bus, as the registry says.

    `owner_bus` gives a connection with an account's owner key, for as long as it is needed. Raises ApiRefusal with the
    server's words, BusUnavailable when it does not answer.
    """
    valves = tuple(registry.valves())
    for account in registry.accounts():
        async with owner_bus(account) as bus:
            await make_streams(bus, account, kept=kept, replicas=replicas)
            for valve in valves:
                if valve.owner == account.structure:
                    await open_valve(bus, valve)
    for account in registry.accounts():
        heard = [valve for valve in valves if valve.importer == account.structure]
        async with owner_bus(account) as bus:
            await make_federation(bus, heard, kept=kept, replicas=replicas)
            for integration in account.integrations:
                for consumer in integration.consumers:
                    await make_consumer(bus, consumer)


async def make_streams(bus: Bus, account: Account, *, kept: timedelta = KEPT, replicas: int = 1) -> None:
    """What an account says (EVENTS) and what its subscribers could not take (DEAD_LETTERS)."""
    events = _stream(EVENTS, kept=kept, replicas=replicas)
    await _put_stream(bus, {**events, "subjects": [f"{account.structure}.>"], "allow_atomic": True})
    dead = _stream(DEAD_LETTERS, kept=DEAD_KEPT, replicas=replicas)
    await _put_stream(bus, {**dead, "subjects": ["dead.>", "replay.>"], "max_msgs_per_subject": 1})


async def make_federation(bus: Bus, heard: Sequence[Valve], *, kept: timedelta = KEPT, replicas: int = 1) -> None:
    """What an account was told (FEDERATION): each valve it hears, bound to by name."""
    if heard:
        sources = [_source(valve) for valve in heard]
        await _put_stream(bus, {**_stream(FEDERATION, kept=kept, replicas=replicas), "sources": sources})


async def make_consumer(bus: Bus, consumer: Consumer) -> None:
    """A durable pull consumer for an integration, which may neither make nor change one."""
    config = {
        "name": consumer.name,
        "durable_name": consumer.name,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "max_deliver": -1,
        "max_ack_pending": MAX_ACK_PENDING,
        "filter_subjects": list(consumer.filters),
    }
    body = {"stream_name": consumer.stream, "config": config}
    await bus.call(f"CONSUMER.CREATE.{consumer.stream}.{consumer.name}", body)


def _stream(name: str, *, kept: timedelta, replicas: int) -> dict[str, object]:
    return {
        "name": name,
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": _nanoseconds(kept),
        "duplicate_window": _nanoseconds(DUPLICATE_WINDOW),
        "num_replicas": replicas,
    }


def _source(valve: Valve) -> dict[str, object]:
    """A source bound to a consumer it did not make."""
    return {
        "name": EVENTS,
        "external": {"api": valve.imported_api, "deliver": ""},
        "consumer": {"name": valve.consumer, "deliver_subject": valve.deliver_subject},
    }


async def _put_stream(bus: Bus, config: Json) -> None:
    """Creates a stream or updates it; what others noted on it (a valve closed by its owner) stays."""
    try:
        await bus.call(f"STREAM.CREATE.{config['name']}", config)
    except ApiRefusal as refusal:
        if refusal.err_code != _STREAM_NAME_IN_USE:
            raise
        present = (await bus.call(f"STREAM.INFO.{config['name']}"))["config"]
        kept = present if isinstance(present, dict) else {}
        await bus.call(f"STREAM.UPDATE.{config['name']}", {**kept, **config})


def _nanoseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1_000_000_000)
