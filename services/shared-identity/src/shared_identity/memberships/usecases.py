"""What is done about memberships and staff roles: structures declare them, tokens and lists are made from them."""

from collections.abc import Collection, Sequence
from datetime import date

from servicekit.sql import Work

from shared_identity.memberships import storage
from shared_identity.memberships.domain import (
    MEMBER,
    Belonging,
    Declaration,
    Ending,
    Held,
    Membership,
    MembershipKind,
    MembershipOfAnotherStructure,
    MembershipState,
    StaffRole,
    UnknownMembership,
)
from shared_identity.people import usecases as people
from shared_identity.posts import usecases as posts
from shared_identity.structures import usecases as structures

Key = storage.Key


async def declare(work: Work, said: Declaration) -> None:
    """A structure declares a membership; what is older than what it said before changes nothing.

    Raises UnknownPerson, UnknownStructure, MembershipOfAnotherStructure or MembershipOfAnotherPerson.
    """
    await people.myself(work, said.person_id)
    await structures.hold(work, said.structure)
    held = await storage.read(work, said.membership_id)
    await _keep(work, Membership(declared=said) if held is None else held.redeclared(said))


async def end(work: Work, said: Ending) -> None:
    """A structure ends a membership; what is older than what it said before changes nothing.

    Raises UnknownMembership as long as its declaration has not arrived; otherwise as `declare` does.
    """
    await structures.hold(work, said.structure)
    held = await storage.read(work, said.membership_id)
    if held is None:
        raise UnknownMembership(field="membership_id")
    await _keep(work, held.ended(said))


async def note_staff_role(work: Work, said: StaffRole) -> None:
    """A service says what its staff record gives or no longer gives.

    Raises UnknownPerson, or UnknownStructure when the structure it belongs to is not one of the groupement.
    """
    await people.myself(work, said.person_id)
    await structures.structure(work, said.structure)
    await storage.note(work, said)


async def roles_at(work: Work, person_id: str, structure: str, today: date) -> frozenset[str]:
    """The roles a person holds at a structure: declared by its services, carried by posts, and MEMBER."""
    declared = await storage.declared_roles(work, person_id, structure)
    carried = await posts.roles_at(work, person_id, structure, today)
    is_member = await storage.is_member(work, person_id, structure, today)
    return declared | carried | ({MEMBER} if is_member else frozenset())


async def belonging_to(work: Work, person_ids: Collection[str], structure: str, today: date) -> set[str]:
    """Those of these people who are members of a structure or hold a post there, today or from a later day on."""
    members = await storage.members(work, person_ids, structure, today)
    return members | await posts.holders_at(work, person_ids, structure, today)


async def belonging(work: Work, person_id: str, today: date) -> Belonging:
    """The structures a person belongs to: by a membership in force, by a post, or on the staff of a service."""
    stays = [*await storage.stays(work, person_id, today), *await posts.stays_of(work, person_id, today)]
    return Belonging.of(stays, await storage.staff_of(work, person_id), today)


async def member_of(work: Work, person_id: str, today: date) -> frozenset[str]:
    """The structures at which a person's membership is in force."""
    stays = await storage.stays(work, person_id, today)
    return frozenset(structure for structure, period in stays if period.covers(today))


async def of_person(
    work: Work, person_id: str, structure: str, *, after: Key | None, limit: int
) -> Sequence[Membership]:
    """A person's memberships at one structure, newest first."""
    return await storage.of_person(work, person_id, structure, after=after, limit=limit)


async def of_structure(
    work: Work, structure: str, *, in_force_on: date | None, after: Key | None, limit: int
) -> Sequence[Membership]:
    """A structure's memberships, oldest first; those in force on a day, when one is given."""
    at = None if in_force_on is None else (MembershipState.IN_FORCE, in_force_on)
    return await storage.of_structure(work, structure, at=at, kind=None, after=after, limit=limit)


async def at_state(
    work: Work,
    structure: str,
    today: date,
    *,
    state: MembershipState | None,
    kind: MembershipKind | None,
    after: Key | None,
    limit: int,
) -> Sequence[Membership]:
    """A structure's memberships, oldest first; those of one state today, of one kind, when these are given."""
    at = None if state is None else (state, today)
    return await storage.of_structure(work, structure, at=at, kind=kind, after=after, limit=limit)


async def counts(work: Work, structure: str, today: date) -> Sequence[tuple[MembershipState, MembershipKind, int]]:
    """How many memberships a structure has, by where they stand today and by kind."""
    return await storage.counts(work, structure, today)


async def entitling(
    work: Work, structure: str, kinds: Collection[MembershipKind], person_id: str | None = None
) -> Sequence[Membership]:
    """The memberships of some kinds at a structure that can still be in force; of one person, or of all."""
    return await storage.open_at(work, structure, kinds, person_id)


async def held_between(work: Work, first: date, last: date) -> Sequence[Held]:
    """What people were to structures on some day of a stretch, person by person."""
    return await storage.held_between(work, first, last)


async def _keep(work: Work, said: Membership) -> None:
    if not await storage.write(work, said):
        raise MembershipOfAnotherStructure(field="membership_id")
