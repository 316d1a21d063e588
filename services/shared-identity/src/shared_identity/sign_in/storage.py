"""Challenges and the links that answer them, as rows."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work
from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, case, delete, insert, select, update

from shared_identity.sign_in.domain import RESUME_LIFE, Answer, Asked, Challenge, Method
from shared_identity.tables import METADATA

sign_in_challenge = Table(
    "sign_in_challenge",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("client_name", Text, nullable=False),
    Column("login_hint", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("person_id", Text, ForeignKey("person.person_id", ondelete="CASCADE")),
    Column("method", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("resume_digest", Text, unique=True),
)
"""Challenges; the row goes when the browser that answered comes back."""

sign_in_link = Table(
    "sign_in_link",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column(
        "challenge_digest",
        Text,
        ForeignKey("sign_in_challenge.digest", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("person_id", Text, ForeignKey("person.person_id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Links mailed that answer a challenge."""


async def add(work: Work, challenge: Challenge) -> None:
    """Keeps a challenge."""
    row = {"digest": challenge.digest, "expires_at": challenge.expires_at, "method": "", "epoch": 0}
    await work.execute(insert(sign_in_challenge), {**asdict(challenge.asked), **row})


async def waiting(work: Work, digest: str, now: datetime) -> Challenge | None:
    """The challenge, if it still waits for an answer."""
    row = (await work.execute(select(sign_in_challenge).where(*_waits(digest, now)))).first()
    return None if row is None else Challenge(digest=row.digest, asked=_asked(row), expires_at=row.expires_at)


async def prolong(work: Work, digest: str, until: datetime) -> None:
    """Lets a challenge live until then, or longer if it already does."""
    later = case((sign_in_challenge.c.expires_at < until, until), else_=sign_in_challenge.c.expires_at)
    await work.execute(update(sign_in_challenge).where(sign_in_challenge.c.digest == digest).values(expires_at=later))


async def answer(work: Work, digest: str, given: Answer, resume_digest: str) -> bool:
    """Keeps the answer, once; False when the challenge no longer waits for one."""
    kept = (
        update(sign_in_challenge)
        .where(*_waits(digest, given.answered_at))
        .values(**asdict(given), resume_digest=resume_digest, expires_at=given.answered_at + RESUME_LIFE)
    )
    return (await work.execute(kept)).rowcount == 1


async def take_answered(work: Work, resume_digest: str, now: datetime) -> tuple[Asked, Answer] | None:
    """What was asked and who answered, given once."""
    taken = (
        delete(sign_in_challenge)
        .where(sign_in_challenge.c.resume_digest == resume_digest, sign_in_challenge.c.expires_at > now)
        .returning(sign_in_challenge)
    )
    row = (await work.execute(taken)).first()
    return None if row is None else (_asked(row), _answer(row))


async def add_link(work: Work, digest: str, *, challenge: str, person_id: str, expires_at: datetime) -> None:
    """Keeps the digest of a link that answers a challenge, named by its own digest."""
    row = {"digest": digest, "challenge_digest": challenge, "person_id": person_id, "expires_at": expires_at}
    await work.execute(insert(sign_in_link), row)


async def take_link(work: Work, digest: str, now: datetime) -> tuple[str, str] | None:
    """The challenge (its digest) a link answers and for whom; the link is spent from here on."""
    taken = (
        delete(sign_in_link)
        .where(sign_in_link.c.digest == digest, sign_in_link.c.expires_at > now)
        .returning(sign_in_link.c.challenge_digest, sign_in_link.c.person_id)
    )
    row = (await work.execute(taken)).first()
    return None if row is None else (row.challenge_digest, row.person_id)


async def forget_before(work: Work, now: datetime) -> None:
    """Forgets what nobody answered in time, its links included."""
    await work.execute(delete(sign_in_link).where(sign_in_link.c.expires_at <= now))
    await work.execute(delete(sign_in_challenge).where(sign_in_challenge.c.expires_at <= now))


def _waits(digest: str, now: datetime) -> tuple[Any, ...]:
    held = sign_in_challenge.c
    return held.digest == digest, held.answered_at.is_(None), held.expires_at > now


def _asked(row: Row[*tuple[Any, ...]]) -> Asked:
    return Asked(client_id=row.client_id, client_name=row.client_name, login_hint=row.login_hint, request=row.request)


def _answer(row: Row[*tuple[Any, ...]]) -> Answer:
    return Answer(person_id=row.person_id, method=Method(row.method), epoch=row.epoch, answered_at=row.answered_at)
