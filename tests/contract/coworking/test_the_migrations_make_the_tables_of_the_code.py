"""Migrations go up on both engines, and leave nothing to wish for."""

from pathlib import Path

import coworking
from coworking.tables import METADATA
from engines import Databases
from servicekit.sql.migrations import differences, pending, upgrade

MIGRATIONS = Path(coworking.__file__).parent / "migrations"


async def test_the_migrations_make_the_tables_of_the_code(databases: Databases) -> None:
    url = await databases.url()
    assert await pending(url, MIGRATIONS)
    assert await upgrade(url, MIGRATIONS, METADATA)
    assert await differences(url, METADATA) == []


async def test_a_second_run_finds_nothing_to_do(databases: Databases) -> None:
    url = await databases.url()
    await upgrade(url, MIGRATIONS, METADATA)
    assert await upgrade(url, MIGRATIONS, METADATA) == []
    assert await pending(url, MIGRATIONS) == []
