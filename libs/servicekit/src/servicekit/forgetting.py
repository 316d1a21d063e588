"""What is kept no longer than it is of use: answers to commands, which hold names, and facts heard long ago."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from servicekit.clock import Clock
from servicekit.sql import Database, Due, Work, answers, inbox
from servicekit.sql.sweeper import Handler

FORGET = "forget"
ANSWERS_KEPT = timedelta(days=1)
INBOX_KEPT = timedelta(days=60)
"""Twice as long as a stream keeps a fact: none can come again after that."""

_EVERY = timedelta(hours=1)
Forget = Callable[[Work, datetime], Awaitable[None]]


def forgetting(clock: Clock, *also: Forget, every: timedelta = _EVERY) -> Handler:
    """The handler of the due row FORGET: forgets what is too old, `also` what the service says, and comes back."""

    async def forget(work: Work, _due: Due) -> None:
        now = clock()
        await answers.forget_before(work, now - ANSWERS_KEPT)
        await inbox.forget_before(work, now - INBOX_KEPT)
        for each in also:
            await each(work, now)
        work.schedule(Due(kind=FORGET, key=FORGET, at=now + every))

    return forget


async def begin_forgetting(db: Database, clock: Clock) -> None:
    """Puts the first sweep on the list; one that is there comes sooner."""
    async with db.work() as work:
        work.schedule(Due(kind=FORGET, key=FORGET, at=clock()))
