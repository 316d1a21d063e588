"""A house on a real nats-server of the test's own, and a bakery in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from bakery import BAKERY, METADATA
from broker import Broker, broker, house
from servicekit.bus.connection import Bus
from servicekit.sql import Database


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Broker]:
    """A provisioned house of this test's own."""
    async with broker(tmp_path, house(tmp_path)) as running:
        yield running


@pytest.fixture
async def bakery_bus(fresh: Broker) -> AsyncIterator[Bus]:
    """The bus as `bakery@south` connects to it."""
    async with fresh.connected("south", "bakery@south") as bus:
        yield bus


@pytest.fixture
async def db(make_database: Callable[..., Awaitable[Database]]) -> Database:
    """The database of `bakery@south`, on each engine in turn."""
    return await make_database(METADATA, BAKERY)
