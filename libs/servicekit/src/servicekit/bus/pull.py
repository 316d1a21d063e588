"""Reading one durable consumer: asked ahead of need, watched by heartbeats, given up at the first doubt."""

import asyncio
import contextlib
import json
import secrets
import time
from types import TracebackType
from typing import Self

from nats import errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from servicekit.bus.accounts import inbox, stream_api
from servicekit.bus.connection import Bus, BusUnavailable

_EXPIRES_SECONDS = 30
_HEARTBEAT_SECONDS = 5
_SILENCE_SECONDS = 3 * _HEARTBEAT_SECONDS
_LOOK_SECONDS = 0.5
_STATUS, _DESCRIPTION, _LEFT = "Status", "Description", "Nats-Pending-Messages"
_HEARTBEAT = "100"
_ENDED = {"404", "408"}
_NANOSECONDS = 1_000_000_000


class Pull:
    """Messages of one consumer, at most `ahead` of them on their way; every failure is a BusUnavailable."""

    def __init__(self, bus: Bus, stream: str, consumer: str, *, ahead: int = 500) -> None:
        self._bus = bus
        self._next = f"{stream_api(stream, bus.settings.domain)}.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = f"{inbox(bus.settings.user)}.{secrets.token_hex(11)}"
        self._ahead = ahead
        self._asked = 0
        self._arrived: list[Msg] = []
        self._something = asyncio.Event()
        self._failure: str | None = None
        self._connection = bus.connections
        self._client = bus.client
        self._heard_at = time.monotonic()
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Self:
        try:
            self._subscription = await self._client.subscribe(self._inbox, cb=self._on_message)
        except (errors.Error, OSError) as error:
            raise BusUnavailable(str(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(errors.Error, OSError):
            if self._subscription is not None:
                await self._subscription.unsubscribe()

    async def some(self) -> list[Msg]:
        """The messages that arrived, in their order; waits until there is at least one."""
        await self._ask()
        while not self._arrived:
            self._something.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._something.wait()
            self._look()
            await self._ask()
        arrived, self._arrived = self._arrived, []
        return arrived

    async def _ask(self) -> None:
        wanted = self._ahead - self._asked - len(self._arrived)
        if wanted * 2 < self._ahead:
            return
        if self._asked == 0:
            self._heard_at = time.monotonic()
        self._asked += wanted
        request = {
            "batch": wanted,
            "expires": _EXPIRES_SECONDS * _NANOSECONDS,
            "idle_heartbeat": _HEARTBEAT_SECONDS * _NANOSECONDS,
        }
        try:
            await self._client.publish(self._next, json.dumps(request).encode(), reply=self._inbox)
        except (errors.Error, OSError) as error:
            raise BusUnavailable(str(error)) from error

    async def _on_message(self, message: Msg) -> None:
        self._heard_at = time.monotonic()
        status = message.headers.get(_STATUS) if message.headers and not message.data else None
        if status is None:
            self._asked -= 1
            self._arrived.append(message)
        elif status != _HEARTBEAT:
            self._on_status(status, message.headers or {})
        self._something.set()

    def _on_status(self, status: str, headers: dict[str, str]) -> None:
        left = headers.get(_LEFT)
        if status in _ENDED or left is not None:
            self._asked -= int(left or self._asked)
        else:
            self._failure = f"{status} {headers.get(_DESCRIPTION, '')}"

    def _look(self) -> None:
        """A request does not survive its connection, and a silent server has forgotten it."""
        if self._failure is not None:
            raise BusUnavailable(self._failure)
        if self._connection != self._bus.connections or not self._bus.ready:
            raise BusUnavailable("the connection was lost")
        if time.monotonic() - self._heard_at > _SILENCE_SECONDS:
            raise BusUnavailable("no heartbeat")
