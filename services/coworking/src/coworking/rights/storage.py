"""Rights in the database; the month's counter refuses to be overdrawn."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import Work, insert
from sqlalchemy import Row, bindparam, select, update

from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.rights.domain import Entitlement, Right
from coworking.tables import entitlement, entitlement_month

_WITH_MONTHS = (
    select(entitlement, entitlement_month.c.month, entitlement_month.c.taken)
    .join_from(
        entitlement,
        entitlement_month,
        entitlement.c.entitlement_id == entitlement_month.c.entitlement_id,
        isouter=True,
    )
    .order_by(entitlement.c.entitlement_id)
)
_OPEN = _WITH_MONTHS.where(entitlement.c.closed.is_(False))
_OF_PERSON = _WITH_MONTHS.where(entitlement.c.person_id == bindparam("person_id"))
_OF_PERSON_LOCKED = _OF_PERSON.with_for_update(of=entitlement, key_share=True)
_ONE = select(entitlement).where(entitlement.c.entitlement_id == bindparam("entitlement_id"))
_ONE_LOCKED = _ONE.with_for_update(key_share=True)
_adding = insert(entitlement)
_KEEP = _adding.on_conflict_do_update(
    index_elements=[entitlement.c.entitlement_id],
    set_={column.name: _adding.excluded[column.name] for column in entitlement.c if not column.primary_key},
    where=entitlement.c.version < _adding.excluded.version,
)
_reserving = insert(entitlement_month)
_RESERVE = _reserving.on_conflict_do_update(
    index_elements=[entitlement_month.c.entitlement_id, entitlement_month.c.month],
    set_={"taken": entitlement_month.c.taken + _reserving.excluded.taken, "quota": _reserving.excluded.quota},
    where=entitlement_month.c.taken + _reserving.excluded.taken <= _reserving.excluded.quota,
).returning(entitlement_month.c.taken)
_RETURN = (
    update(entitlement_month)
    .where(
        entitlement_month.c.entitlement_id == bindparam("of_entitlement"),
        entitlement_month.c.month == bindparam("of_month"),
    )
    .values(taken=entitlement_month.c.taken - bindparam("half_days"))
)


async def keep(work: Work, told: Entitlement, *, at: datetime) -> None:
    """Keeps a right as it was told, unless a later word of it is held."""
    row = {
        "entitlement_id": told.entitlement_id,
        "person_id": told.person_id,
        "agreement_id": told.agreement_id,
        "home": told.home,
        "resource_kind": told.kind.value,
        "half_days_per_month": told.half_days_per_month,
        "price_cents": told.price.cents,
        "currency": told.price.currency,
        "starts_on": told.starts_on,
        "ends_on": told.ends_on,
        "closed": told.closed,
        "changed_at": at,
        "version": told.version,
    }
    await work.execute(_KEEP, row)


async def find(work: Work, entitlement_id: str) -> Entitlement | None:
    """One right, or None."""
    row = (await work.execute(_ONE, {"entitlement_id": entitlement_id})).first()
    return None if row is None else _entitlement(row)


async def find_for_update(work: Work, entitlement_id: str) -> Entitlement | None:
    """One right, or None; nobody else changes it or reserves on it until this work ends."""
    row = (await work.execute(_ONE_LOCKED, {"entitlement_id": entitlement_id})).first()
    return None if row is None else _entitlement(row)


async def of_person(work: Work, person_id: str) -> Sequence[Right]:
    """Every right of a person, closed ones included."""
    return _grouped(await work.execute(_OF_PERSON, {"person_id": person_id}))


async def of_person_for_update(work: Work, person_id: str) -> Sequence[Right]:
    """`of_person`; nobody else changes them or reserves on them until this work ends."""
    return _grouped(await work.execute(_OF_PERSON_LOCKED, {"person_id": person_id}))


async def everybodys(work: Work) -> Sequence[Right]:
    """Every right that is not closed."""
    return _grouped(await work.execute(_OPEN))


async def changed_since(work: Work, instant: datetime) -> Sequence[tuple[str, int, str]]:
    """Rights changed since an instant: id, version, person."""
    columns = (entitlement.c.entitlement_id, entitlement.c.version, entitlement.c.person_id)
    rows = await work.execute(select(*columns).where(entitlement.c.changed_at >= instant))
    return [(row.entitlement_id, row.version, row.person_id) for row in rows]


async def reserve(work: Work, of: Entitlement, *, month: str, half_days: int) -> bool:
    """Takes half-days of a month; False when too few are left. One statement: the counter decides, not who asks."""
    if half_days > of.half_days_per_month:
        return False
    taken = {
        "entitlement_id": of.entitlement_id,
        "month": month,
        "taken": half_days,
        "quota": of.half_days_per_month,
    }
    return (await work.execute(_RESERVE, taken)).first() is not None


async def give_back(work: Work, entitlement_id: str, *, month: str, half_days: int) -> None:
    """Returns half-days to a month."""
    await work.execute(_RETURN, {"of_entitlement": entitlement_id, "of_month": month, "half_days": half_days})


def _grouped(rows: Iterable[Row[Any]]) -> Sequence[Right]:
    held: dict[str, Right] = {}
    for row in rows:
        right = held.setdefault(row.entitlement_id, Right(entitlement=_entitlement(row), taken={}))
        if row.month is not None:
            right.taken[row.month] = row.taken
    return list(held.values())


def _entitlement(row: Row[Any]) -> Entitlement:
    return Entitlement(
        entitlement_id=row.entitlement_id,
        person_id=row.person_id,
        agreement_id=row.agreement_id,
        home=row.home,
        kind=ResourceKind(row.resource_kind),
        half_days_per_month=row.half_days_per_month,
        price=Money(cents=row.price_cents, currency=row.currency),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        closed=row.closed,
        version=row.version,
    )
