"""People to test with, and what shared-identity needs around it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from servicekit.origin import GROUPEMENT, Origin
from servicekit.sql import Database, Work
from shared_identity.codes import Codes
from shared_identity.mail.domain import Letter
from shared_identity.mail.storage import due
from shared_identity.passwords import Passwords
from shared_identity.people import storage as people
from shared_identity.people.domain import Names, Person, Registration
from sqlalchemy import Table, func, select

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SHARED_IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")
CODES = Codes(b"0123456789abcdef0123456789abcdef")
PASSWORD = "une phrase bien longue"

CAMILLE = Person(
    person_id="person_01990000000070008000000000000004",
    email="camille@demo.example",
    given_name="Camille",
    family_name="Fictive",
    locale="fr",
    email_verified=True,
    created_at=NOW,
)
SAM = replace(CAMILLE, person_id="person_01990000000070008000000000000003", email="sam@demo.example", given_name="Sam")


def quick_passwords() -> Passwords:
    """Real argon2, with so little memory that a test can afford it."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def wish(
    email: str = "nouvelle@demo.example", *, given_name: str = "Nouvelle", password_hash: str = ""
) -> Registration:
    """A registration."""
    names = Names(given_name=given_name, family_name="Venue")
    return Registration(email=email, names=names, locale="fr", password_hash=password_hash)


async def settle(db: Database, *persons: Person) -> None:
    """People who are there already."""
    async with db.work() as work:
        for person in persons:
            assert await people.add(work, person)


async def person_of(db: Database, email: str) -> Person:
    """The person of an address, who must be there."""
    async with db.reading() as work:
        found = await people.by_email(work, email)
    assert found is not None
    return found


async def letters(work: Work) -> list[Letter]:
    """The letters that wait, oldest first."""
    return list(await due(work, datetime.max.replace(tzinfo=UTC), 100))


async def last_letter(db: Database) -> Letter:
    """The letter written last."""
    async with db.reading() as work:
        return max(await letters(work), key=lambda letter: letter.letter_id)


async def rows(db: Database, table: Table) -> list[Any]:
    """What a table holds."""
    async with db.reading() as work:
        return list(await work.execute(select(table)))


async def count(db: Database, table: Table) -> int:
    """How many rows a table holds."""
    async with db.reading() as work:
        return (await work.execute(select(func.count()).select_from(table))).scalar_one()
