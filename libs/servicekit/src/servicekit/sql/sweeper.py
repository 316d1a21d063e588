"""The sweeper: does what is due, once, each in a transaction of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from servicekit.clock import Clock, utc_now
from servicekit.identifiers import new_id
from servicekit.refusals import Refusal, Unavailable
from servicekit.sql import due
from servicekit.sql.due import Due, Taken
from servicekit.sql.engine import Database
from servicekit.sql.lease import Lease
from servicekit.sql.work import Work

_log = structlog.get_logger(__name__)
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)

Handler = Callable[[Work, Due], Awaitable[None]]


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures: 5 s, doubling, an hour at most."""
    doublings = min(attempts, 20)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


class Sweeper:
    """Hands what is due to its handler; the row goes with the handler's effect, or stays and is tried again."""

    def __init__(
        self, db: Database, handlers: Mapping[str, Handler], *, clock: Clock = utc_now, every: float = 1.0
    ) -> None:
        """`every`: seconds between two looks."""
        self._db = db
        self._handlers = handlers
        self._kinds = sorted(handlers)
        self._clock = clock
        self._every = every
        self.lease = Lease(db, "sweeper", new_id("sweeper"), clock=clock)

    async def run(self) -> None:
        """Sweeps until cancelled; a database that is away is waited for."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(self._every)
        finally:
            await self._let_go()

    async def sweep(self) -> int:
        """Does all that is due by now; gives how many were taken in hand, failures included."""
        done = 0
        while await self._one_is_ripe() and await self._handle_next():
            done += 1
        return done

    async def _look(self) -> None:
        try:
            if await self.lease.acquire():
                await self.sweep()
        except Unavailable as away:
            _log.warning("sweep_put_off", reason=away.reason)

    async def _let_go(self) -> None:
        try:
            await self.lease.release()
        except Unavailable as away:
            _log.warning("lease_left_to_lapse", lease=self.lease.name, reason=away.reason)

    async def _one_is_ripe(self) -> bool:
        if not self._kinds:
            return False
        async with self._db.reading() as work:
            return await due.is_ripe(work, self._kinds, self._clock())

    async def _handle_next(self) -> bool:
        taken: Taken | None = None
        try:
            async with self._db.work() as work:
                taken = await due.take(work, self._kinds, self._clock())
                if taken is not None:
                    await self._handlers[taken.due.kind](work, taken.due)
        except Exception as failure:
            if taken is None:
                raise
            await self._postpone(taken, failure)
        return taken is not None

    async def _postpone(self, taken: Taken, failure: Exception) -> None:
        name = failure.reason if isinstance(failure, Refusal) else type(failure).__name__
        until = self._clock() + backoff(taken.attempts)
        _log.error("due_failed", kind=taken.due.kind, key=taken.due.key, attempts=taken.attempts + 1, exc_info=failure)
        async with self._db.work() as work:
            await due.postpone(work, taken, until=until, failure=name)
