"""What is done with places: one function a verb."""

from collections.abc import Sequence

from servicekit.sql import Work

from coworking.places import domain, storage
from coworking.places.domain import Place, PlaceFull, Resource
from coworking.places.storage import PlaceKey, ResourceKey


async def create_place(work: Work, new: Place) -> bool:
    """Adds a place; False when it is there already. Raises Invalid naming the field."""
    domain.check_place(new)
    return await storage.add_place(work, new)


async def create_resource(work: Work, new: Resource) -> bool:
    """Adds a space to a place; False when it is there already. Raises UnknownPlace, and Invalid naming the field."""
    domain.check_resource(new)
    await storage.get_place(work, new.place_id)
    if await storage.count_resources(work, new.place_id) >= domain.MOST_RESOURCES:
        raise PlaceFull(field="place_id")
    return await storage.add_resource(work, new)


async def place(work: Work, place_id: str) -> Place:
    """One place; raises UnknownPlace."""
    return await storage.get_place(work, place_id)


async def resource_and_place(work: Work, resource_id: str) -> tuple[Resource, Place]:
    """One space and where it is; raises UnknownResource."""
    return await storage.resource_and_place(work, resource_id)


async def resources_of(work: Work, place_id: str) -> Sequence[Resource]:
    """All spaces of a place, by kind and name."""
    return await storage.list_resources(work, place_id=place_id, after=None, most=domain.MOST_RESOURCES)


async def list_places(work: Work, *, after: PlaceKey | None, most: int) -> Sequence[Place]:
    """Places by name, after a key."""
    return await storage.list_places(work, after=after, most=most)


async def list_resources(work: Work, *, place_id: str, after: ResourceKey | None, most: int) -> Sequence[Resource]:
    """Spaces by kind and name, after a key; of one place, or of all when `place_id` is empty. Raises UnknownPlace."""
    if place_id:
        await storage.get_place(work, place_id)
    return await storage.list_resources(work, place_id=place_id, after=after, most=most)
