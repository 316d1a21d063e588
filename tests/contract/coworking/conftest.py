"""A fresh coworking's database, on both engines."""

import pytest_asyncio
from coworking.tables import METADATA
from engines import Databases
from servicekit.sql import Database
from village import LA_RUCHE


@pytest_asyncio.fixture
async def database(databases: Databases) -> Database:
    """A database with the coworking's tables."""
    return await databases.make(METADATA, LA_RUCHE)
