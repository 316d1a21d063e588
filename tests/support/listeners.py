"""An integration as a third party would write one: plain nats-py, a key of its own, the consumers made for it."""

import asyncio
import contextlib
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

STREAMS = ("EVENTS", "FEDERATION")


@dataclass(frozen=True)
class Heard:
    """One fact as it came: its subject, its headers, its body as text."""

    stream: str
    subject: str
    headers: dict[str, str]
    body: str

    @property
    def aggregate(self) -> str:
        return self.headers["ce-subject"]

    @property
    def version(self) -> int:
        return int(self.headers["ce-sequence"])

    def text(self) -> str:
        """Everything it says, to search in."""
        return "\n".join((self.subject, json.dumps(self.headers), self.body))


@dataclass
class Integration:
    """Listens to one account's two streams from their beginning and keeps what it heard, in order."""

    account: str
    name: str
    url: str
    seed: Path
    authority: Path
    heard: list[Heard] = field(default_factory=list)
    _client: Client | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Connect and begin to listen."""
        self._client = await nats.connect(
            self.url,
            nkeys_seed=str(self.seed),
            tls=ssl.create_default_context(cafile=str(self.authority)),
            tls_handshake_first=True,
            inbox_prefix=f"_INBOX.{self.name}",
            max_reconnect_attempts=-1,
        )
        self._tasks = [asyncio.create_task(self._listen(stream)) for stream in STREAMS]

    async def stop(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def _listen(self, stream: str) -> None:
        assert self._client is not None
        facts = await self._client.jetstream().pull_subscribe_bind(f"integration_{self.name}", stream)
        while True:
            with contextlib.suppress(TimeoutError):
                for message in await facts.fetch(100, timeout=1):
                    self.heard.append(_heard(stream, message))
                    await message.ack()


def _heard(stream: str, message: Msg) -> Heard:
    return Heard(
        stream=stream, subject=message.subject, headers=dict(message.headers or {}), body=message.data.decode()
    )


def out_of_order(facts: list[Heard]) -> list[str]:
    """The aggregates of which a version came after a higher one."""
    highest: dict[tuple[str, str], int] = {}
    wrong = []
    for fact in facts:
        key = (fact.stream, fact.aggregate)
        if fact.version < highest.get(key, 0):
            wrong.append(fact.aggregate)
        highest[key] = max(fact.version, highest.get(key, 0))
    return wrong
