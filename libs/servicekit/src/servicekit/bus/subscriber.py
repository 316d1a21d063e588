"""The subscriber: facts taken in once, in the order of each aggregate, many at a time when many wait."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from nats import errors
from nats.aio.msg import Msg

from servicekit.bus.accounts import DEAD_LETTERS
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.consumers import make_listener
from servicekit.bus.dead_letters import brought_back, bury
from servicekit.bus.envelope import Malformed, Received, received
from servicekit.bus.holding import BACKOFF, Holding
from servicekit.bus.intake import Intake
from servicekit.bus.pull import Pull
from servicekit.bus.subscriptions import Subscription, Subscriptions
from servicekit.bus.workers import still_wanted, this_worker
from servicekit.clock import Clock, utc_now
from servicekit.metrics import DEAD_LETTERS as DEAD
from servicekit.metrics import SUBSCRIBER_LAG
from servicekit.refusals import Refusal, Unavailable
from servicekit.sql import Database, DatabaseAway, DatabaseBusy, Lease

_log = structlog.get_logger(__name__)
_LEASE = timedelta(seconds=6)
_REST_SECONDS = 1.0
_TOGETHER = 250
"""How many facts one transaction takes in at most, and half of what is asked for ahead."""


class LeaseLost(Exception):
    """Another worker took over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A message and the fact it carries."""

    message: Msg
    fact: Received


class Subscriber:
    """Listens for an instance; of several workers, the one that holds the lease does.

    `name` is the instance's kind, in snake_case: its durable consumers carry it, and so do its rows of the inbox.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        name: str,
        subscriptions: Iterable[Subscription[Any]],
        *,
        max_attempts: int = 5,
        backoff: Sequence[float] = BACKOFF,
        clock: Clock = utc_now,
        holder: str = "",
    ) -> None:
        self._bus = bus
        self._name = name
        self._subscriptions = Subscriptions(subscriptions)
        self._intake = Intake(db, name, self._subscriptions, clock)
        self._max_attempts = max_attempts
        self._holding = Holding(backoff)
        self._lease = Lease(db, f"subscriber {name}", holder or this_worker(), _LEASE)

    @property
    def tally(self) -> Counter[str]:
        """How many facts were `fresh`, `seen` or `older`, how many tries `failed`, how many facts are `dead`."""
        return self._intake.tally

    async def run(self) -> None:
        """Listens until cancelled; then gives the lease up."""
        try:
            while True:
                await self._until_leased()
                await self._listen_while_leased()
        finally:
            with contextlib.suppress(Unavailable):
                await self._lease.release()

    async def _until_leased(self) -> None:
        while not await self._leased():
            await _rest()

    async def _listen_while_leased(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_lease())
                for stream in (*self._subscriptions.streams(), DEAD_LETTERS):
                    tasks.create_task(self._follow(stream))
        except* LeaseLost:
            _log.warning("subscriber_lease_lost", subscriber=self._name)

    async def _keep_lease(self) -> None:
        while await self._leased() or self._lease.held:
            await _rest()
        raise LeaseLost

    async def _leased(self) -> bool:
        try:
            return await self._lease.acquire()
        except Unavailable as trouble:
            still_wanted()
            _log.warning("subscriber_waits", subscriber=self._name, why=str(trouble))
            return False

    async def _follow(self, stream: str) -> None:
        """Listens to one stream for ever, binding to its consumer again after any trouble."""
        while True:
            try:
                await self._bus.wait_ready()
                await make_listener(self._bus, stream, self._name, self._subscriptions.filters(stream))
                async with Pull(self._bus, stream, self._name, ahead=2 * _TOGETHER) as pull:
                    while True:
                        await self._process(await pull.some())
            except (Unavailable, ApiRefusal, errors.Error, OSError) as trouble:
                still_wanted()
                _log.warning("subscriber_rebinds", subscriber=self._name, stream=stream, why=str(trouble))
            except Exception:
                _log.exception("subscriber_failed", subscriber=self._name, stream=stream)
            await _rest()

    async def _process(self, messages: Sequence[Msg]) -> None:
        for start in range(0, len(messages), _TOGETHER):
            await self._patiently(await self._opened(messages[start : start + _TOGETHER]))
        place = messages[-1].metadata
        SUBSCRIBER_LAG.labels(f"{self._name}/{place.stream}").set(place.num_pending)

    async def _opened(self, messages: Sequence[Msg]) -> Sequence[Delivery]:
        """The facts in their envelopes; what has none of ours dies at once."""
        deliveries = []
        for message in messages:
            try:
                fact = brought_back(message) or received(message)
                deliveries.append(Delivery(message=message, fact=fact))
            except Malformed as error:
                await self._bury(message, error)
        return deliveries

    async def _patiently(self, deliveries: Sequence[Delivery]) -> None:
        """A database that is away is nobody's fault: the same facts are tried until it is back."""
        while True:
            try:
                return await self._take(deliveries)
            except (DatabaseBusy, DatabaseAway) as trouble:
                still_wanted()
                _log.warning("subscriber_waits", subscriber=self._name, why=str(trouble))
                await _rest()

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        """All in one transaction; when one fails, each half in its own, down to the one that is at fault."""
        due = await self._due(deliveries)
        if not due:
            return
        try:
            await self._intake.take([each.fact for each in due])
        except (DatabaseBusy, DatabaseAway):
            raise
        except Exception as error:
            still_wanted()
            await self._narrow(due, error)
        else:
            await self._taken(due)

    async def _narrow(self, deliveries: Sequence[Delivery], error: Exception) -> None:
        if len(deliveries) == 1:
            await self._failed(deliveries[0], error)
            return
        middle = len(deliveries) // 2
        await self._take(deliveries[:middle])
        await self._take(deliveries[middle:])

    async def _taken(self, deliveries: Sequence[Delivery]) -> None:
        for each in deliveries:
            await each.message.ack()
        if not self._holding.empty:
            for each in deliveries:
                self._holding.settled(each.fact)

    async def _due(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those to take now; one behind a failed fact of its aggregate is asked for again later."""
        due = []
        for each in deliveries:
            if each.message.is_acked:
                continue
            if self._holding.waits(each.fact):
                await each.message.nak(self._holding.delay(each.fact))
            else:
                due.append(each)
        return due

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        fact = delivery.fact
        attempts = self._holding.failed(fact)
        self.tally["failed"] += 1
        _log.warning("fact_failed", subscriber=self._name, fact=fact.id, attempts=attempts, why=_why(error))
        if attempts >= self._max_attempts or isinstance(error, Malformed):
            await self._bury(delivery.message, error)
            self._holding.settled(fact)
        else:
            await delivery.message.nak(self._holding.delay(fact))

    async def _bury(self, message: Msg, error: Exception) -> None:
        """On disk among the dead letters first, and only then taken off the stream's hands."""
        await bury(self._bus, self._name, message, _why(error))
        await message.term()
        self.tally["dead"] += 1
        DEAD.labels(self._name).inc()
        _log.error("fact_died", subscriber=self._name, subject=message.subject, why=_why(error))


async def _rest() -> None:
    await asyncio.sleep(_REST_SECONDS)


def _why(error: Exception) -> str:
    """What may be written down about a failure: never somebody else's words, they may quote what a person wrote."""
    if isinstance(error, Refusal):
        return error.reason
    return str(error) if isinstance(error, Malformed) else type(error).__name__
