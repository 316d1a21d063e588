"""Whoever waited for seats while the event was called off is refused: what was true before they waited is no more."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from evening import Hall, enrol, prepare
from gathering import EVENT, MEMBER
from reciprocity import NORTH
from servicekit.sql import Database
from shared_identity.joint_events import usecases as joint_events
from shared_identity.registrations import closing
from shared_identity.registrations.refused import RegistrationClosed
from shared_identity.seats import usecases as seats

ADA = "ada@demo.example"


async def _join(hall: Hall) -> None:
    await hall.join(ADA)


async def _register_me(hall: Hall) -> None:
    await hall.register_me(MEMBER)


@pytest.mark.parametrize("ask", [_join, _register_me])
async def test_who_waited_for_seats_meanwhile_is_refused(
    identity_db: Database, ask: Callable[[Hall], Coroutine[None, None, None]]
) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, NORTH)
    async with identity_db.work() as work:
        await seats.lock(work, EVENT)
        asking = asyncio.create_task(ask(hall))
        await asyncio.sleep(0.3)
        before = await joint_events.held(work, EVENT)
        await joint_events.keep(work, before, before.cancelled("Il pleut."), now=hall.now)
        await closing.call_off(work, hall.office, EVENT, {}, now=hall.now)
    with pytest.raises(RegistrationClosed):
        await asking
    assert await hall.states() == []
