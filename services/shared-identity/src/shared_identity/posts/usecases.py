"""What is done about posts: they are filled by whoever installs the groupement, and read."""

from collections.abc import Collection, Sequence
from datetime import date

from servicekit.sql import Work

from shared_identity.days import Period
from shared_identity.people import usecases as people
from shared_identity.posts import storage
from shared_identity.posts.domain import BearerUnknown, EmployerUnknown, Post
from shared_identity.structures import usecases as structures


async def fill(work: Work, filled: Post) -> bool:
    """A post is filled, or changes; False when nothing did.

    Raises UnknownPerson, EmployerUnknown or BearerUnknown.
    """
    if await storage.read(work, filled.post_id) == filled:
        return False
    await people.myself(work, filled.person_id)
    there = await structures.several(work, filled.structures())
    if filled.employer not in there:
        raise EmployerUnknown(field="employer", structure=filled.employer)
    for stranger in sorted(filled.structures() - there.keys()):
        raise BearerUnknown(field="shares.structure", structure=stranger)
    await storage.write(work, filled)
    return True


async def borne_by(work: Work, structure: str, *, after: tuple[date, str] | None, limit: int) -> Sequence[Post]:
    """The posts a structure bears a part of, oldest first, as it may see them."""
    found = await storage.borne_by(work, structure, after=after, limit=limit)
    return [filled.seen_by(structure) for filled in found]


async def roles_at(work: Work, person_id: str, structure: str, today: date) -> frozenset[str]:
    """The roles that posts in force give a person at a structure."""
    return await storage.roles(work, person_id, structure, today)


async def stays_of(work: Work, person_id: str, today: date) -> Sequence[tuple[str, Period]]:
    """The structures where a person holds a post, today or from a later day on, and from when to when."""
    return await storage.stays(work, person_id, today)


async def holders_at(work: Work, person_ids: Collection[str], structure: str, today: date) -> set[str]:
    """Those of these people who hold a post there, today or from a later day on."""
    return await storage.holders(work, person_ids, structure, today)
