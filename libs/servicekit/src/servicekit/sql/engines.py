"""Connection pools, set so that SQLite and PostgreSQL keep the same promises."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, make_url
from sqlalchemy.engine import URL
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from servicekit.sql.sqlite import OneHopSqlite
from servicekit.sql.trouble import translate_errors

_READERS = 4
_POOL = 10
_STATEMENT_MS = 30_000
_IDLE_IN_TRANSACTION_MS = 60_000


@dataclass(frozen=True, kw_only=True)
class Pools:
    """Connections that write, and others that cannot."""

    writing: AsyncEngine
    reading: AsyncEngine


def pools(url: str, patience: float) -> Pools:
    """The pools for `sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`; raises ValueError on another URL."""
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite" and address.database not in (None, "", ":memory:"):
        made = Pools(writing=_sqlite_writing(address, patience), reading=_sqlite_reading(address, patience))
    elif address.drivername == "postgresql+asyncpg":
        made = Pools(writing=_postgres(address, patience), reading=_postgres_reading(address, patience))
    else:
        raise ValueError(f"not a database we can use: {address.drivername}")
    translate_errors(made.writing.sync_engine)
    translate_errors(made.reading.sync_engine)
    return made


def sqlite_engine(address: URL, *, size: int, patience: float, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    """An engine on a SQLite file whose every transaction starts with `begin`."""
    engine = create_async_engine(
        address,
        module=OneHopSqlite(),
        connect_args={"isolation_level": None, "timeout": patience},
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        pool_reset_on_return=None,
    )

    def set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")

    def open_transaction(connection: Connection) -> None:
        connection.connection.dbapi_connection.begin(begin)  # type: ignore[union-attr]

    listen(engine.sync_engine, "connect", set_up)
    listen(engine.sync_engine, "begin", open_transaction)
    return engine


def _sqlite_writing(address: URL, patience: float) -> AsyncEngine:
    return sqlite_engine(address, size=1, patience=patience, begin="BEGIN IMMEDIATE", pragmas=("journal_mode=WAL",))


def _sqlite_reading(address: URL, patience: float) -> AsyncEngine:
    return sqlite_engine(address, size=_READERS, patience=patience, begin="BEGIN", pragmas=("query_only=ON",))


def _postgres(address: URL, patience: float) -> AsyncEngine:
    settings = {
        "application_name": "groupement",
        "timezone": "UTC",
        "jit": "off",
        "lock_timeout": str(int(patience * 1000)),
        "statement_timeout": str(_STATEMENT_MS),
        "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_MS),
    }
    return create_async_engine(
        address,
        connect_args={"timeout": patience, "server_settings": settings},
        pool_size=_POOL,
        max_overflow=0,
        pool_timeout=patience,
        pool_use_lifo=True,
        isolation_level="READ COMMITTED",
    )


def _postgres_reading(address: URL, patience: float) -> AsyncEngine:
    return _postgres(address, patience).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
