"""Fixtures for every test that keeps state: each runs on SQLite and on PostgreSQL."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from engines import ENGINES, Databases, postgres
from servicekit.sql import Database

_CHANGES_EACH_RUN = re.compile(r"[0-9a-f]{32}| at 0x[0-9a-f]+")


def pytest_make_parametrize_id(val: object) -> str | None:
    """A case is called the same in every worker: what changes from run to run is left out of its name."""
    named = val if isinstance(val, str) else repr(val) if isinstance(val, (dict, list, tuple)) else ""
    if isinstance(val, dict):
        return _CHANGES_EACH_RUN.sub("", named)
    return _CHANGES_EACH_RUN.sub("", named) if _CHANGES_EACH_RUN.search(named) else None


MakeDatabase = Callable[..., Awaitable[Database]]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the PostgreSQL server of this run."""
    with postgres() as server:
        yield server


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under test: `sqlite`, then `postgresql`."""
    return str(request.param)


@pytest_asyncio.fixture
async def databases(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Databases]:
    """Makes databases on the engine under test, as many as a test wants."""
    server = request.getfixturevalue("postgres_server") if engine == "postgresql" else ""
    made = Databases(engine, tmp_path, server)
    yield made
    await made.close()


@pytest.fixture
def make_database(databases: Databases) -> MakeDatabase:
    """`await make_database(metadata, origin)`: a fresh database with these tables."""
    return databases.make


@pytest_asyncio.fixture
async def database(databases: Databases) -> Database:
    """A fresh database with the kit's tables and nothing else."""
    return await databases.make()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test proves nothing: the run fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
