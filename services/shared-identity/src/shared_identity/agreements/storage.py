"""Where agreements are kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from servicekit.sql import UtcDateTime, Work, insert
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    or_,
    select,
)

from shared_identity.agreements.domain import Agreement, HalfDaysClause
from shared_identity.days import Period
from shared_identity.memberships.domain import MembershipKind
from shared_identity.tables import METADATA

agreement = Table(
    "agreement",
    METADATA,
    Column("agreement_id", Text, primary_key=True),
    Column("grantor", Text, ForeignKey("structure.slug"), nullable=False),
    Column("home", Text, ForeignKey("structure.slug"), nullable=False),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date),
    Column("notice_days", Integer, nullable=False),
    Column("terms", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("grantor_signed_at", UtcDateTime),
    Column("home_signed_at", UtcDateTime),
    Column("notice_at", UtcDateTime),
    CheckConstraint("grantor <> home", name="two_parties"),
    Index("ix_agreement_grantor", "grantor", "agreement_id"),
    Index("ix_agreement_home", "home", "agreement_id"),
)
"""Agreements."""

agreement_clause = Table(
    "agreement_clause",
    METADATA,
    Column("agreement_id", Text, ForeignKey("agreement.agreement_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("membership_kind", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("half_days_per_month", Integer, nullable=False),
    Column("cents", BigInteger, nullable=False),
    UniqueConstraint("agreement_id", "membership_kind", "resource_kind"),
    CheckConstraint("half_days_per_month > 0 AND cents >= 0", name="something_granted"),
)
"""What each grants."""

_PLAIN = ("grantor", "home", "notice_days", "terms", "version", "grantor_signed_at", "home_signed_at", "notice_at")

_given = insert(agreement)
_PUT = _given.on_conflict_do_update(
    index_elements=[agreement.c.agreement_id],
    set_={
        name: _given.excluded[name]
        for name in ("end_date", "version", "grantor_signed_at", "home_signed_at", "notice_at")
    },
)


async def read(work: Work, agreement_id: str) -> Agreement | None:
    """One agreement; to change it, hold its home first."""
    wanted = select(agreement).where(agreement.c.agreement_id == agreement_id)
    found = await _agreements(work, (await work.execute(wanted)).all())
    return found[0] if found else None


async def home_of(work: Work, agreement_id: str) -> str | None:
    """Whose members an agreement is for."""
    return (await work.execute(select(agreement.c.home).where(agreement.c.agreement_id == agreement_id))).scalar()


async def add(work: Work, proposed: Agreement) -> None:
    """Adds an agreement with its clauses."""
    await write(work, proposed)
    await work.execute(
        insert(agreement_clause),
        [_clause_row(proposed.agreement_id, position, clause) for position, clause in enumerate(proposed.clauses)],
    )


async def write(work: Work, changed: Agreement) -> None:
    """Keeps an agreement as it became; its clauses never change."""
    row = {name: getattr(changed, name) for name in _PLAIN}
    row |= {
        "agreement_id": changed.agreement_id,
        "start_date": changed.period.start,
        "end_date": changed.period.end,
    }
    await work.execute(_PUT, row)


async def of_party(work: Work, structure: str, *, after: str, limit: int) -> Sequence[Agreement]:
    """The agreements a structure is a party to, the oldest first, after one of them."""
    wanted = select(agreement).where(_party(structure), agreement.c.agreement_id > after)
    wanted = wanted.order_by(agreement.c.agreement_id).limit(limit)
    return await _agreements(work, (await work.execute(wanted)).all())


async def signed_for(work: Work, structure: str) -> Sequence[Agreement]:
    """The signed agreements for members of a structure, ended ones included."""
    wanted = select(agreement).where(
        agreement.c.home == structure,
        agreement.c.grantor_signed_at.is_not(None),
        agreement.c.home_signed_at.is_not(None),
    )
    return await _agreements(work, (await work.execute(wanted.order_by(agreement.c.agreement_id))).all())


async def binding(work: Work, structure: str) -> Sequence[str]:
    """The names of all agreements a structure is a party to."""
    wanted = select(agreement.c.agreement_id).where(_party(structure))
    return (await work.execute(wanted.order_by(agreement.c.agreement_id))).scalars().all()


def _party(structure: str) -> ColumnElement[bool]:
    return or_(agreement.c.grantor == structure, agreement.c.home == structure)


async def _agreements(work: Work, rows: Sequence[Row[Any]]) -> list[Agreement]:
    clauses = await _clauses(work, [row.agreement_id for row in rows]) if rows else {}
    return [_agreement(row, tuple(clauses[row.agreement_id])) for row in rows]


async def _clauses(work: Work, agreement_ids: Collection[str]) -> dict[str, list[HalfDaysClause]]:
    wanted = select(agreement_clause).where(agreement_clause.c.agreement_id.in_(agreement_ids))
    clauses: dict[str, list[HalfDaysClause]] = defaultdict(list)
    for row in await work.execute(wanted.order_by(agreement_clause.c.agreement_id, agreement_clause.c.position)):
        clauses[row.agreement_id].append(
            HalfDaysClause(
                membership_kind=MembershipKind(row.membership_kind),
                resource_kind=row.resource_kind,
                half_days_per_month=row.half_days_per_month,
                cents=row.cents,
            )
        )
    return clauses


def _clause_row(agreement_id: str, position: int, clause: HalfDaysClause) -> dict[str, object]:
    return {
        "agreement_id": agreement_id,
        "position": position,
        "membership_kind": clause.membership_kind,
        "resource_kind": clause.resource_kind,
        "half_days_per_month": clause.half_days_per_month,
        "cents": clause.cents,
    }


def _agreement(row: Row[Any], clauses: tuple[HalfDaysClause, ...]) -> Agreement:
    return Agreement(
        agreement_id=row.agreement_id,
        clauses=clauses,
        period=Period(start=row.start_date, end=row.end_date),
        **{name: getattr(row, name) for name in _PLAIN},
    )
