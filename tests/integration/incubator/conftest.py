"""A running incubator on both engines."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from engines import Databases
from greeting import House
from incubating import INCUBATOR
from incubator.tables import METADATA
from incubator_house import Running, running


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One authority and one issuer of tokens."""
    return House(tmp_path_factory.mktemp("pki"))


@pytest_asyncio.fixture
async def incubator(house: House, databases: Databases) -> AsyncIterator[Running]:
    """An incubator with its staff and nothing else."""
    async with running(house, await databases.make(METADATA, INCUBATOR)) as opened:
        yield opened
