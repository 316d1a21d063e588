"""Where contributions are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work, insert
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Row, Table, Text, func, select, tuple_, update

from shared_identity.outcomes.domain import Contribution, ContributionKind, ContributionState, Words
from shared_identity.tables import METADATA

contribution = Table(
    "contribution",
    METADATA,
    Column("contribution_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("challenge_id", Text, ForeignKey("event_challenge.challenge_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    # An organiser that goes leaves what it followed up to the others.
    Column("owner_organiser_id", Text, ForeignKey("organiser.organiser_id", ondelete="SET NULL")),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("ix_contribution_event", "event_id", "created_at", "contribution_id"),
    Index("ix_contribution_challenge", "challenge_id"),
    Index("ix_contribution_owner", "owner_organiser_id"),
)
"""What came out of the challenges of events."""

Key = tuple[datetime, str]
_ORDER = (contribution.c.created_at, contribution.c.contribution_id)
_WORDS = ("challenge_id", "title", "text", "carrier")


async def add(work: Work, captured: Contribution) -> None:
    """Keeps a new contribution."""
    await work.execute(insert(contribution), _row(captured))


async def write(work: Work, changed: Contribution) -> None:
    """Keeps a contribution as it became."""
    held = update(contribution).where(contribution.c.contribution_id == changed.contribution_id)
    await work.execute(held.values(_row(changed)))


async def read(work: Work, event_id: str, contribution_id: str) -> Contribution | None:
    """One contribution of an event, which nobody else may change before this work ends."""
    wanted = select(contribution).where(
        contribution.c.contribution_id == contribution_id, contribution.c.event_id == event_id
    )
    row = (await work.execute(wanted.with_for_update())).first()
    return None if row is None else _contribution(row)


async def page(
    work: Work, event_id: str, *, challenge_id: str, kind: ContributionKind | None, after: Key | None, limit: int
) -> Sequence[Contribution]:
    """Contributions of an event, the latest first, after a (time, contribution); of a challenge, of a kind, or all."""
    wanted = select(contribution).where(contribution.c.event_id == event_id)
    if challenge_id:
        wanted = wanted.where(contribution.c.challenge_id == challenge_id)
    if kind is not None:
        wanted = wanted.where(contribution.c.kind == kind.value)
    if after is not None:
        wanted = wanted.where(tuple_(*_ORDER) < after)
    rows = await work.execute(wanted.order_by(*(column.desc() for column in _ORDER)).limit(limit))
    return [_contribution(row) for row in rows]


async def any_of(work: Work, challenge_id: str) -> bool:
    """Whether something came out of a challenge."""
    wanted = select(contribution.c.contribution_id).where(contribution.c.challenge_id == challenge_id)
    return (await work.execute(wanted.limit(1))).first() is not None


async def counts(work: Work, event_id: str) -> Mapping[tuple[str, ContributionKind], int]:
    """How much came out of each challenge, by kind."""
    by = (contribution.c.challenge_id, contribution.c.kind)
    wanted = select(*by, func.count().label("many")).where(contribution.c.event_id == event_id).group_by(*by)
    return {(row.challenge_id, ContributionKind(row.kind)): row.many for row in await work.execute(wanted)}


def _row(held: Contribution) -> dict[str, object]:
    return {name: getattr(held.words, name) for name in _WORDS} | {
        "contribution_id": held.contribution_id,
        "event_id": held.event_id,
        "kind": held.words.kind.value,
        "owner_organiser_id": held.words.owner_organiser_id or None,
        "state": held.state.value,
        "created_at": held.created_at,
        "version": held.version,
    }


def _contribution(row: Row[Any]) -> Contribution:
    words = Words(
        kind=ContributionKind(row.kind),
        owner_organiser_id=row.owner_organiser_id or "",
        **{name: getattr(row, name) for name in _WORDS},
    )
    return Contribution(
        contribution_id=row.contribution_id,
        event_id=row.event_id,
        words=words,
        state=ContributionState(row.state),
        created_at=row.created_at,
        version=row.version,
    )
