"""Structures and posts, on both engines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from engines import Databases
from reciprocity import (
    CAMILLE,
    JO,
    NOBODY,
    NORTH,
    NOW,
    SHARED_IDENTITY,
    SINCE,
    SOUTH,
    TODAY,
    WEST,
    a_structure,
    settle_in,
    told,
)
from servicekit.sql import Database
from shared_identity.days import Period
from shared_identity.memberships import usecases as memberships
from shared_identity.people.domain import UnknownPerson
from shared_identity.posts import usecases as posts
from shared_identity.posts.domain import BearerUnknown, EmployerUnknown, Post, PostShare
from shared_identity.schema import METADATA
from shared_identity.structures import usecases as structures
from shared_identity.structures.domain import UnknownStructure


@pytest.fixture
async def alliance(databases: Databases) -> Database:
    """Three structures, two people."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    return database


def direction(number: int = 1, *, bearers: Sequence[str] = (NORTH, SOUTH), period: Period = SINCE) -> Post:
    part = 10_000 // len(bearers)
    return Post(
        post_id=f"post_{number:032x}",
        title="Direction",
        person_id=CAMILLE,
        employer=NORTH,
        shares=tuple(
            PostShare(structure=bearer, basis_points=part, roles=frozenset({"DIRECTOR", "ADVISOR"}))
            for bearer in bearers
        ),
        period=period,
    )


async def fill(database: Database, *filled: Post) -> list[bool]:
    async with database.work() as work:
        return [await posts.fill(work, each) for each in filled]


async def roles(database: Database, structure: str, ahead: int = 0) -> set[str]:
    async with database.reading() as work:
        return set(await memberships.roles_at(work, CAMILLE, structure, TODAY + timedelta(days=ahead)))


async def test_structures_stand_in_the_order_they_entered(alliance: Database) -> None:
    async with alliance.work() as work:
        earlier = Period(start=SINCE.start - timedelta(days=1))
        await structures.enter(work, a_structure("zenith", earlier), now=NOW)
        assert await structures.name_groupement(work, "L'alliance", "ensemble")
        groupement = await structures.groupement(work)
    assert (groupement.name, groupement.signature) == ("L'alliance", "ensemble")
    assert [entered.slug for entered in groupement.structures] == ["zenith", WEST, NORTH, SOUTH]


async def test_everyone_is_told_when_a_structure_changes_and_only_then(alliance: Database) -> None:
    moved = replace(a_structure(NORTH), data_contact="nouveau@le-nord.example")
    async with alliance.work() as work:
        assert await structures.enter(work, moved, now=NOW)
        assert not await structures.enter(work, moved, now=NOW)
        assert await structures.structure(work, NORTH) == moved
    changes = [it.fact for it in await told(alliance) if it.fact.kind.noun == "structure"]
    assert [(fact.aggregate_id, fact.version, fact.kind.audience) for fact in changes] == [
        (NORTH, 1, "all"),
        (SOUTH, 1, "all"),
        (WEST, 1, "all"),
        (NORTH, 2, "all"),
    ]


async def test_there_is_no_structure_but_those_that_entered(alliance: Database) -> None:
    async with alliance.work() as work:
        with pytest.raises(UnknownStructure):
            await structures.structure(work, "ailleurs")
        with pytest.raises(UnknownStructure):
            await structures.hold(work, "ailleurs")


async def test_a_post_gives_its_roles_where_it_is_borne_while_it_lasts(alliance: Database) -> None:
    await fill(alliance, direction(period=Period(start=TODAY, end=TODAY + timedelta(days=1))))
    assert await roles(alliance, NORTH) == await roles(alliance, SOUTH) == {"DIRECTOR", "ADVISOR"}
    assert await roles(alliance, WEST) == set()
    assert await roles(alliance, NORTH, ahead=-1) == await roles(alliance, NORTH, ahead=2) == set()


async def test_a_post_changes_hands_and_parts(alliance: Database) -> None:
    post = direction()
    assert await fill(alliance, post, post) == [True, False]
    assert await fill(alliance, replace(direction(bearers=(SOUTH,)), person_id=JO)) == [True]
    assert await roles(alliance, NORTH) == await roles(alliance, SOUTH) == set()
    async with alliance.reading() as work:
        assert await posts.borne_by(work, NORTH, after=None, limit=9) == []
        assert await posts.holders_at(work, [CAMILLE, JO], SOUTH, TODAY) == {JO}


async def test_a_structure_lists_the_posts_it_bears_a_part_of_the_oldest_first(alliance: Database) -> None:
    sooner = Period(start=SINCE.start - timedelta(days=1))
    await fill(alliance, direction(1), direction(2, bearers=(SOUTH,)), direction(3, period=sooner))
    async with alliance.reading() as work:
        first = await posts.borne_by(work, NORTH, after=None, limit=1)
        rest = await posts.borne_by(work, NORTH, after=(first[0].period.start, first[0].post_id), limit=9)
    assert [post.post_id for post in (*first, *rest)] == [direction(3).post_id, direction(1).post_id]
    assert {share.structure: bool(share.roles) for share in first[0].shares} == {NORTH: True, SOUTH: False}


async def test_a_post_is_held_by_somebody_and_borne_by_structures_of_the_groupement(alliance: Database) -> None:
    for wrong, refusal in (
        (replace(direction(), person_id=NOBODY), UnknownPerson),
        (replace(direction(), employer="ailleurs"), EmployerUnknown),
        (direction(bearers=(NORTH, "ailleurs")), BearerUnknown),
    ):
        with pytest.raises(refusal):
            await fill(alliance, wrong)
