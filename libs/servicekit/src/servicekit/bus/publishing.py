"""Putting facts on the bus: one goes plain, several go as one atomic batch (ADR-50), nothing is told twice."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nats import errors
from nats.aio.client import Client

from servicekit.bus.connection import ApiRefusal, Bus, BusUnavailable, parsed

MOST = 1000
"""How many messages an atomic batch may hold (nats-server's limit)."""
_BATCH_ID = "Nats-Batch-Id"
_BATCH_SEQUENCE = "Nats-Batch-Sequence"
_BATCH_COMMIT = "Nats-Batch-Commit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message on its way."""

    subject: str
    headers: Mapping[str, str]
    body: bytes


class TooLarge(ApiRefusal):
    """The message is larger than the server takes."""

    def __init__(self) -> None:
        super().__init__(code=400, err_code=0, description="larger than the server takes")


async def publish(bus: Bus, message: Outgoing) -> bool:
    """Publishes one message and waits until it is on disk; gives whether the stream already had it.

    Raises ApiRefusal when the stream refuses it, BusUnavailable when no acknowledgement comes: it may be there or not.
    """
    answer = parsed(await _acknowledged(bus, message, {**message.headers}))
    return answer.get("duplicate") is True


async def publish_together(bus: Bus, messages: Sequence[Outgoing]) -> None:
    """Publishes up to `MOST` messages, all or none.

    Raises ApiRefusal when the stream refuses the batch (it holds a repeat, say), BusUnavailable when no
    acknowledgement comes: all may be there, or none.
    """
    client, batch = bus.client, secrets.token_hex(16)
    *first, last = messages
    try:
        for number, message in enumerate(first, start=1):
            headers = {**message.headers, _BATCH_ID: batch, _BATCH_SEQUENCE: str(number)}
            await client.publish(message.subject, message.body, headers=headers)
    except errors.MaxPayloadError as error:
        raise TooLarge from error
    except (errors.Error, OSError) as error:
        raise _away(error) from error
    place = {_BATCH_ID: batch, _BATCH_SEQUENCE: str(len(messages)), _BATCH_COMMIT: "1"}
    parsed(await _acknowledged(bus, last, {**last.headers, **place}, client))


async def _acknowledged(bus: Bus, message: Outgoing, headers: dict[str, str], client: Client | None = None) -> bytes:
    wait = bus.settings.api_timeout
    try:
        answer = await (client or bus.client).request(message.subject, message.body, wait, headers=headers)
    except errors.MaxPayloadError as error:
        raise TooLarge from error
    except (errors.Error, OSError, TimeoutError) as error:
        raise _away(error) from error
    return bytes(answer.data)


def _away(error: Exception) -> BusUnavailable:
    return BusUnavailable(str(error) or type(error).__name__)
