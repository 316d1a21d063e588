"""The valve in its owner's hand: open, paused, resumed, closed, and how far its importer got."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from servicekit.bus.accounts import EVENTS, FEDERATION, Valve
from servicekit.bus.connection import ApiRefusal, Bus, Json

MAX_ACK_PENDING = 1000
_CONSUMER_NOT_FOUND = 10014
_CLOSED = "closed"
_FAR = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ValveState:
    """What the owner sees of its valve; `waiting` counts facts it has not delivered yet."""

    state: str
    waiting: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """What the importer sees of a source: a wrong filter is accepted and delivers nothing, so watch `lag`."""

    api: str
    lag: int
    active: float
    error: str


async def open_valve(bus: Bus, valve: Valve, *, reopen: bool = False) -> None:
    """Makes the consumer that shares; one that is there, or that its owner closed, is left unless `reopen`."""
    if await _is_closed(bus, valve):
        if not reopen:
            return
        await _mark(bus, valve, "")
    if await _consumer(bus, valve) is None:
        body = {"stream_name": EVENTS, "config": _config(valve)}
        await bus.call(f"CONSUMER.CREATE.{EVENTS}.{valve.consumer}", body)


async def pause_valve(bus: Bus, valve: Valve, until: datetime = _FAR) -> None:
    """Holds what is shared until an instant; nothing is lost meanwhile."""
    body = {"pause_until": until.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    await bus.call(f"CONSUMER.PAUSE.{EVENTS}.{valve.consumer}", body)


async def resume_valve(bus: Bus, valve: Valve) -> None:
    """Lets what was held go."""
    await bus.call(f"CONSUMER.PAUSE.{EVENTS}.{valve.consumer}", {})


async def close_valve(bus: Bus, valve: Valve) -> None:
    """Ends the sharing, and remembers it: only `open_valve(..., reopen=True)` begins it again."""
    await _mark(bus, valve, _CLOSED)
    try:
        await bus.call(f"CONSUMER.DELETE.{EVENTS}.{valve.consumer}")
    except ApiRefusal as refusal:
        if refusal.err_code != _CONSUMER_NOT_FOUND:
            raise


async def valve_state(bus: Bus, valve: Valve) -> ValveState:
    """`open`, `paused`, `closed` or `absent`, as its owner sees it."""
    consumer = await _consumer(bus, valve)
    if consumer is None:
        return ValveState(state=_CLOSED if await _is_closed(bus, valve) else "absent")
    state = "paused" if consumer.get("paused") else "open"
    return ValveState(state=state, waiting=_count(consumer.get("num_pending")))


async def source_states(bus: Bus) -> Sequence[SourceState]:
    """How each source of an account's FEDERATION does; `active` is seconds since it was last heard, -1 for never."""
    answer = await bus.call(f"STREAM.INFO.{FEDERATION}")
    sources = answer.get("sources")
    return [_source_state(source) for source in sources] if isinstance(sources, list) else []


def _source_state(source: dict[str, object]) -> SourceState:
    external, error = source.get("external"), source.get("error")
    active = _count(source.get("active"))
    return SourceState(
        api=str(external.get("api", "")) if isinstance(external, dict) else "",
        lag=_count(source.get("lag")),
        active=active / 1e9 if active >= 0 else -1.0,
        error=str(error.get("description", "")) if isinstance(error, dict) else "",
    )


def _config(valve: Valve) -> dict[str, object]:
    """Durable sourcing (ADR-60): only flow control acknowledges, so nothing is skipped across an outage."""
    return {
        "name": valve.consumer,
        "durable_name": valve.consumer,
        "deliver_policy": "all",
        "ack_policy": "flow_control",
        "flow_control": True,
        "idle_heartbeat": 1_000_000_000,
        "max_deliver": -1,
        "max_ack_pending": MAX_ACK_PENDING,
        "replay_policy": "instant",
        "deliver_subject": valve.deliver_subject,
        "filter_subjects": list(valve.filters),
    }


async def _consumer(bus: Bus, valve: Valve) -> Json | None:
    try:
        return await bus.call(f"CONSUMER.INFO.{EVENTS}.{valve.consumer}")
    except ApiRefusal as refusal:
        if refusal.err_code == _CONSUMER_NOT_FOUND:
            return None
        raise


async def _is_closed(bus: Bus, valve: Valve) -> bool:
    metadata = (await _events(bus)).get("metadata")
    return isinstance(metadata, dict) and metadata.get(_label(valve)) == _CLOSED


async def _mark(bus: Bus, valve: Valve, state: str) -> None:
    """Notes on the owner's own stream what it decided."""
    config = await _events(bus)
    kept = config.get("metadata")
    metadata = {key: text for key, text in kept.items() if not key.startswith("_")} if isinstance(kept, dict) else {}
    metadata[_label(valve)] = state
    await bus.call(f"STREAM.UPDATE.{EVENTS}", {**config, "metadata": metadata})


async def _events(bus: Bus) -> dict[str, object]:
    config = (await bus.call(f"STREAM.INFO.{EVENTS}")).get("config")
    return dict(config) if isinstance(config, dict) else {}


def _label(valve: Valve) -> str:
    return f"valve.{valve.consumer}"


def _count(number: object) -> int:
    return number if isinstance(number, int) else 0
