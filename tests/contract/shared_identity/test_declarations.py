"""What structures declare, on both engines: it counts for them alone, once, in whatever order it comes."""

from datetime import timedelta
from itertools import permutations

import pytest
from engines import Databases
from reciprocity import (
    CAMILLE,
    JO,
    NOBODY,
    NORTH,
    NOW,
    SHARED_IDENTITY,
    SOUTH,
    TODAY,
    Ears,
    declared,
    ended,
    granted,
    revoked,
    settle_in,
)
from servicekit.bus.subscriptions import Subscriptions
from servicekit.identifiers import new_id
from servicekit.sql import Database
from shared_identity.assembly import subscriptions
from shared_identity.memberships import usecases
from shared_identity.memberships.domain import (
    Membership,
    MembershipKind,
    MembershipOfAnotherPerson,
    MembershipOfAnotherStructure,
    MembershipState,
    UnknownMembership,
)
from shared_identity.people.domain import UnknownPerson
from shared_identity.schema import METADATA
from shared_identity.structures.domain import UnknownStructure

MEMBERSHIP = "membership_" + "1" * 32


@pytest.fixture
async def alliance(databases: Databases) -> Database:
    """Three structures, two people."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    return database


async def of(database: Database, structure: str = NORTH) -> list[Membership]:
    async with database.reading() as work:
        return list(await usecases.of_structure(work, structure, in_force_on=None, after=None, limit=100))


async def roles(database: Database, person_id: str = CAMILLE, structure: str = NORTH) -> set[str]:
    async with database.reading() as work:
        return set(await usecases.roles_at(work, person_id, structure, TODAY))


async def test_a_membership_is_as_it_was_declared(alliance: Database) -> None:
    await Ears(alliance).hear(declared(MEMBERSHIP, kind=MembershipKind.ALUMNI, start="2026-09-01", end="2026-12-01"))
    [held] = await of(alliance)
    assert (held.declared.kind, held.declared.person_id, held.declared.structure) == ("ALUMNI", CAMILLE, NORTH)
    assert (held.period.start.isoformat(), held.period.end) == ("2026-09-01", TODAY + timedelta(days=28))
    assert await of(alliance, SOUTH) == []


async def test_every_order_of_arrival_leaves_the_same_membership(databases: Databases) -> None:
    said = [declared(MEMBERSHIP), ended(MEMBERSHIP), declared(MEMBERSHIP, start="2026-11-03", version=3)]
    outcomes = []
    for order in permutations(said):
        database = await databases.make(METADATA, SHARED_IDENTITY)
        async with database.work() as work:
            await settle_in(work)
        await Ears(database).hear_until_all_is_said([*order, *order])
        outcomes.append([(held.period, held.closed, held.in_force(TODAY)) for held in await of(database)])
    assert len(outcomes) == 6
    assert all(outcome == outcomes[0] for outcome in outcomes)


async def test_a_declaration_about_nobody_known_is_refused(alliance: Database) -> None:
    with pytest.raises(UnknownPerson):
        await Ears(alliance).hear(declared(MEMBERSHIP, NOBODY))
    with pytest.raises(UnknownPerson):
        await Ears(alliance).hear(granted(NOBODY, "ADVISOR"))
    assert await of(alliance) == []


async def test_a_declaration_from_outside_the_groupement_is_refused(alliance: Database) -> None:
    with pytest.raises(UnknownStructure):
        await Ears(alliance).hear(declared(MEMBERSHIP, by="ailleurs"))
    with pytest.raises(UnknownStructure):
        await Ears(alliance).hear(granted(CAMILLE, "ADVISOR", by="ailleurs"))


async def test_an_ending_waits_for_what_it_ends(alliance: Database) -> None:
    with pytest.raises(UnknownMembership):
        await Ears(alliance).hear(ended(MEMBERSHIP))


async def test_no_structure_takes_over_what_another_declared(alliance: Database) -> None:
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP))
    with pytest.raises(MembershipOfAnotherStructure):
        await ears.hear(declared(MEMBERSHIP, kind=MembershipKind.STAFF, version=9, by=SOUTH))
    with pytest.raises(MembershipOfAnotherStructure):
        await ears.hear(ended(MEMBERSHIP, version=9, by=SOUTH))
    with pytest.raises(MembershipOfAnotherPerson):
        await ears.hear(declared(MEMBERSHIP, JO, version=9))
    [held] = await of(alliance)
    assert (held.declared.structure, held.declared.version, held.in_force(TODAY)) == (NORTH, 1, True)
    assert await of(alliance, SOUTH) == []


async def test_a_membership_in_force_makes_a_member_there_and_nowhere_else(alliance: Database) -> None:
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP), declared(new_id("membership"), JO, start="2026-11-04"))
    assert await roles(alliance) == {"MEMBER"}
    assert await roles(alliance, structure=SOUTH) == set()
    assert await roles(alliance, JO) == set()
    await ears.hear(ended(MEMBERSHIP))
    assert await roles(alliance) == set()


async def test_staff_roles_are_those_any_service_of_the_structure_still_gives(alliance: Database) -> None:
    ears = Ears(alliance)
    await ears.hear(
        granted(CAMILLE, "ADVISOR"), granted(CAMILLE, "ADMIN"), granted(CAMILLE, "ADMIN", service="coworking")
    )
    assert await roles(alliance) == {"ADVISOR", "ADMIN"}
    assert await roles(alliance, structure=SOUTH) == set()
    await ears.hear(revoked(CAMILLE, "ADMIN"), revoked(CAMILLE, "ADVISOR"))
    assert await roles(alliance) == {"ADMIN"}
    await ears.hear(revoked(CAMILLE, "ADMIN", service="coworking"))
    assert await roles(alliance) == set()


async def test_a_role_revoked_stays_revoked_whatever_arrives_late(databases: Databases) -> None:
    """Told without the inbox, which would keep older versions out by itself."""
    said = [granted(CAMILLE, "ADVISOR"), revoked(CAMILLE, "ADVISOR"), granted(CAMILLE, "ADVISOR", version=3)]
    for last in (2, 3):
        for order in permutations(said[:last]):
            database = await databases.make(METADATA, SHARED_IDENTITY)
            async with database.work() as work:
                await settle_in(work)
                for fact in (*order, *order):
                    await Subscriptions(subscriptions(lambda: NOW)).handle(work, fact)
            assert await roles(database) == ({"ADVISOR"} if last == 3 else set())


async def test_lists_go_from_page_to_page_without_a_gap(alliance: Database) -> None:
    names = [f"membership_{number:032x}" for number in range(7)]
    starts = ["2026-09-01", "2026-09-01", "2026-08-01", "2026-10-01", "2026-09-01", "2027-01-01", "2026-07-01"]
    await Ears(alliance).hear(*(declared(name, start=start) for name, start in zip(names, starts, strict=True)))
    oldest_first = [name for _, name in sorted(zip(starts, names, strict=True))]
    forth = await _paged(alliance, newest_first=False)
    assert forth == oldest_first
    assert await _paged(alliance, newest_first=True) == oldest_first[::-1]


async def _paged(database: Database, *, newest_first: bool) -> list[str]:
    seen: list[Membership] = []
    async with database.reading() as work:
        while True:
            after = (seen[-1].period.start, seen[-1].declared.membership_id) if seen else None
            if newest_first:
                page = await usecases.of_person(work, CAMILLE, NORTH, after=after, limit=2)
            else:
                page = await usecases.of_structure(work, NORTH, in_force_on=None, after=after, limit=2)
            if not page:
                return [held.declared.membership_id for held in seen]
            seen.extend(page)


async def test_those_in_force_can_be_asked_for_alone(alliance: Database) -> None:
    over, now, later, left = (new_id("membership") for _ in range(4))
    await Ears(alliance).hear(
        declared(over, end="2026-11-02"),
        declared(now, end="2026-11-03"),
        declared(later, start="2026-11-04"),
        declared(left),
        ended(left, at=NOW),
    )
    async with alliance.reading() as work:
        found = await usecases.of_structure(work, NORTH, in_force_on=TODAY, after=None, limit=10)
    assert [held.declared.membership_id for held in found] == [now]


async def test_memberships_are_listed_and_counted_by_where_they_stand_and_kind(alliance: Database) -> None:
    over, now, later, left, coworking = (new_id("membership") for _ in range(5))
    await Ears(alliance).hear(
        declared(over, end="2026-11-02"),
        declared(now, end="2026-11-03"),
        declared(later, start="2026-11-04"),
        declared(left),
        ended(left, at=NOW),
        declared(coworking, kind=MembershipKind.COWORKER),
    )
    wanted = {"IN_FORCE": {now, coworking}, "TO_COME": {later}, "ENDED": {over, left}}
    async with alliance.reading() as work:
        for state, ids in wanted.items():
            found = await usecases.at_state(
                work, NORTH, TODAY, state=MembershipState(state), kind=None, after=None, limit=10
            )
            assert {held.declared.membership_id for held in found} == ids
        alone = await usecases.at_state(
            work, NORTH, TODAY, state=None, kind=MembershipKind.COWORKER, after=None, limit=10
        )
        counts = await usecases.counts(work, NORTH, TODAY)
    assert [held.declared.membership_id for held in alone] == [coworking]
    assert counts == [
        ("ENDED", "INCUBATED", 2),
        ("IN_FORCE", "COWORKER", 1),
        ("IN_FORCE", "INCUBATED", 1),
        ("TO_COME", "INCUBATED", 1),
    ]
