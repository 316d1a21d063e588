"""Hearing what one's replicas say, as they say it: for what each of them keeps in memory.

A plain subscription to the subjects only this kind of instance may use: nothing is made or kept for it at the server,
and nothing can be asked of the server through it. What is said while nobody listens is not heard again, so whoever
must know all listens first, reads the database, and reads it again when told that something may have been missed.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from types import TracebackType
from typing import Self

import structlog
from google.protobuf.message import Message
from nats import errors
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from servicekit.bus.accounts import EVENTS
from servicekit.bus.connection import Bus, BusUnavailable
from servicekit.bus.envelope import Malformed, Received, opened
from servicekit.facts import kind_of
from servicekit.origin import Origin

_log = structlog.get_logger(__name__)
_LOOK_SECONDS = 0.5
_MOST_WAITING = 10_000


class Overhearing:
    """The facts of some kinds that instances of one origin announce from now on, this one's own included."""

    def __init__(self, bus: Bus, origin: Origin, messages: Iterable[type[Message]]) -> None:
        self._bus = bus
        self._subjects = [_subject(origin, each) for each in messages]
        self._heard: list[Received] = []
        self._missed = False
        self._something = asyncio.Event()
        self._subscriptions: list[Subscription] = []

    async def __aenter__(self) -> Self:
        """Listens once this returns; raises BusUnavailable."""
        client, self._connection = self._bus.client, self._bus.connections
        if not self._bus.ready:
            raise BusUnavailable("not connected")
        try:
            for subject in self._subjects:
                self._subscriptions.append(await client.subscribe(subject, cb=self._on_message))
            await client.flush()
        except (errors.Error, OSError, TimeoutError) as error:
            raise BusUnavailable(str(error)) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for subscription in self._subscriptions:
            with contextlib.suppress(errors.Error, OSError):
                await subscription.unsubscribe()

    async def some(self) -> list[Received]:
        """What was said since it was last asked, in the order it came; waits until there is something.

        Nothing at all means that something may have been missed.
        """
        while not self._heard and not self._deaf:
            self._something.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._something.wait()
        heard, self._heard = ([], []) if self._deaf else (self._heard, [])
        return heard

    @property
    def _deaf(self) -> bool:
        return self._missed or not self._bus.ready or self._connection != self._bus.connections

    async def _on_message(self, message: Msg) -> None:
        try:
            said = opened(
                message.subject, message.headers or {}, message.data, stream=EVENTS, stream_sequence=0, deliveries=1
            )
        except Malformed as malformed:
            _log.warning("overheard_malformed", why=str(malformed))
            return
        self._heard.append(said)
        self._missed = len(self._heard) > _MOST_WAITING
        self._something.set()


def _subject(origin: Origin, message: type[Message]) -> str:
    """The one subject on which this origin says it."""
    rest = kind_of(message.DESCRIPTOR).filter().split(".")[2:]
    return ".".join([origin.structure, origin.subject_kind, *rest])
