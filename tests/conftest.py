"""Fixtures for every test that keeps state: each runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from engines import ENGINES, Databases, postgres
from servicekit.sql import Database

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
