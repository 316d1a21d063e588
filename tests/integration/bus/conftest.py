"""A house on a real nats-server: provisioned once a module, or fresh for a test that changes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from broker import Broker, broker, house


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Broker]:
    """A provisioned house of this test's own."""
    async with broker(tmp_path, house(tmp_path)) as running:
        yield running
