"""What is kept no longer than it is of use: codes, challenges, logins, tries, answers; swept every ten minutes."""

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.sql import Database, Due, Work, answers
from servicekit.sql.sweeper import Handler

from shared_identity.oidc import usecases as oidc
from shared_identity.people import usecases as people
from shared_identity.sign_in import usecases as sign_in
from shared_identity.throttling import usecases as throttling

KIND = "forget_expired"
_EVERY = timedelta(minutes=10)
_ANSWERS = timedelta(days=1)


def forgetting(clock: Clock) -> Handler:
    """The handler of the due row that forgets, and comes back ten minutes later."""

    async def forget(work: Work, _due: Due) -> None:
        now = clock()
        for slice_ in (throttling, people, sign_in, oidc):
            await slice_.forget_expired(work, now)
        await answers.forget_before(work, now - _ANSWERS)
        work.schedule(Due(kind=KIND, key=KIND, at=now + _EVERY))

    return forget


async def begin(db: Database, clock: Clock) -> None:
    """Puts the first sweep on the list."""
    async with db.work() as work:
        work.schedule(Due(kind=KIND, key=KIND, at=clock()))
