"""Putting facts on the bus: one goes plain, several go as one atomic batch (ADR-50), nothing is told twice."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nats import errors

from servicekit.bus.client import BlockClient, header_lines
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
    answer = parsed(await _acknowledged(bus.client, message, {**message.headers}, bus.settings.api_timeout))
    return answer.get("duplicate") is True


async def publish_together(bus: Bus, messages: Sequence[Outgoing]) -> None:
    """Publishes up to `MOST` messages, all or none.

    Raises ApiRefusal when the stream refuses the batch (it holds a repeat, say), BusUnavailable when no
    acknowledgement comes: all may be there, or none.
    """
    client, batch = bus.client, secrets.token_hex(16)
    *first, last = messages
    try:
        await client.publish_block(
            (message.subject, {**message.headers, _BATCH_ID: batch, _BATCH_SEQUENCE: str(number)}, message.body)
            for number, message in enumerate(first, start=1)
        )
    except errors.MaxPayloadError as error:
        raise TooLarge from error
    except (errors.Error, OSError) as error:
        raise _away(error) from error
    place = {_BATCH_ID: batch, _BATCH_SEQUENCE: str(len(messages)), _BATCH_COMMIT: "1"}
    parsed(await _acknowledged(client, last, {**last.headers, **place}, bus.settings.api_timeout))


async def _acknowledged(client: BlockClient, message: Outgoing, headers: dict[str, str], wait: float) -> bytes:
    if len(header_lines(headers)) + len(message.body) > client.max_payload:
        raise TooLarge
    try:
        answer = await client.request(message.subject, message.body, wait, headers=headers)
    except (errors.Error, OSError, TimeoutError) as error:
        raise _away(error) from error
    return bytes(answer.data)


def _away(error: Exception) -> BusUnavailable:
    return BusUnavailable(str(error) or type(error).__name__)
