"""Places and spaces in the database: rows in, values out."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from servicekit.fields import sort_name
from servicekit.sql import Work, insert_if_absent
from sqlalchemy import Row, bindparam, func, select, tuple_

from coworking.money import Money
from coworking.places.domain import (
    Accessibility,
    AccessibilityFacts,
    OpeningHours,
    Place,
    Resource,
    ResourceKind,
    UnknownPlace,
    UnknownResource,
)
from coworking.tables import place, resource

_KINDS = list(ResourceKind)
_PLACE_ORDER = (place.c.sort_name, place.c.place_id)
_RESOURCE_ORDER = (resource.c.rank, resource.c.sort_name, resource.c.resource_id)
_PLACE = select(place).where(place.c.place_id == bindparam("place_id"))
_RESOURCE_AND_PLACE = (
    select(
        resource,
        place.c.name.label("place_name"),
        place.c.address,
        place.c.time_zone,
        place.c.opening_hours,
        place.c.accessibility.label("place_accessibility"),
    )
    .join_from(resource, place)
    .where(resource.c.resource_id == bindparam("resource_id"))
)

PlaceKey = tuple[str, str]
"""Where a list of places goes on: sort name, id."""

ResourceKey = tuple[int, str, str]
"""Where a list of spaces goes on: rank of the kind, sort name, id."""


async def add_place(work: Work, new: Place) -> bool:
    """Keeps a place; False when one of that id is there already."""
    row = {
        "place_id": new.place_id,
        "name": new.name,
        "sort_name": sort_name(new.name),
        "address": new.address,
        "time_zone": new.time_zone,
        "opening_hours": [asdict(stretch) for stretch in new.opening_hours],
        "accessibility": asdict(new.accessibility),
    }
    return bool(await insert_if_absent(work, place, row))


async def add_resource(work: Work, new: Resource) -> bool:
    """Keeps a space; False when one of that id is there already."""
    row = {
        "resource_id": new.resource_id,
        "place_id": new.place_id,
        "name": new.name,
        "sort_name": sort_name(new.name),
        "kind": new.kind.value,
        "rank": _KINDS.index(new.kind),
        "units": new.units,
        "capacity": new.capacity,
        "half_day_cents": new.half_day_price.cents,
        "currency": new.half_day_price.currency,
        "accessibility": asdict(new.accessibility),
    }
    return bool(await insert_if_absent(work, resource, row))


async def get_place(work: Work, place_id: str) -> Place:
    """One place; raises UnknownPlace."""
    row = (await work.execute(_PLACE, {"place_id": place_id})).first()
    if row is None:
        raise UnknownPlace(field="place_id")
    return _place(row, name=row.name, accessibility=row.accessibility)


async def resource_and_place(work: Work, resource_id: str) -> tuple[Resource, Place]:
    """One space and where it is; raises UnknownResource."""
    row = (await work.execute(_RESOURCE_AND_PLACE, {"resource_id": resource_id})).first()
    if row is None:
        raise UnknownResource(field="resource_id")
    return _resource(row), _place(row, name=row.place_name, accessibility=row.place_accessibility)


async def list_places(work: Work, *, after: PlaceKey | None, most: int) -> Sequence[Place]:
    """Places by name, after a key."""
    page = select(place).order_by(*_PLACE_ORDER).limit(most)
    if after is not None:
        page = page.where(tuple_(*_PLACE_ORDER) > after)
    return [_place(row, name=row.name, accessibility=row.accessibility) for row in await work.execute(page)]


async def list_resources(work: Work, *, place_id: str, after: ResourceKey | None, most: int) -> Sequence[Resource]:
    """Spaces of a place (of all places when `place_id` is empty) by kind and name, after a key."""
    page = select(resource).order_by(*_RESOURCE_ORDER).limit(most)
    if place_id:
        page = page.where(resource.c.place_id == place_id)
    if after is not None:
        page = page.where(tuple_(*_RESOURCE_ORDER) > after)
    return [_resource(row) for row in await work.execute(page)]


async def count_resources(work: Work, place_id: str) -> int:
    """How many spaces a place holds."""
    counted = select(func.count()).select_from(resource).where(resource.c.place_id == place_id)
    return (await work.execute(counted)).scalar_one()


def place_key(of: Place) -> PlaceKey:
    """The key of a place in lists."""
    return sort_name(of.name), of.place_id


def resource_key(of: Resource) -> ResourceKey:
    """The key of a space in lists."""
    return _KINDS.index(of.kind), sort_name(of.name), of.resource_id


def _place(row: Row[Any], *, name: str, accessibility: dict[str, str]) -> Place:
    return Place(
        place_id=row.place_id,
        name=name,
        address=row.address,
        time_zone=row.time_zone,
        opening_hours=tuple(OpeningHours(**stretch) for stretch in row.opening_hours),
        accessibility=_facts(accessibility),
    )


def _resource(row: Row[Any]) -> Resource:
    return Resource(
        resource_id=row.resource_id,
        place_id=row.place_id,
        name=row.name,
        kind=ResourceKind(row.kind),
        units=row.units,
        capacity=row.capacity,
        half_day_price=Money(cents=row.half_day_cents, currency=row.currency),
        accessibility=_facts(row.accessibility),
    )


def _facts(kept: dict[str, str]) -> AccessibilityFacts:
    return AccessibilityFacts(
        wheelchair=Accessibility(kept["wheelchair"]),
        accessible_toilet=Accessibility(kept["accessible_toilet"]),
        hearing_loop=Accessibility(kept["hearing_loop"]),
        quiet=Accessibility(kept["quiet"]),
        note=kept["note"],
    )
