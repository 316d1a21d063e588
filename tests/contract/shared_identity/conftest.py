"""A database of shared-identity, on the engine under test."""

from collections.abc import Awaitable, Callable

import pytest_asyncio
from identity import SHARED_IDENTITY
from servicekit.sql import Database
from shared_identity.schema import METADATA


@pytest_asyncio.fixture
async def identity_db(make_database: Callable[..., Awaitable[Database]]) -> Database:
    """A fresh database with every table of the service."""
    return await make_database(METADATA, SHARED_IDENTITY)
