"""Every way the JetStream API offers to read what another account keeps, tried by somebody who should get nothing.

A probe gives what it managed to read: the canary if it got through, an empty list if it did not.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from nats import errors
from nats.aio.msg import Msg
from servicekit.bus.connection import Bus

CANARY = b"canary-of-the-south"
"""In the body of the fact that nobody outside may read."""
_PATIENCE = 0.25

Probe = Callable[[Bus, str, str], Awaitable[list[bytes]]]
"""Takes the spy's connection, an API prefix (its own, or the imported one) and the owner's slug."""


async def stream_metadata(bus: Bus, api: str, owner: str) -> list[bytes]:
    """STREAM.INFO, NAMES and LIST: even the subjects are nobody's business."""
    return [
        *await _asked(bus, f"{api}.STREAM.INFO.EVENTS", {"subjects_filter": ">"}),
        *await _asked(bus, f"{api}.STREAM.NAMES", {"subject": f"{owner}.>"}),
        *await _asked(bus, f"{api}.STREAM.LIST", {}),
        *await _asked(bus, f"{api}.INFO", None),
    ]


async def messages_by_sequence(bus: Bus, api: str, owner: str) -> list[bytes]:
    """STREAM.MSG.GET and DIRECT.GET, by sequence and by subject."""
    last = {"last_by_subj": f"{owner}.coworking.own.booking.confirmed"}
    return [
        *await _asked(bus, f"{api}.STREAM.MSG.GET.EVENTS", {"seq": 1}),
        *await _asked(bus, f"{api}.STREAM.MSG.GET.EVENTS", last),
        *await _asked(bus, f"{api}.DIRECT.GET.EVENTS", {"seq": 1}),
        *await _asked(bus, f"{api}.DIRECT.GET.EVENTS.{owner}.coworking.own.booking.confirmed", None),
    ]


async def a_new_pull_consumer(bus: Bus, api: str, owner: str) -> list[bytes]:
    """CONSUMER.CREATE in each of its shapes, then CONSUMER.MSG.NEXT."""
    config = {"name": "spy", "ack_policy": "none", "mem_storage": True, "inactive_threshold": 60_000_000_000}
    durable = {"durable_name": "spy", "ack_policy": "none"}
    only = f"{owner}.*.own.>"
    return [
        *await _asked(bus, f"{api}.CONSUMER.CREATE.EVENTS.spy", _create(config)),
        *await _asked(bus, f"{api}.CONSUMER.CREATE.EVENTS.spy.{only}", _create({**config, "filter_subject": only})),
        *await _asked(bus, f"{api}.CONSUMER.CREATE.EVENTS", _create({"ack_policy": "none"})),
        *await _asked(bus, f"{api}.CONSUMER.DURABLE.CREATE.EVENTS.spy", _create(durable)),
        *await _pulled(bus, f"{api}.CONSUMER.MSG.NEXT.EVENTS.spy"),
    ]


async def a_new_push_consumer(bus: Bus, api: str, owner: str) -> list[bytes]:
    """CONSUMER.CREATE with a delivery subject the spy listens to."""
    async with _listening(bus) as (inbox, heard):
        config = {"name": "push-spy", "ack_policy": "none", "deliver_subject": inbox}
        answers = await _asked(bus, f"{api}.CONSUMER.CREATE.EVENTS.push-spy", _create(config))
        await asyncio.sleep(_PATIENCE)
        return [*answers, *heard]


async def a_changed_valve(bus: Bus, api: str, owner: str) -> list[bytes]:
    """CONSUMER.CREATE over the valve itself, with wider filters."""
    async with _listening(bus) as (inbox, heard):
        config = {
            "durable_name": "to_groupement",
            "name": "to_groupement",
            "ack_policy": "none",
            "filter_subject": ">",
            "deliver_subject": inbox,
        }
        answers = await _asked(bus, f"{api}.CONSUMER.CREATE.EVENTS.to_groupement", _create(config))
        await asyncio.sleep(_PATIENCE)
        return [*answers, *heard]


async def consumers_that_exist(bus: Bus, api: str, owner: str) -> list[bytes]:
    """CONSUMER.LIST, NAMES, INFO and NEXT on the owner's own consumers."""
    found: list[bytes] = []
    for name in ("calendar", "coworking", "to_groupement"):
        found += await _asked(bus, f"{api}.CONSUMER.INFO.EVENTS.{name}", None)
        found += await _pulled(bus, f"{api}.CONSUMER.MSG.NEXT.EVENTS.{name}")
    return [
        *found,
        *await _asked(bus, f"{api}.CONSUMER.LIST.EVENTS", {}),
        *await _asked(bus, f"{api}.CONSUMER.NAMES.EVENTS", {}),
    ]


async def a_snapshot(bus: Bus, api: str, owner: str) -> list[bytes]:
    """STREAM.SNAPSHOT to a subject the spy listens to."""
    async with _listening(bus) as (inbox, heard):
        answers = await _asked(bus, f"{api}.STREAM.SNAPSHOT.EVENTS", {"deliver_subject": inbox, "no_consumers": True})
        await asyncio.sleep(_PATIENCE)
        return [*answers, *heard]


async def destruction(bus: Bus, api: str, owner: str) -> list[bytes]:
    """PURGE, DELETE, PAUSE, UPDATE: gives what the server agreed to."""
    return [
        *await _asked(bus, f"{api}.STREAM.PURGE.EVENTS", {}),
        *await _asked(bus, f"{api}.STREAM.MSG.DELETE.EVENTS", {"seq": 1}),
        *await _asked(bus, f"{api}.STREAM.DELETE.EVENTS", None),
        *await _asked(bus, f"{api}.STREAM.UPDATE.EVENTS", {"name": "EVENTS", "subjects": [">"]}),
        *await _asked(bus, f"{api}.CONSUMER.PAUSE.EVENTS.to_groupement", {"pause_until": "2100-01-01T00:00:00Z"}),
        *await _asked(bus, f"{api}.CONSUMER.DELETE.EVENTS.to_groupement", None),
    ]


PROBES: dict[str, Probe] = {
    probe.__name__: probe
    for probe in (
        stream_metadata,
        messages_by_sequence,
        a_new_pull_consumer,
        a_new_push_consumer,
        a_changed_valve,
        consumers_that_exist,
        a_snapshot,
        destruction,
    )
}


@asynccontextmanager
async def eavesdropping(bus: Bus, subjects: Sequence[str]) -> AsyncIterator[list[bytes]]:
    """What a plain subscriber to those subjects hears meanwhile; a subject it may not have is simply silent."""
    heard: list[bytes] = []

    async def note(message: Msg) -> None:
        heard.append(message.data)

    for subject in subjects:
        await bus.client.subscribe(subject, cb=note)
    await bus.client.flush()
    yield heard
    await asyncio.sleep(_PATIENCE)


async def _asked(bus: Bus, subject: str, payload: Mapping[str, object] | None) -> list[bytes]:
    """The answer, unless there is none or it is a refusal."""
    body = b"" if payload is None else json.dumps(payload).encode()
    try:
        answer = await bus.client.request(subject, body, timeout=_PATIENCE)
    except errors.Error:
        return []
    refused = answer.data.startswith(b"{") and b'"error":{' in answer.data
    return [] if refused or not answer.data else [answer.data]


async def _pulled(bus: Bus, subject: str) -> list[bytes]:
    async with _listening(bus) as (inbox, heard):
        await bus.client.publish(subject, b'{"batch":10,"expires":200000000}', reply=inbox)
        await asyncio.sleep(_PATIENCE)
        return heard


@asynccontextmanager
async def _listening(bus: Bus) -> AsyncIterator[tuple[str, list[bytes]]]:
    inbox, heard = bus.client.new_inbox(), []

    async def note(message: Msg) -> None:
        if message.data:
            heard.append(message.data)

    subscription = await bus.client.subscribe(inbox, cb=note)
    yield inbox, heard
    await subscription.unsubscribe()


def _create(config: Mapping[str, object]) -> dict[str, object]:
    return {"stream_name": "EVENTS", "config": config}
