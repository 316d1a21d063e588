"""Where memberships and staff roles are kept, as declared."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from servicekit.sql import Work, insert
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Row,
    Table,
    Text,
    and_,
    case,
    false,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.functions import count

from shared_identity.days import Period
from shared_identity.memberships.domain import (
    Declaration,
    Ending,
    Held,
    Membership,
    MembershipKind,
    MembershipState,
    StaffRole,
)
from shared_identity.tables import METADATA

membership = Table(
    "membership",
    METADATA,
    Column("membership_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("structure", Text, ForeignKey("structure.slug"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("start_date", Date, nullable=False),
    Column("declared_end_date", Date),
    Column("version", BigInteger, nullable=False),
    Column("ending_date", Date),
    Column("ending_at_once", Boolean),
    Column("ending_version", BigInteger),
    # What follows from the two sayings above, for questions to find:
    Column("end_date", Date),
    Column("closed", Boolean, nullable=False),
    Index("ix_membership_structure", "structure", "start_date", "membership_id"),
    Index("ix_membership_person", "person_id", "structure", "start_date", "membership_id"),
)
"""Memberships: the last declaration and the last ending of each."""

staff_role = Table(
    "staff_role",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("structure", Text, ForeignKey("structure.slug"), primary_key=True),
    Column("service", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("granted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""What each service of each structure last said of its staff record."""

Key = tuple[date, str]
_ONE = timedelta(days=1)
_HELD: Sequence[Column[Any]] = (
    membership.c.person_id,
    membership.c.structure,
    membership.c.kind,
    membership.c.start_date,
    membership.c.end_date,
    membership.c.closed,
)
_ORDER = (membership.c.start_date, membership.c.membership_id)

_said = insert(membership)
_PUT = _said.on_conflict_do_update(
    index_elements=[membership.c.membership_id],
    set_={
        name: _said.excluded[name]
        for name in membership.columns.keys()  # noqa: SIM118
        if name not in ("membership_id", "person_id", "structure")
    },
    where=and_(
        membership.c.structure == _said.excluded.structure,
        membership.c.person_id == _said.excluded.person_id,
    ),
).returning(membership.c.membership_id)

_noted = insert(staff_role)
_NOTE = _noted.on_conflict_do_update(
    index_elements=list(staff_role.primary_key.columns),
    set_={name: _noted.excluded[name] for name in ("granted", "version")},
    where=staff_role.c.version < _noted.excluded.version,
)


async def read(work: Work, membership_id: str) -> Membership | None:
    """One membership; to change it, hold its structure first."""
    wanted = select(membership).where(membership.c.membership_id == membership_id)
    row = (await work.execute(wanted)).first()
    return None if row is None else _membership(row)


async def write(work: Work, said: Membership) -> bool:
    """Keeps a membership; False when another structure, or for another person, declared one of this name meanwhile."""
    return (await work.execute(_PUT, _row(said))).first() is not None


async def note(work: Work, said: StaffRole) -> None:
    """Keeps what a service said of its staff record, unless it said something newer before."""
    columns = staff_role.columns.keys()
    await work.execute(_NOTE, {name: getattr(said, name) for name in columns})


async def declared_roles(work: Work, person_id: str, structure: str) -> frozenset[str]:
    """The roles that any service of a structure gives a person."""
    held = select(staff_role.c.role).where(
        staff_role.c.person_id == person_id, staff_role.c.structure == structure, staff_role.c.granted.is_(true())
    )
    return frozenset((await work.execute(held)).scalars())


async def is_member(work: Work, person_id: str, structure: str, day: date) -> bool:
    """Whether a membership is in force that day."""
    held = select(membership.c.membership_id).where(
        membership.c.person_id == person_id, membership.c.structure == structure, _in_force(day)
    )
    return (await work.execute(held.limit(1))).first() is not None


async def members(work: Work, people: Collection[str], structure: str, day: date) -> set[str]:
    """Those of these people whose membership is in force that day, or will be."""
    held = select(membership.c.person_id).where(
        membership.c.person_id.in_(people), membership.c.structure == structure, _not_over(day)
    )
    return set((await work.execute(held)).scalars())


async def stays(work: Work, person_id: str, day: date) -> Sequence[tuple[str, Period]]:
    """The structures of memberships in force that day or later, and from when to when."""
    held = select(membership.c.structure, membership.c.start_date, membership.c.end_date)
    rows = await work.execute(held.where(membership.c.person_id == person_id, _not_over(day)))
    return [(row.structure, Period(start=row.start_date, end=row.end_date)) for row in rows]


async def staff_of(work: Work, person_id: str) -> frozenset[str]:
    """The structures whose services give a person a role."""
    held = select(staff_role.c.structure).where(staff_role.c.person_id == person_id, staff_role.c.granted.is_(true()))
    return frozenset((await work.execute(held)).scalars())


async def of_person(
    work: Work, person_id: str, structure: str, *, after: Key | None, limit: int
) -> Sequence[Membership]:
    """A person's memberships at a structure, the newest first, after a (first day, membership)."""
    wanted = select(membership).where(membership.c.person_id == person_id, membership.c.structure == structure)
    if after is not None:
        wanted = wanted.where(tuple_(*_ORDER) < after)
    return await _all(work, wanted.order_by(*(column.desc() for column in _ORDER)).limit(limit))


async def of_structure(
    work: Work,
    structure: str,
    *,
    at: tuple[MembershipState, date] | None,
    kind: MembershipKind | None,
    after: Key | None,
    limit: int,
) -> Sequence[Membership]:
    """A structure's memberships, the oldest first, after a (first day, membership); of a state on a day, of a kind."""
    wanted = select(membership).where(membership.c.structure == structure)
    if at is not None:
        wanted = wanted.where(_standing(at[1])[at[0]])
    if kind is not None:
        wanted = wanted.where(membership.c.kind == kind)
    if after is not None:
        wanted = wanted.where(tuple_(*_ORDER) > after)
    return await _all(work, wanted.order_by(*_ORDER).limit(limit))


async def counts(work: Work, structure: str, day: date) -> Sequence[tuple[MembershipState, MembershipKind, int]]:
    """How many memberships a structure has, by where they stand that day and by kind."""
    standing = case(*((held, state.value) for state, held in _standing(day).items())).label("state")
    wanted = select(standing, membership.c.kind, count()).where(membership.c.structure == structure)
    found = await work.execute(wanted.group_by(standing, membership.c.kind).order_by(standing, membership.c.kind))
    return [(MembershipState(state), MembershipKind(kind), many) for state, kind, many in found]


async def open_at(
    work: Work, structure: str, kinds: Collection[str], person_id: str | None = None
) -> Sequence[Membership]:
    """The memberships of some kinds at a structure that were not ended at once; of one person, or of all."""
    wanted = select(membership).where(membership.c.structure == structure, membership.c.kind.in_(kinds))
    wanted = wanted.where(membership.c.closed.is_(false()))
    if person_id is not None:
        wanted = wanted.where(membership.c.person_id == person_id)
    return await _all(work, wanted)


async def held_between(work: Work, first: date, last: date) -> Sequence[Held]:
    """What people were to structures on some day of a stretch, person by person; ended at once is over on that day."""
    over = or_(membership.c.end_date.is_(None), membership.c.end_date >= first)
    wanted = select(*_HELD).where(membership.c.start_date <= last, over)
    return [_held(row) for row in await work.execute(wanted.order_by(membership.c.person_id))]


async def _all(work: Work, wanted: Any) -> Sequence[Membership]:
    return [_membership(row) for row in await work.execute(wanted)]


def _standing(day: date) -> dict[MembershipState, ColumnElement[bool]]:
    """Where a membership stands that day: each is at one of these."""
    return {
        MembershipState.IN_FORCE: _in_force(day),
        MembershipState.TO_COME: and_(membership.c.start_date > day, _not_over(day)),
        MembershipState.ENDED: or_(membership.c.closed.is_(true()), membership.c.end_date < day),
    }


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(membership.c.start_date <= day, _not_over(day))


def _not_over(day: date) -> ColumnElement[bool]:
    return and_(membership.c.closed.is_(false()), or_(membership.c.end_date.is_(None), membership.c.end_date >= day))


def _row(said: Membership) -> dict[str, object]:
    declared, ending = said.declared, said.ending
    return {
        "membership_id": declared.membership_id,
        "person_id": declared.person_id,
        "structure": declared.structure,
        "kind": declared.kind,
        "start_date": declared.period.start,
        "declared_end_date": declared.period.end,
        "version": declared.version,
        "ending_date": ending and ending.last_day,
        "ending_at_once": ending and ending.at_once,
        "ending_version": ending and ending.version,
        "end_date": said.period.end,
        "closed": said.closed,
    }


def _membership(row: Row[Any]) -> Membership:
    declared = Declaration(
        membership_id=row.membership_id,
        person_id=row.person_id,
        structure=row.structure,
        kind=MembershipKind(row.kind),
        period=Period(start=row.start_date, end=row.declared_end_date),
        version=row.version,
    )
    return Membership(declared=declared, ending=_ending(row))


def _held(row: Row[*tuple[Any, ...]]) -> Held:
    return Held(
        person_id=row.person_id,
        structure=row.structure,
        kind=MembershipKind(row.kind),
        first=row.start_date,
        last=row.end_date - _ONE if row.closed else row.end_date,
    )


def _ending(row: Row[Any]) -> Ending | None:
    if row.ending_version is None:
        return None
    return Ending(
        membership_id=row.membership_id,
        person_id=row.person_id,
        structure=row.structure,
        last_day=row.ending_date,
        at_once=row.ending_at_once,
        version=row.ending_version,
    )
