"""What an installation starts with: its people, read from TOML; the alliance's loader reads the rest of the file."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from servicekit.identifiers import is_id
from servicekit.refusals import Invalid, Refusal
from servicekit.sql import Database, Work

from shared_identity import alliance, gatherings, showcase
from shared_identity.codes import Codes
from shared_identity.passwords import Passwords, common_passwords
from shared_identity.people import usecases as people
from shared_identity.people.domain import Person, check_password, email_address, locale, name
from shared_identity.registrations.office import Office

Entry = Mapping[str, Any]


class FileUnreadable(Invalid):
    """The file cannot be read, or is not written as it should be."""


class PersonIdMalformed(Invalid):
    """A person is named by an identifier: person_ and 32 hexadecimal digits."""


async def load(
    db: Database, file: Path, passwords_file: Path | None, passwords: Passwords, *, codes: Codes, now: datetime
) -> bool:
    """Loads a file, all of it or nothing; False when all was there already. Raises a Refusal naming what is wrong."""
    document = _read(file, tomllib.loads)
    chosen = {} if passwords_file is None else _read(passwords_file, json.loads)
    async with db.work() as work:
        changed = [await _install(work, entry, place, now) for place, entry in enumerate(document.get("people", []))]
        changed.append(await alliance.load(work, document, now=now))
        changed.append(await gatherings.load(work, Office(codes=codes), document, now=now))
        changed.append(await showcase.load(work, document, now=now))
    changed += [await _set_password(db, passwords, email, password) for email, password in chosen.items()]
    return any(changed)


async def _install(work: Work, entry: Entry, place: int, now: datetime) -> bool:
    try:
        return await people.install(work, _person(entry, now))
    except Refusal as refusal:
        refusal.field = f"people[{place}].{refusal.field}"
        raise


def _person(entry: Entry, now: datetime) -> Person:
    """Somebody whose address the installation vouches for."""
    person_id = str(entry.get("id", ""))
    if not is_id(person_id, "person"):
        raise PersonIdMalformed(field="id")
    return Person(
        person_id=person_id,
        email=email_address(str(entry.get("email", ""))),
        given_name=name(str(entry.get("given_name", "")), "given_name"),
        family_name=name(str(entry.get("family_name", "")), "family_name"),
        locale=locale(str(entry.get("locale", ""))),
        email_verified=True,
        created_at=now,
    )


async def _set_password(db: Database, passwords: Passwords, email: str, password: str) -> bool:
    """Sets somebody's password unless it is theirs already; hashing happens outside of transactions."""
    check_password(password, common_passwords())
    async with db.reading() as work:
        person = await people.by_email(work, email_address(email))
    if person is None or await passwords.verify(password, person.password_hash):
        return False
    password_hash = await passwords.hash(password)
    async with db.work() as work:
        await people.set_password(work, person.person_id, password_hash)
    return True


def _read(path: Path, parse: Any) -> dict[str, Any]:
    try:
        read = parse(path.read_text())
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"{path}: {type(error).__name__}: {error}") from error
    if not isinstance(read, dict):
        raise FileUnreadable(f"{path}: holds no table")
    return read
