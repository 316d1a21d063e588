"""What comes with a NUL in it is refused, or not there: PostgreSQL looks for no such text, and we made no mistake."""

from collections.abc import Awaitable, Callable

import pytest
from evening import Hall, prepare
from gathering import EVENT, LEAD
from servicekit.refusals import Invalid, NotFound
from servicekit.sql import Database, Work
from shared_identity.attendance.usecases import present_at
from shared_identity.joint_events import usecases
from shared_identity.registrations import inviting, organising

NUL = "\0"


async def _withdraw(hall: Hall, work: Work) -> object:
    event = await usecases.event(work, EVENT)
    return await organising.withdraw(work, hall.office, event, LEAD, NUL, present_at=present_at, now=hall.now)


async def _revoke(_: Hall, work: Work) -> object:
    return await inviting.revoke(work, await usecases.event(work, EVENT), LEAD, NUL)


async def _read(_: Hall, work: Work) -> object:
    return await usecases.public(work, NUL)


@pytest.mark.parametrize("ask", [_read, _revoke, _withdraw])
async def test_what_is_named_by_no_text_is_not_there(
    identity_db: Database, ask: Callable[[Hall, Work], Awaitable[object]]
) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    with pytest.raises((Invalid, NotFound)):
        async with identity_db.work() as work:
            await ask(hall, work)
