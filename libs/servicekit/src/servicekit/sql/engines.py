"""Connection pools, set so that SQLite and PostgreSQL keep the same promises."""

from typing import Any

from sqlalchemy import Connection, make_url
from sqlalchemy.engine import URL
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from servicekit.sql.connections import Connections
from servicekit.sql.sqlite import OneHopSqlite
from servicekit.sql.trouble import translate_errors

_STATEMENT_MS = 30_000
_IDLE_IN_TRANSACTION_MS = 60_000


def pools(url: str, patience: float) -> tuple[str, Connections, Connections]:
    """The dialect of `sqlite+aiosqlite:///file` or `postgresql+asyncpg://...`, its connections for writing and reading.

    Raises ValueError on another URL.
    """
    address = make_url(url)
    if address.drivername == "sqlite+aiosqlite" and address.database not in (None, "", ":memory:"):
        writing, reading, writers, readers = (
            _sqlite_writing(address, patience),
            _sqlite_reading(address, patience),
            1,
            4,
        )
    elif address.drivername == "postgresql+asyncpg":
        writing, reading, writers, readers = _postgres(address, patience), _postgres_reading(address, patience), 10, 10
    else:
        raise ValueError(f"not a database we can use: {address.drivername}")
    translate_errors(writing.sync_engine)
    translate_errors(reading.sync_engine)
    return writing.dialect.name, Connections(writing, writers, patience), Connections(reading, readers, patience)


def sqlite_engine(address: URL, *, patience: float, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    """An engine on a SQLite file whose every transaction starts with `begin`."""
    engine = create_async_engine(
        address,
        module=OneHopSqlite(),
        connect_args={"isolation_level": None, "timeout": patience},
        poolclass=NullPool,
        pool_reset_on_return=None,
    )

    def set_up(connection: Any, _record: Any) -> None:
        connection.opens_with, connection.patience = begin, patience
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "trusted_schema=OFF", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")

    def open_transaction(connection: Connection) -> None:
        connection.connection.dbapi_connection.begin()  # type: ignore[union-attr]

    listen(engine.sync_engine, "connect", set_up)
    listen(engine.sync_engine, "begin", open_transaction)
    return engine


def _sqlite_writing(address: URL, patience: float) -> AsyncEngine:
    return sqlite_engine(address, patience=patience, begin="BEGIN IMMEDIATE", pragmas=("journal_mode=WAL",))


def _sqlite_reading(address: URL, patience: float) -> AsyncEngine:
    return sqlite_engine(address, patience=patience, begin="BEGIN", pragmas=("query_only=ON",))


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
        poolclass=NullPool,
        isolation_level="READ COMMITTED",
    )


def _postgres_reading(address: URL, patience: float) -> AsyncEngine:
    return _postgres(address, patience).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
