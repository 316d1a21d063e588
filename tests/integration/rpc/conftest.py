"""A house of its own for each test, and what its processes would have logged."""

import io
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from greeting import Greetings, House
from servicekit import logs

Lines = Callable[[], list[dict[str, object]]]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """An authority, an issuer of tokens, and whatever the test opens."""
    made = House(tmp_path)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def greetings() -> Greetings:
    """The service that the tests call."""
    return Greetings()


@pytest.fixture
def logged() -> Iterator[Lines]:
    """What was logged so far, as dictionaries."""
    stream = io.StringIO()
    logs.configure(instance="coworking@la-place", level="DEBUG", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
