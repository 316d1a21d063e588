"""People, their codes and cards as rows."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work, insert_if_absent
from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    delete,
    insert,
    select,
    text,
    update,
)

from shared_identity.people.domain import Card, Names, Person, Purpose
from shared_identity.tables import METADATA

person = Table(
    "person",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("email_verified", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Identities."""

person_code = Table(
    "person_code",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("person_id", Text, ForeignKey("person.person_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Codes mailed, with what a registration will set once it is proved."""

_LIVE = text("revoked_at IS NULL")

card = Table(
    "card",
    METADATA,
    Column("card_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.person_id", ondelete="CASCADE"), nullable=False),
    Column("kid", Text, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_card_live", "person_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)
"""Cards; one live card a person, says the index."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code that was mailed: whose it is, and what its registration asked for."""

    purpose: Purpose
    person_id: str
    names: Names
    password_hash: str
    expires_at: datetime


async def by_id(work: Work, person_id: str) -> Person | None:
    """The person of that id."""
    return _person((await work.execute(select(person).where(person.c.person_id == person_id))).first())


async def by_email(work: Work, email: str) -> Person | None:
    """The person of that address, which must be as `domain.email_address` gives it."""
    return _person((await work.execute(select(person).where(person.c.email == email))).first())


async def for_update(work: Work, person_id: str) -> Person | None:
    """The person, whom nobody else may change before this work ends."""
    locked = select(person).where(person.c.person_id == person_id).with_for_update()
    return _person((await work.execute(locked)).first())


async def add(work: Work, new: Person) -> bool:
    """Keeps a new person; False when the id or the address is already there."""
    return bool(await insert_if_absent(work, person, asdict(new)))


async def save(work: Work, changed: Person) -> None:
    """Keeps a person as changed."""
    await work.execute(update(person).where(person.c.person_id == changed.person_id).values(asdict(changed)))


async def names_of(work: Work, person_ids: Collection[str]) -> Mapping[str, Names]:
    """The names of people, by id."""
    asked = select(person.c.person_id, person.c.given_name, person.c.family_name)
    rows = await work.execute(asked.where(person.c.person_id.in_(person_ids)))
    return {row.person_id: Names(given_name=row.given_name, family_name=row.family_name) for row in rows}


async def add_code(work: Work, digest: str, code: Code) -> None:
    """Keeps the digest of a code."""
    row = {
        "digest": digest,
        "purpose": code.purpose,
        "person_id": code.person_id,
        "given_name": code.names.given_name,
        "family_name": code.names.family_name,
        "password_hash": code.password_hash,
        "expires_at": code.expires_at,
    }
    await work.execute(insert(person_code), row)


async def take_code(work: Work, digest: str, purpose: Purpose, now: datetime) -> Code | None:
    """The code, which is spent from here on; None when there is none that still counts."""
    taken = (
        delete(person_code)
        .where(person_code.c.digest == digest, person_code.c.purpose == purpose, person_code.c.expires_at > now)
        .returning(person_code)
    )
    row = (await work.execute(taken)).first()
    return None if row is None else _code(row)


async def forget_codes(work: Work, person_id: str) -> None:
    """Forgets every code mailed to somebody."""
    await work.execute(delete(person_code).where(person_code.c.person_id == person_id))


async def forget_codes_before(work: Work, now: datetime) -> None:
    """Forgets the codes that are too old."""
    await work.execute(delete(person_code).where(person_code.c.expires_at <= now))


async def live_card(work: Work, person_id: str) -> Card | None:
    """The card somebody holds."""
    row = (await work.execute(select(card).where(card.c.person_id == person_id, card.c.revoked_at.is_(None)))).first()
    return None if row is None else _card(row)


async def add_card(work: Work, new: Card) -> None:
    """Keeps a new card."""
    await work.execute(insert(card), asdict(new))


async def renew_card(work: Work, renewed: Card) -> None:
    """Keeps a card's new dates and key."""
    await work.execute(update(card).where(card.c.card_id == renewed.card_id).values(asdict(renewed)))


async def revoke_card(work: Work, card_id: str, now: datetime) -> None:
    """Takes a card out of use."""
    await work.execute(update(card).where(card.c.card_id == card_id).values(revoked_at=now))


def _person(row: Row[*tuple[Any, ...]] | None) -> Person | None:
    return None if row is None else Person(**row._mapping)


def _code(row: Row[*tuple[Any, ...]]) -> Code:
    return Code(
        purpose=Purpose(row.purpose),
        person_id=row.person_id,
        names=Names(given_name=row.given_name, family_name=row.family_name),
        password_hash=row.password_hash,
        expires_at=row.expires_at,
    )


def _card(row: Row[*tuple[Any, ...]]) -> Card:
    return Card(
        card_id=row.card_id,
        person_id=row.person_id,
        kid=row.kid,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
    )
