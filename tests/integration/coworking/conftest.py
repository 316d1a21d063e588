"""A running coworking on both engines."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from coworking.tables import METADATA
from coworking_house import Running, running
from engines import Databases
from greeting import House
from village import LA_RUCHE


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """One authority and one issuer of tokens."""
    return House(tmp_path_factory.mktemp("pki"))


@pytest_asyncio.fixture
async def coworking(house: House, databases: Databases) -> AsyncIterator[Running]:
    """A coworking with its staff, a place and twenty seats."""
    async with running(house, await databases.make(METADATA, LA_RUCHE)) as opened:
        yield opened
