"""Whoever takes seats of several sessions takes them in the order in which all of an event's are held."""

import asyncio

from evening import CLOTHING, LODGING, Hall, prepare
from gathering import EVENT
from servicekit.sql import Database
from shared_identity.seats import storage, usecases


async def test_two_sessions_are_taken_while_somebody_else_holds_all_seats(identity_db: Database) -> None:
    """The first session was given its seats after the other: its pool comes later than its name."""
    await prepare(identity_db)
    async with identity_db.work() as work:
        assert await usecases.drop(work, (await Hall(database=identity_db).pool(LODGING)).pool_id)
        await usecases.set_session_size(work, EVENT, LODGING, 2)

    async def hold_all() -> None:
        async with identity_db.work() as work:
            await usecases.lock(work, EVENT)

    async with identity_db.work() as work:
        assert await storage.take_session(work, EVENT, LODGING)
        holding = asyncio.create_task(hold_all())
        await asyncio.sleep(0.3)
        assert await storage.take_session(work, EVENT, CLOTHING)
    await holding
