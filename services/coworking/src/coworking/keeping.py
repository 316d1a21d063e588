"""What an instance keeps no longer than it needs: answers to commands for a day, ids of facts heard for two months."""

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.sql import Due, Work, answers, inbox
from servicekit.sql.sweeper import Handler

FORGET = "forget"
_ANSWERS_FOR = timedelta(days=1)
_INBOX_FOR = timedelta(days=60)
"""Twice as long as a stream keeps a fact: none can come again after that."""

_EVERY = timedelta(hours=1)


def forgetting(clock: Clock) -> Handler:
    """Forgets what is too old, and comes back in an hour."""

    async def forget(work: Work, _due: Due) -> None:
        now = clock()
        await answers.forget_before(work, now - _ANSWERS_FOR)
        await inbox.forget_before(work, now - _INBOX_FOR)
        work.schedule(Due(kind=FORGET, key=FORGET, at=now + _EVERY))

    return forget
