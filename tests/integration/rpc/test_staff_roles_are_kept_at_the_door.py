"""The staff record is read once a person, and a change counts as soon as its transaction has."""

import asyncio

from servicekit import staff
from servicekit.clock import utc_now
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.sql import Database


async def grant(db: Database, role: str, roles: StaffRoles | None = None) -> None:
    async with db.work() as work:
        await staff.grant(work, "person_1", role, utc_now())
        if roles is not None:
            work.after_commit(roles.forget)


async def test_a_role_granted_here_counts_at_once(database: Database) -> None:
    roles = StaffRoles(database)
    assert await roles("person_1") == frozenset()
    await grant(database, "ADVISOR", roles)
    assert await roles("person_1") == {"ADVISOR"}


async def test_a_role_granted_by_another_replica_counts_within_seconds(database: Database) -> None:
    seconds = [0.0]
    roles = StaffRoles(database, fresh=10, monotonic=lambda: seconds[0])
    assert await roles("person_1") == frozenset()
    await grant(database, "ADVISOR")
    assert await roles("person_1") == frozenset()
    seconds[0] = 10.0
    assert await roles("person_1") == {"ADVISOR"}


async def test_what_was_read_while_it_changed_is_not_kept(database: Database) -> None:
    roles = StaffRoles(database)
    reading = asyncio.create_task(roles("person_1"))
    await asyncio.sleep(0)
    roles.forget()
    await reading
    await grant(database, "ADVISOR")
    assert await roles("person_1") == {"ADVISOR"}
