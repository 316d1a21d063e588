"""Where rights and their uses are kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from servicekit.sql import Work, insert, insert_if_absent
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    true,
    tuple_,
)

from shared_identity.agreements.entitlements import Entitlement, Holder, Usage, UsageCount, Used
from shared_identity.days import Period
from shared_identity.tables import METADATA

entitlement = Table(
    "entitlement",
    METADATA,
    Column("entitlement_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("agreement_id", Text, nullable=False),
    Column("clause", Integer, nullable=False),
    Column("grantor", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("half_days_per_month", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date),
    Column("opened", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    # One right a person and clause, whoever computes it.
    UniqueConstraint("agreement_id", "person_id", "clause"),
    ForeignKeyConstraint(
        ["agreement_id", "clause"],
        ["agreement_clause.agreement_id", "agreement_clause.position"],
        name="fk_entitlement_clause",
    ),
    Index("ix_entitlement_person", "person_id", "entitlement_id"),
)
"""Rights, open and closed."""

usage = Table(
    "usage",
    METADATA,
    Column("usage_id", Text, primary_key=True),
    Column("entitlement_id", Text, ForeignKey("entitlement.entitlement_id"), nullable=False),
    Column("half_days", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Index("ix_usage_entitlement", "entitlement_id"),
    CheckConstraint("half_days > 0", name="something_used"),
)
"""Uses counted already."""

usage_count = Table(
    "usage_count",
    METADATA,
    Column("month", Text, primary_key=True),
    Column("agreement_id", Text, ForeignKey("agreement.agreement_id"), primary_key=True),
    Column("resource_kind", Text, primary_key=True),
    Column("grantor", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("half_days", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""What was used, by month, agreement and kind of space."""

_DAYS = ("start_date", "end_date")
_ENTITLEMENT = [column.name for column in entitlement.columns]
_COUNTED = [column.name for column in usage_count.columns]

_settled = insert(entitlement)
_SETTLE = _settled.on_conflict_do_update(
    index_elements=[entitlement.c.entitlement_id],
    set_={name: _settled.excluded[name] for name in ("start_date", "end_date", "opened", "version")},
)
_used = insert(usage_count)
_COUNT = _used.on_conflict_do_update(
    index_elements=list(usage_count.primary_key.columns),
    set_={
        "half_days": usage_count.c.half_days + _used.excluded.half_days,
        "cents": usage_count.c.cents + _used.excluded.cents,
        "version": usage_count.c.version + 1,
    },
).returning(usage_count)


async def read(work: Work, entitlement_id: str) -> Entitlement | None:
    """One right."""
    row = (await work.execute(select(entitlement).where(entitlement.c.entitlement_id == entitlement_id))).first()
    return None if row is None else _entitlement(row)


async def held_under(work: Work, agreement_id: str, person_id: str | None = None) -> Mapping[Holder, Entitlement]:
    """The rights ever given under an agreement; to one person, or to all."""
    wanted = select(entitlement).where(entitlement.c.agreement_id == agreement_id)
    if person_id is not None:
        wanted = wanted.where(entitlement.c.person_id == person_id)
    found = [_entitlement(row) for row in await work.execute(wanted)]
    return {(held.person_id, held.clause): held for held in found}


async def settle(work: Work, changed: Sequence[Entitlement]) -> None:
    """Keeps rights as they became."""
    await work.execute(_SETTLE, [_entitlement_row(held) for held in changed])


async def open_of_person(
    work: Work, person_id: str, structure: str, day: date, *, after: str, limit: int
) -> Sequence[Entitlement]:
    """The rights a person has under agreements of a structure, open that day or later, after one of them."""
    wanted = select(entitlement).where(
        entitlement.c.person_id == person_id,
        entitlement.c.entitlement_id > after,
        _party(entitlement, structure),
        _open(day),
    )
    rows = await work.execute(wanted.order_by(entitlement.c.entitlement_id).limit(limit))
    return [_entitlement(row) for row in rows]


async def right_holders(work: Work, people: Collection[str], structure: str, day: date) -> set[str]:
    """Those of these people who have a right at a structure, open that day or later."""
    wanted = select(entitlement.c.person_id).where(
        entitlement.c.person_id.in_(people), entitlement.c.grantor == structure, _open(day)
    )
    return set((await work.execute(wanted)).scalars())


async def take_in(work: Work, used: Usage) -> bool:
    """Notes a use; False when it was noted before."""
    row = {
        "usage_id": used.usage_id,
        "entitlement_id": used.entitlement_id,
        "half_days": used.half_days,
        "day": used.day,
    }
    return bool(await insert_if_absent(work, usage, row))


async def count(work: Work, used: UsageCount) -> UsageCount:
    """Adds to a month's count; gives the count so far."""
    row = (await work.execute(_COUNT, {name: getattr(used, name) for name in _COUNTED})).one()
    return _usage_count(row)


async def counts(work: Work, structure: str, month: str, *, after: tuple[str, str], limit: int) -> Sequence[UsageCount]:
    """A month's counts under agreements of a structure, after an (agreement, kind of space)."""
    order = (usage_count.c.agreement_id, usage_count.c.resource_kind)
    wanted = select(usage_count).where(
        usage_count.c.month == month, _party(usage_count, structure), tuple_(*order) > after
    )
    rows = await work.execute(wanted.order_by(*order).limit(limit))
    return [_usage_count(row) for row in rows]


async def used_between(work: Work, structure: str, first: str, last: str) -> Sequence[Used]:
    """Half-days used under agreements of a structure, by month and direction, from a month to another."""
    by = (usage_count.c.month, usage_count.c.grantor, usage_count.c.home)
    wanted = select(*by, func.sum(usage_count.c.half_days).label("half_days")).where(
        usage_count.c.month >= first, usage_count.c.month <= last, _party(usage_count, structure)
    )
    rows = await work.execute(wanted.group_by(*by).order_by(*by))
    return [Used(month=row.month, grantor=row.grantor, home=row.home, half_days=int(row.half_days)) for row in rows]


def _party(table: Table, structure: str) -> ColumnElement[bool]:
    return or_(table.c.grantor == structure, table.c.home == structure)


def _open(day: date) -> ColumnElement[bool]:
    not_over = or_(entitlement.c.end_date.is_(None), entitlement.c.end_date >= day)
    return and_(entitlement.c.opened.is_(true()), not_over)


def _entitlement_row(held: Entitlement) -> dict[str, object]:
    days = {"start_date": held.period.start, "end_date": held.period.end}
    return {name: days[name] if name in days else getattr(held, name) for name in _ENTITLEMENT}


def _entitlement(row: Row[Any]) -> Entitlement:
    plain = {name: getattr(row, name) for name in _ENTITLEMENT if name not in _DAYS}
    return Entitlement(period=Period(start=row.start_date, end=row.end_date), **plain)


def _usage_count(row: Row[Any]) -> UsageCount:
    return UsageCount(**{name: getattr(row, name) for name in _COUNTED})
