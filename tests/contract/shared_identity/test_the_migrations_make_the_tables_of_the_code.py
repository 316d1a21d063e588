"""Migrating an empty database gives exactly the tables the code expects, once."""

from pathlib import Path

import shared_identity
from engines import Databases
from servicekit.sql.migrations import differences, pending, upgrade
from shared_identity.schema import METADATA

MIGRATIONS = Path(shared_identity.__file__).parent / "migrations"
VERSIONS = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def test_nothing_is_missing_and_nothing_differs(databases: Databases) -> None:
    url = await databases.url()
    assert await upgrade(url, MIGRATIONS, METADATA) == VERSIONS
    assert await differences(url, METADATA) == []


async def test_a_second_time_there_is_nothing_to_do(databases: Databases) -> None:
    url = await databases.url()
    await upgrade(url, MIGRATIONS, METADATA)
    assert await upgrade(url, MIGRATIONS, METADATA) == []
    assert await pending(url, MIGRATIONS) == []
