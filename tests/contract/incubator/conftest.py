"""A fresh incubator's database, on both engines."""

import pytest_asyncio
from engines import Databases
from incubating import INCUBATOR
from incubator.tables import METADATA
from servicekit.sql import Database


@pytest_asyncio.fixture
async def database(databases: Databases) -> Database:
    """A database with the incubator's tables."""
    return await databases.make(METADATA, INCUBATOR)
