"""Once the time that the arrangement told them is over, nothing names who registered, and the figures stay."""

from dataclasses import replace
from datetime import timedelta

import pytest
from evening import LODGING, STARTS, Hall, enrol, evening, prepare
from gathering import ENDS, EVENT, MEMBER, SECOND, arrangement
from reciprocity import NORTH
from servicekit.sql import Database, Due
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.parts import FEWEST_DAYS_KEPT
from shared_identity.joint_events.usecases import REGISTRANTS_FORGOTTEN
from shared_identity.outcomes.gatherings import gatherings
from shared_identity.registrations import closing, doors
from shared_identity.registrations.domain import State
from shared_identity.registrations.refused import UnknownTicket
from shared_identity.registrations.subscribers import due_handlers
from shared_identity.registrations.tables import invitation, registration, registration_address
from sqlalchemy import select

RETENTION = timedelta(days=90)
CANARY = "zebuline"


async def after_the_evening(database: Database) -> Hall:
    """A visitor, a member and somebody invited had seats; the first two came, and the event is closed."""
    await prepare(database, size=4)
    async with database.work() as work:
        await enrol(work, MEMBER, NORTH)
    hall = Hall(database=database)
    visitor = await hall.register(f"{CANARY}@demo.example", LODGING, organisation=CANARY, diet=CANARY)
    member = await hall.register_me(MEMBER)
    await hall.invite(SECOND, f"{CANARY}.2@demo.example")
    hall.now = ENDS + timedelta(hours=1)
    async with database.work() as work:
        await joint_events.close(work, EVENT, hall.now)
        await closing.close(work, hall.office, EVENT, {visitor.registration_id, member.registration_id}, now=hall.now)
    return hall


async def forget(hall: Hall) -> None:
    """What the due row does."""
    handler = due_handlers(hall.office, lambda: hall.now)[REGISTRANTS_FORGOTTEN]
    async with hall.database.work() as work:
        await handler(work, Due(kind=REGISTRANTS_FORGOTTEN, key=EVENT, at=hall.now))


async def written(database: Database) -> str:
    """All that is kept of registrations, as text."""
    async with database.reading() as work:
        rows = [
            row
            for table in (registration, registration_address, invitation)
            for row in await work.execute(select(table))
        ]
    return "\n".join(str(tuple(row)) for row in rows)


async def test_nothing_names_them_once_their_time_is_over(identity_db: Database) -> None:
    hall = await after_the_evening(identity_db)
    assert CANARY in await written(identity_db)
    hall.now = ENDS + RETENTION
    await forget(hall)
    left = await written(identity_db)
    assert CANARY not in left
    assert MEMBER not in left


async def test_a_day_before_they_are_all_still_there(identity_db: Database) -> None:
    hall = await after_the_evening(identity_db)
    before = await written(identity_db)
    hall.now = ENDS + RETENTION - timedelta(days=1)
    await forget(hall)
    assert await written(identity_db) == before


async def test_no_ticket_opens_what_was_forgotten(identity_db: Database) -> None:
    hall = await after_the_evening(identity_db)
    held = (await hall.all())[0]
    hall.now = ENDS + RETENTION
    await forget(hall)
    with pytest.raises(UnknownTicket):
        await hall.ticket(held)


async def test_the_figures_stay_as_they_were(identity_db: Database) -> None:
    hall = await after_the_evening(identity_db)
    day = STARTS.date()
    async with identity_db.reading() as work:
        [before], counts = await gatherings(work, day, day), await doors.counts(work, EVENT)
    hall.now = ENDS + RETENTION
    await forget(hall)
    async with identity_db.reading() as work:
        [after] = await gatherings(work, day, day)
        assert await doors.counts(work, EVENT) == counts == {State.ATTENDED: 2}
    assert (before.attended.count(MEMBER), before.unnamed) == (1, {})
    assert (after.registered, len(after.attended), after.unnamed) == (2, 2, {NORTH: 1})


async def test_nobody_is_forgotten_as_long_as_doors_still_tell_who_came(identity_db: Database) -> None:
    said = evening()
    at_once = replace(arrangement(), version=1, retention_days=0)
    organisers = tuple(replace(held, approvals=frozenset({1})) for held in said.organisers)
    await prepare(identity_db, event=replace(said, organisers=organisers, arrangement=at_once, in_force=at_once))
    hall = Hall(database=identity_db)
    await hall.register(f"{CANARY}@demo.example")
    hall.now = ENDS + timedelta(days=FEWEST_DAYS_KEPT, seconds=-1)
    await forget(hall)
    assert CANARY in await written(identity_db)
    hall.now += timedelta(seconds=1)
    await forget(hall)
    assert CANARY not in await written(identity_db)


async def test_the_arrangement_in_force_says_when_and_time_does_it(identity_db: Database) -> None:
    """An event that lasts a day longer is forgotten a day later, without anybody's doing."""
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await hall.register(f"{CANARY}@demo.example")
    async with identity_db.work() as work:
        held = await joint_events.held(work, EVENT)
        longer = replace(held, details=replace(held.details, ends_at=ENDS + timedelta(days=1)))
        await joint_events.keep(work, held, longer, now=hall.now)
    for days, gone in ((0, False), (1, True)):
        hall.now = ENDS + RETENTION + timedelta(days=days)
        await hall.sweep()
        assert (CANARY not in await written(identity_db)) == gone
