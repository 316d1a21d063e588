"""The limit of the bus: nats-py on the same server, with the same headers, bodies and streams, and no layer of ours."""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

TOGETHER = 250
"""How many facts a transaction of the raw consumer takes in: as many as our subscriber's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A message with all its headers, its place in a batch among them."""

    subject: str
    headers: dict[str, str]
    body: bytes


def batched(messages: Sequence[tuple[str, dict[str, str], bytes]], size: int) -> Sequence[Sequence[Ready]]:
    """Messages made ready to go as atomic batches (ADR-50), before anything is timed."""
    batches = []
    for start in range(0, len(messages), size):
        batch, part = secrets.token_hex(16), messages[start : start + size]
        ready = []
        for number, (subject, headers, body) in enumerate(part, start=1):
            place = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)}
            last = {"Nats-Batch-Commit": "1"} if number == len(part) else {}
            ready.append(Ready(subject=subject, headers={**headers, **place, **last}, body=body))
        batches.append(ready)
    return batches


async def publish(client: Client, batches: Sequence[Sequence[Ready]]) -> None:
    """Publishes batch after batch; each is on disk before the next begins."""
    for *first, last in batches:
        for message in first:
            await client.publish(message.subject, message.body, headers=message.headers)
        answer = await client.request(last.subject, last.body, timeout=10, headers=last.headers)
        if "error" in json.loads(answer.data):
            raise RuntimeError(answer.data.decode())


class Hand(Protocol):
    """Writes what was heard, by hand."""

    async def take(self, messages: Sequence[Msg]) -> None:
        """One transaction."""


async def consume(
    jetstream: JetStreamContext, stream: str, subject: str, durable: str, *, most: int, hand: Hand
) -> None:
    """Takes in so many messages: fetched by hundreds, written in one transaction, then acknowledged."""
    facts = await jetstream.pull_subscribe(subject, durable=durable, stream=stream)
    done = 0
    while done < most:
        messages = await facts.fetch(min(TOGETHER, most - done), timeout=10)
        await hand.take(messages)
        for message in messages:
            await message.ack()
        done += len(messages)
    await facts.unsubscribe()


async def listen(
    jetstream: JetStreamContext, stream: str, subject: str, heard: Callable[[Msg], Awaitable[None]]
) -> None:
    """Hands over each message as it comes, and acknowledges it; until cancelled."""
    facts = await jetstream.pull_subscribe(subject, durable="raw_listener", stream=stream)
    while True:
        try:
            for message in await facts.fetch(1, timeout=30):
                await heard(message)
                await message.ack()
        except TimeoutError:
            continue
