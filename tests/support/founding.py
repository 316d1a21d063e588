"""What an installation puts there before anything is served: structures, people, posts, staff records, coworkers."""

from dataclasses import replace
from datetime import date

from border import Border
from cast import (
    COWORKER,
    HOLDER,
    NORTH,
    SHARED_DIRECTOR,
    SHARED_IDENTITY,
    SOUTH,
    STRUCTURES,
    everybody,
    of,
    person_id,
    staff_of,
)
from coworking.memberships import usecases as memberships
from coworking.memberships.domain import Membership, MembershipKind
from groupement.declaration.v1 import events_pb2 as declarations
from recipes import NOW, PASSWORD
from reciprocity import SINCE, a_structure
from servicekit.identifiers import new_id
from servicekit.rpc.staff_service import grant
from shared_identity.days import Period
from shared_identity.people import usecases as people
from shared_identity.people.domain import Person
from shared_identity.posts import usecases as posts
from shared_identity.posts.domain import Post, PostShare
from shared_identity.structures import usecases as structures
from sovereign import INSTANCES, Sovereign
from trespass import address


async def found(world: Sovereign, border: Border) -> None:
    """Puts everything there, and notes whose it is."""
    await _install_people(world)
    await _fill_posts(world, border)
    await appoint(world)
    for structure in STRUCTURES:
        await _declare_coworker(world, border, structure)


async def appoint(world: Sovereign) -> None:
    """Puts everybody's staff back on the record of each instance, whoever was struck off meanwhile."""
    for instance in INSTANCES:
        structure = instance.partition("@")[2]
        if structure in STRUCTURES:
            async with world.dbs[instance].work() as work:
                for person, role in staff_of(structure):
                    await grant(work, person_id(person), role, now=NOW)
            world.parts[instance].forget()


async def _install_people(world: Sovereign) -> None:
    kept = await world.tools.passwords.hash(PASSWORD)
    async with world.dbs[SHARED_IDENTITY].work() as work:
        for slug in STRUCTURES:
            await structures.enter(work, replace(a_structure(slug), name=f"canary-{slug}-0-0"), now=NOW)
        for number in everybody():
            await people.install(work, _somebody(number, kept))


async def _fill_posts(world: Sovereign, border: Border) -> None:
    halves = tuple(
        PostShare(structure=slug, basis_points=5_000, roles=frozenset({"DIRECTOR"})) for slug in (NORTH, SOUTH)
    )
    filled = [_post(SHARED_DIRECTOR, "Direction", NORTH, halves)]
    for slug in STRUCTURES:
        whole = (PostShare(structure=slug, basis_points=10_000, roles=frozenset({"ACCOUNTANT"})),)
        filled.append(_post(of(slug, 4), f"canary-{slug}-0-0", slug, whole))
    async with world.dbs[SHARED_IDENTITY].work() as work:
        for post in filled:
            await posts.fill(work, post)
            border.post(post.person_id, *post.structures())


async def _declare_coworker(world: Sovereign, border: Border, structure: str) -> None:
    coworker = person_id(of(structure, COWORKER))
    declared = Membership(
        membership_id=new_id("membership"),
        person_id=coworker,
        kind=MembershipKind.COWORKER,
        starts_on=date(2026, 1, 1),
    )
    async with world.dbs[f"coworking@{structure}"].work() as work:
        await memberships.declare(work, declared, now=NOW)
    border.member(coworker, structure, declarations.MEMBERSHIP_KIND_COWORKER)
    border.member(person_id(of(structure, HOLDER)), structure, declarations.MEMBERSHIP_KIND_INCUBATED)


def _post(person: int, title: str, employer: str, shares: tuple[PostShare, ...]) -> Post:
    return Post(
        post_id=new_id("post"),
        title=title,
        person_id=person_id(person),
        employer=employer,
        shares=shares,
        period=Period(start=SINCE.start),
    )


def _somebody(number: int, password_hash: str) -> Person:
    return Person(
        person_id=person_id(number),
        email=address(number),
        given_name=f"canary-person-{number}-1",
        family_name=f"canary-person-{number}-2",
        locale="fr",
        email_verified=True,
        password_hash=password_hash,
        created_at=NOW,
    )
