"""Logins and authorization codes as rows."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work
from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, delete, insert, select, update

from shared_identity.oidc.domain import Code, Login
from shared_identity.tables import METADATA

login = Table(
    "login",
    METADATA,
    Column("login_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("person.person_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("client_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("signed_in_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("refresh_digest", Text, unique=True),
)
"""Logins; the row goes when the login ends."""

authorization_code = Table(
    "authorization_code",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("login_id", Text, ForeignKey("login.login_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)
"""Codes, kept as long as their login: one that comes back a second time was stolen."""


_LOGIN = [login.c[field.name] for field in fields(Login)]


async def add(work: Work, new: Login, code: Code, digest: str) -> None:
    """Keeps a login and the code that will be exchanged for its tokens."""
    await work.execute(insert(login), asdict(new))
    await work.execute(insert(authorization_code), {**asdict(code), "digest": digest, "login_id": new.login_id})


async def take_code(work: Work, digest: str, now: datetime) -> tuple[Code, Login] | None:
    """The code and its login, given once."""
    used = authorization_code.c
    taken = (
        update(authorization_code)
        .where(used.digest == digest, used.used_at.is_(None))
        .values(used_at=now)
        .returning(used.login_id, used.redirect_uri, used.code_challenge, used.nonce, used.expires_at)
    )
    row = (await work.execute(taken)).first()
    held = None if row is None else await by_id(work, row.login_id)
    return None if row is None or held is None else (_code(row), held)


async def end_login_of_code(work: Work, digest: str) -> None:
    """Ends the login a code belongs to, if there is one."""
    owner = select(authorization_code.c.login_id).where(authorization_code.c.digest == digest)
    await work.execute(delete(login).where(login.c.login_id.in_(owner)))


async def by_id(work: Work, login_id: str) -> Login | None:
    """The login of that id."""
    return _login((await work.execute(select(*_LOGIN).where(login.c.login_id == login_id))).first())


async def by_refresh(work: Work, digest: str) -> Login | None:
    """The login a refresh token belongs to."""
    return _login((await work.execute(select(*_LOGIN).where(login.c.refresh_digest == digest))).first())


async def set_refresh(work: Work, login_id: str, digest: str) -> None:
    """Keeps the digest of a login's refresh token."""
    await work.execute(update(login).where(login.c.login_id == login_id).values(refresh_digest=digest))


async def end(work: Work, login_id: str, client_id: str) -> None:
    """Ends a login of a client."""
    await work.execute(delete(login).where(login.c.login_id == login_id, login.c.client_id == client_id))


async def forget_before(work: Work, now: datetime) -> None:
    """Forgets logins that are over, their codes with them."""
    await work.execute(delete(login).where(login.c.expires_at <= now))


def _login(row: Row[*tuple[Any, ...]] | None) -> Login | None:
    return None if row is None else Login(**row._mapping)


def _code(row: Row[*tuple[Any, ...]]) -> Code:
    return Code(
        redirect_uri=row.redirect_uri, code_challenge=row.code_challenge, nonce=row.nonce, expires_at=row.expires_at
    )
