"""Where posts are kept."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from servicekit.sql import Work, insert
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
    and_,
    delete,
    or_,
    select,
    tuple_,
)

from shared_identity.days import Period
from shared_identity.posts.domain import Post, PostShare
from shared_identity.tables import METADATA

post = Table(
    "post",
    METADATA,
    Column("post_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("employer", Text, ForeignKey("structure.slug"), nullable=False),
    Column("start_date", Date, nullable=False),
    Column("end_date", Date),
    Column("version", BigInteger, nullable=False),
    Index("ix_post_person", "person_id"),
    Index("ix_post_start", "start_date", "post_id"),
)
"""Posts."""

post_share = Table(
    "post_share",
    METADATA,
    Column("post_id", Text, ForeignKey("post.post_id"), primary_key=True),
    Column("structure", Text, ForeignKey("structure.slug"), primary_key=True),
    Column("basis_points", Integer, nullable=False),
    Column("roles", Text, nullable=False),
    CheckConstraint("basis_points BETWEEN 1 AND 10000", name="part_of_whole"),
    Index("ix_post_share_structure", "structure", "post_id"),
)
"""Who bears what part; `roles` are names separated by spaces."""

_ORDER = (post.c.start_date, post.c.post_id)
_given = insert(post)
_PUT = _given.on_conflict_do_update(
    index_elements=[post.c.post_id],
    set_={
        **{name: _given.excluded[name] for name in ("title", "person_id", "employer", "start_date", "end_date")},
        "version": post.c.version + 1,
    },
)


async def read(work: Work, post_id: str) -> Post | None:
    """One post."""
    found = await _posts(work, (await work.execute(select(post).where(post.c.post_id == post_id))).all())
    return found[0] if found else None


async def write(work: Work, filled: Post) -> None:
    """Adds a post, or changes it."""
    await work.execute(_PUT, _row(filled))
    await work.execute(delete(post_share).where(post_share.c.post_id == filled.post_id))
    await work.execute(insert(post_share), [_share_row(filled.post_id, share) for share in filled.shares])


async def borne_by(work: Work, structure: str, *, after: tuple[date, str] | None, limit: int) -> Sequence[Post]:
    """The posts a structure bears a part of, by first day, after a (first day, post)."""
    borne = select(post).join(post_share, post_share.c.post_id == post.c.post_id)
    borne = borne.where(post_share.c.structure == structure).order_by(*_ORDER).limit(limit)
    if after is not None:
        borne = borne.where(tuple_(*_ORDER) > after)
    return await _posts(work, (await work.execute(borne)).all())


async def roles(work: Work, person_id: str, structure: str, day: date) -> frozenset[str]:
    """The roles that posts in force that day give a person at a structure."""
    held = select(post_share.c.roles).join(post, post_share.c.post_id == post.c.post_id)
    held = held.where(post.c.person_id == person_id, post_share.c.structure == structure, _in_force(day))
    return frozenset(role for text in (await work.execute(held)).scalars() for role in text.split())


async def holders(work: Work, people: Collection[str], structure: str, day: date) -> set[str]:
    """Those who hold a post there that day, or will."""
    held = select(post.c.person_id).join(post_share, post_share.c.post_id == post.c.post_id)
    held = held.where(post.c.person_id.in_(people), post_share.c.structure == structure, _not_over(day))
    return set((await work.execute(held)).scalars())


async def stays(work: Work, person_id: str, day: date) -> Sequence[tuple[str, Period]]:
    """The structures of posts somebody holds that day or will, and from when to when."""
    held = select(post_share.c.structure, post.c.start_date, post.c.end_date)
    held = held.join(post, post_share.c.post_id == post.c.post_id).where(post.c.person_id == person_id, _not_over(day))
    return [(row.structure, Period(start=row.start_date, end=row.end_date)) for row in await work.execute(held)]


async def _posts(work: Work, rows: Sequence[Row[Any]]) -> list[Post]:
    shares = await _shares(work, [row.post_id for row in rows])
    return [_post(row, tuple(shares[row.post_id])) for row in rows]


async def _shares(work: Work, post_ids: Collection[str]) -> dict[str, list[PostShare]]:
    rows = (await work.execute(select(post_share).where(post_share.c.post_id.in_(post_ids)))).all()
    shares: dict[str, list[PostShare]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.structure):
        roles = frozenset(row.roles.split())
        share = PostShare(structure=row.structure, basis_points=row.basis_points, roles=roles)
        shares[row.post_id].append(share)
    return shares


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(post.c.start_date <= day, _not_over(day))


def _not_over(day: date) -> ColumnElement[bool]:
    return or_(post.c.end_date.is_(None), post.c.end_date >= day)


def _row(filled: Post) -> dict[str, object]:
    return {
        "post_id": filled.post_id,
        "title": filled.title,
        "person_id": filled.person_id,
        "employer": filled.employer,
        "start_date": filled.period.start,
        "end_date": filled.period.end,
        "version": 1,
    }


def _share_row(post_id: str, share: PostShare) -> dict[str, object]:
    return {
        "post_id": post_id,
        "structure": share.structure,
        "basis_points": share.basis_points,
        "roles": " ".join(sorted(share.roles)),
    }


def _post(row: Row[Any], shares: tuple[PostShare, ...]) -> Post:
    return Post(
        post_id=row.post_id,
        title=row.title,
        person_id=row.person_id,
        employer=row.employer,
        shares=shares,
        period=Period(start=row.start_date, end=row.end_date),
    )
