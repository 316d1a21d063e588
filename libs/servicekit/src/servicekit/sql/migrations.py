"""Migrations: every table of an instance brought up to date, once, however many processes start together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import alembic.command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from servicekit.sql.engines import sqlite_engine
from servicekit.sql.tables import kit_metadata

_ENVIRONMENT = Path(__file__).parent / "alembic"
_PATIENCE = 120.0
_LOCK = 0x67_72_6F_75_70
_HOLD = text("SELECT pg_advisory_xact_lock(:lock)")


async def upgrade(url: str, script_location: Path | str, metadata: MetaData | None = None) -> Sequence[str]:
    """Runs what is missing of `<script_location>/versions/*.py`; gives the revisions it ran, oldest first.

    All in one transaction under one lock, on both engines: a second process waits, then finds nothing to do.
    """
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            await _lock(connection.dialect.name, connection)
            return await connection.run_sync(_upgrade, _config(script_location), metadata)
    finally:
        await engine.dispose()


async def pending(url: str, script_location: Path | str) -> Sequence[str]:
    """The revisions that have not run yet, oldest first."""
    engine = _engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_missing, _config(script_location))
    finally:
        await engine.dispose()


def create_kit_tables(op: Operations | Any) -> None:
    """Creates the kit's tables: for a service's first migration, `create_kit_tables(op)`."""
    kit_metadata().create_all(op.get_bind())


async def differences(url: str, metadata: MetaData) -> Sequence[Any]:
    """What the migrated database and the tables in the code do not agree on: for tests, which want nothing."""
    engine = _engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_differences, metadata)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_async_engine(address)
    # A batch migration rebuilds tables: references are checked once, at the end.
    pragmas = ("journal_mode=WAL", "foreign_keys=OFF")
    return sqlite_engine(address, patience=_PATIENCE, begin="BEGIN IMMEDIATE", pragmas=pragmas)


async def _lock(dialect: str, connection: Any) -> None:
    if dialect == "postgresql":
        await connection.execute(_HOLD, {"lock": _LOCK})


def _config(script_location: Path | str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(Path(script_location) / "versions"))
    return config


def _upgrade(connection: Connection, config: Config, metadata: MetaData | None) -> Sequence[str]:
    missing = _missing(connection, config)
    config.attributes.update(connection=connection, metadata=metadata)
    alembic.command.upgrade(config, "head")
    _check_references(connection)
    return missing


def _missing(connection: Connection, config: Config) -> Sequence[str]:
    scripts = ScriptDirectory.from_config(config)
    held = MigrationContext.configure(connection).get_current_heads()
    revisions = scripts.iterate_revisions("heads", held or "base")
    return [revision.revision for revision in revisions if revision.revision not in held][::-1]


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
        raise RuntimeError(f"a migration left a reference to nothing in table {broken[0]}")


def _differences(connection: Connection, metadata: MetaData) -> Sequence[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))
