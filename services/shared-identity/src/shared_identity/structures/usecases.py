"""What is done about structures: they enter, change, leave; everyone may read them."""

from collections.abc import Collection
from datetime import date, datetime

from servicekit.facts import fact
from servicekit.origin import GROUPEMENT
from servicekit.sql import Work

from shared_identity.structures import storage, wire
from shared_identity.structures.domain import Groupement, Structure, UnknownStructure


async def groupement(work: Work) -> Groupement:
    """The groupement and its structures, those that left included."""
    return await storage.read_groupement(work)


async def name_groupement(work: Work, name: str, signature: str) -> bool:
    """Gives the groupement its name and signature; False when it has them."""
    held = await storage.read_groupement(work)
    if (held.name, held.signature) == (name, signature):
        return False
    await storage.write_groupement(work, GROUPEMENT, name, signature)
    return True


async def structure(work: Work, slug: str) -> Structure:
    """One structure; raises UnknownStructure."""
    found = await storage.read(work, slug)
    if found is None:
        raise UnknownStructure(field="slug", structure=slug)
    return found


async def several(work: Work, slugs: Collection[str]) -> dict[str, Structure]:
    """Those structures there are, by slug."""
    return await storage.read_several(work, slugs)


async def present(work: Work, slugs: Collection[str], day: date) -> set[str]:
    """Those that are in the groupement on that day."""
    found = await storage.read_several(work, slugs)
    return {slug for slug, entered in found.items() if entered.period.covers(day)}


async def hold(work: Work, slug: str) -> None:
    """Lets no other work hold this structure before this one ends; raises UnknownStructure.

    Whoever changes memberships of a structure, or agreements it is the home of, holds it: of two works that each miss
    what the other writes, neither would open the right that both together open.
    """
    if not await storage.hold(work, slug):
        raise UnknownStructure(structure=slug)


async def enter(work: Work, entered: Structure, *, now: datetime) -> bool:
    """A structure enters the groupement, or what it shows changes; False when nothing did."""
    if await storage.read(work, entered.slug) == entered:
        return False
    version = await storage.write(work, entered)
    work.announce(fact(wire.structure_changed(entered.slug), aggregate_id=entered.slug, version=version, at=now))
    return True
