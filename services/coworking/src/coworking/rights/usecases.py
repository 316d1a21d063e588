"""What is done with rights: kept as they are told, reserved by bookings, given back."""

from collections.abc import Sequence
from datetime import date, datetime

from servicekit.sql import Work

from coworking.places.domain import ResourceKind
from coworking.rights import domain, storage
from coworking.rights.domain import Entitlement, Right
from coworking.spans import last_of_month, month_of


async def keep(work: Work, told: Entitlement, *, now: datetime) -> Entitlement:
    """Keeps a right as shared-identity tells it now, and gives it as it then stands. Raises Invalid."""
    domain.check_entitlement(told)
    held = await storage.find_for_update(work, told.entitlement_id)
    if held is not None and held.version >= told.version:
        return held
    await storage.keep(work, told, at=now)
    return told


async def close(work: Work, entitlement_id: str, *, last_day: date, version: int, now: datetime) -> Entitlement | None:
    """Closes a right after its last day, and gives it as it then stands; None when it was never held here."""
    held = await storage.find_for_update(work, entitlement_id)
    if held is None or held.version >= version:
        return held
    closed = held.closing(last_day, version)
    await storage.keep(work, closed, at=now)
    return closed


async def rights_of(work: Work, person_id: str) -> Sequence[Right]:
    """Every right of a person here, closed ones included."""
    return await storage.of_person(work, person_id)


async def everybodys_rights(work: Work) -> Sequence[Right]:
    """Every right here that is not closed."""
    return await storage.everybodys(work)


async def changed_since(work: Work, instant: datetime) -> Sequence[tuple[str, int, str]]:
    """Rights changed since an instant: id, version, person."""
    return await storage.changed_since(work, instant)


async def rights_during(work: Work, person_id: str, first: date) -> Sequence[Right]:
    """The rights a person may use on some day of the month that begins on `first`."""
    last = last_of_month(first)
    return [
        right for right in await storage.of_person(work, person_id) if right.entitlement.in_force_during(first, last)
    ]


async def entitlement(work: Work, entitlement_id: str) -> Entitlement | None:
    """One right as it is kept, or None."""
    return await storage.find(work, entitlement_id)


async def find_cover(work: Work, person_id: str, kind: ResourceKind, day: date, half_days: int) -> Right | None:
    """The right that would carry so many half-days, nothing reserved; None when none can."""
    rights = await storage.of_person(work, person_id)
    return next(iter(domain.covering(rights, kind, day, half_days)), None)


async def reserve_cover(work: Work, person_id: str, kind: ResourceKind, day: date, half_days: int) -> Right | None:
    """Reserves half-days on the first right that can carry them, and gives it; None when none can."""
    rights = await storage.of_person_for_update(work, person_id)
    for right in domain.covering(rights, kind, day, half_days):
        if await storage.reserve(work, right.entitlement, month=month_of(day), half_days=half_days):
            return right
    return None


async def give_back(work: Work, entitlement_id: str, day: date, half_days: int) -> None:
    """Returns the half-days a booking of that day had reserved."""
    await storage.give_back(work, entitlement_id, month=month_of(day), half_days=half_days)
