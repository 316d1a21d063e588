"""Uses of rights, on both engines: counted once, at the price agreed, told to the home as numbers."""

import asyncio
from collections.abc import Sequence

import pytest
from engines import Databases
from reciprocity import (
    CAMILLE,
    JO,
    NORTH,
    SHARED_IDENTITY,
    SOUTH,
    TODAY,
    WEST,
    Ears,
    an_agreement,
    declared,
    settle_in,
    signed,
    told_to,
    used,
)
from servicekit.identifiers import new_id
from servicekit.sql import Database
from shared_identity.agreements import usecases
from shared_identity.agreements.domain import Agreement
from shared_identity.agreements.entitlements import NotTheGrantor, UnknownEntitlement, UsageCount
from shared_identity.schema import METADATA


@pytest.fixture
async def alliance(databases: Databases) -> Database:
    """Three structures, two people who hold a right at the south."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
        await signed(work, an_agreement())
    await Ears(database).hear(declared(new_id("membership")), declared(new_id("membership"), JO))
    return database


async def right_of(database: Database, person_id: str = CAMILLE) -> str:
    async with database.reading() as work:
        [held] = await usecases.open_rights(work, person_id, SOUTH, today=TODAY, after="", limit=9)
    return held.entitlement_id


async def counts(database: Database, structure: str = NORTH, month: str = "2026-11") -> Sequence[UsageCount]:
    async with database.reading() as work:
        return await usecases.counts(work, structure, month, after=("", ""), limit=9)


def numbers(found: Sequence[UsageCount]) -> list[tuple[str, int, int]]:
    return [(count.month, count.half_days, count.cents) for count in found]


async def test_uses_of_everyone_make_one_count_a_month(alliance: Database) -> None:
    camille, jo = await right_of(alliance), await right_of(alliance, JO)
    await Ears(alliance).hear(used(camille, half_days=2), used(jo), used(camille, day="2026-12-01"))
    assert numbers(await counts(alliance)) == [("2026-11", 3, 1_800)]
    assert numbers(await counts(alliance, SOUTH)) == [("2026-11", 3, 1_800)]
    assert numbers(await counts(alliance, month="2026-12")) == [("2026-12", 1, 600)]
    assert await counts(alliance, WEST) == []


async def test_a_use_that_comes_again_counts_once(alliance: Database) -> None:
    """The same fact, and the same use in another fact."""
    right, usage_id = await right_of(alliance), new_id("usage")
    fact = used(right, usage_id)
    await Ears(alliance).hear(fact, fact, used(right, usage_id, half_days=2))
    assert numbers(await counts(alliance)) == [("2026-11", 1, 600)]


async def test_the_home_is_told_how_much_and_nothing_more(alliance: Database) -> None:
    right = await right_of(alliance)
    await Ears(alliance).hear(used(right), used(right))
    said = [(version, body) for name, version, body in await told_to(alliance, NORTH) if name == "usage_count.changed"]
    assert [(version, body["halfDays"]) for version, body in said] == [(1, 1), (2, 2)]
    assert set(said[0][1]) == {"agreementId", "month", "resourceKind", "halfDays"}
    assert [name for name, _, _ in await told_to(alliance, SOUTH) if "usage" in name] == []


async def test_only_who_grants_a_right_records_its_use(alliance: Database) -> None:
    right = await right_of(alliance)
    for other in (NORTH, WEST):
        with pytest.raises(NotTheGrantor):
            await Ears(alliance).hear(used(right, by=other))
    with pytest.raises(UnknownEntitlement):
        await Ears(alliance).hear(used(new_id("entitlement")))
    assert await counts(alliance) == []


async def test_uses_counted_at_once_are_all_counted(alliance: Database) -> None:
    right = await right_of(alliance)
    await asyncio.gather(*(Ears(alliance).hear(used(right)) for _ in range(12)))
    assert numbers(await counts(alliance)) == [("2026-11", 12, 7_200)]


async def test_counts_are_listed_from_page_to_page(alliance: Database) -> None:
    other = await _another_agreement(alliance)
    async with alliance.reading() as work:
        held = await usecases.open_rights(work, CAMILLE, SOUTH, today=TODAY, after="", limit=9)
    await Ears(alliance).hear(*(used(right.entitlement_id) for right in held))
    async with alliance.reading() as work:
        [first] = await usecases.counts(work, NORTH, "2026-11", after=("", ""), limit=1)
        rest = await usecases.counts(work, NORTH, "2026-11", after=(first.agreement_id, first.resource_kind), limit=9)
    assert {first.agreement_id, *(count.agreement_id for count in rest)} >= {other.agreement_id}
    assert len(rest) == 1


async def _another_agreement(database: Database) -> Agreement:
    async with database.work() as work:
        return await signed(work, an_agreement())
