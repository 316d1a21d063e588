"""Databases with a small service's tables in them."""

import pytest_asyncio
from engines import Databases
from servicekit.sql import Database
from stored import METADATA, add_lamp


@pytest_asyncio.fixture
async def house(databases: Databases) -> Database:
    """A database with one lamp in it, not lit."""
    database = await databases.make(METADATA)
    async with database.work() as work:
        await add_lamp(work)
    return database


@pytest_asyncio.fixture
async def twins(databases: Databases) -> tuple[Database, Database]:
    """One database with one lamp in it, seen by two processes."""
    url = await databases.url(METADATA)
    one, other = databases.again(url), databases.again(url)
    async with one.work() as work:
        await add_lamp(work)
    return one, other
