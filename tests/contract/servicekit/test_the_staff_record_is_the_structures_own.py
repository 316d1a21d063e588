"""The staff record: roles given and taken back, each change with its version for the fact that tells of it."""

import asyncio
from datetime import timedelta

import pytest
from servicekit import staff
from servicekit.sql import Database
from servicekit.staff import RoleUnknown, StaffChange, StaffRole
from stored import AT


async def grant(database: Database, person: str, role: str) -> StaffChange:
    async with database.work() as work:
        return await staff.grant(work, person, role, AT)


async def revoke(database: Database, person: str, role: str) -> StaffChange:
    async with database.work() as work:
        return await staff.revoke(work, person, role, AT + timedelta(days=1))


async def roles(database: Database, person: str) -> frozenset[str]:
    async with database.reading() as work:
        return await staff.roles_of(work, person)


async def test_a_role_granted_is_held_until_it_is_revoked(house: Database) -> None:
    await grant(house, "person_1", "ADVISOR")
    await grant(house, "person_1", "ADMIN")
    assert await roles(house, "person_1") == {"ADVISOR", "ADMIN"}
    await revoke(house, "person_1", "ADVISOR")
    assert await roles(house, "person_1") == {"ADMIN"}


async def test_someone_else_holds_nothing(house: Database) -> None:
    await grant(house, "person_1", "ADVISOR")
    assert await roles(house, "person_2") == frozenset()


async def test_each_change_has_the_next_version(house: Database) -> None:
    changes = [
        await grant(house, "person_1", "ADVISOR"),
        await revoke(house, "person_1", "ADVISOR"),
        await grant(house, "person_1", "ADVISOR"),
    ]
    assert [change.version for change in changes] == [1, 2, 3]
    assert all(change.changed for change in changes)
    assert {change.aggregate_id for change in changes} == {"person_1.advisor"}


async def test_granting_or_revoking_again_changes_nothing(house: Database) -> None:
    assert not (await revoke(house, "person_1", "ADVISOR")).changed
    await grant(house, "person_1", "ADVISOR")
    again = await grant(house, "person_1", "ADVISOR")
    assert (again.changed, again.version) == (False, 1)
    await revoke(house, "person_1", "ADVISOR")
    again = await revoke(house, "person_1", "ADVISOR")
    assert (again.changed, again.version) == (False, 2)


async def test_granted_by_two_at_once_it_changes_once(twins: tuple[Database, Database]) -> None:
    changes = await asyncio.gather(*(grant(twins[number % 2], "person_1", "ADVISOR") for number in range(8)))
    assert sum(change.changed for change in changes) == 1


@pytest.mark.parametrize("role", ["MEMBER", "UNSPECIFIED", "advisor", "KING", ""])
async def test_what_is_no_role_of_staff_is_refused(house: Database, role: str) -> None:
    for change in (grant, revoke):
        with pytest.raises(RoleUnknown) as refused:
            await change(house, "person_1", role)
        assert refused.value.field == "role"


async def test_the_record_is_listed_by_pages(house: Database) -> None:
    for person in ("person_2", "person_1"):
        for role in ("ADVISOR", "ADMIN"):
            await grant(house, person, role)
    await grant(house, "person_3", "ADVISOR")
    await revoke(house, "person_3", "ADVISOR")
    async with house.reading() as work:
        first = await staff.list_roles(work, limit=3)
        rest = await staff.list_roles(work, after=(first[-1].person_id, first[-1].role), limit=3)
    assert [(each.person_id, each.role) for each in [*first, *rest]] == [
        ("person_1", "ADMIN"),
        ("person_1", "ADVISOR"),
        ("person_2", "ADMIN"),
        ("person_2", "ADVISOR"),
    ]
    assert first[0] == StaffRole(person_id="person_1", role="ADMIN", granted_at=AT)
