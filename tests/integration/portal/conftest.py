"""A whole house behind the portal: real services, the real provider, the demo that says it is invented."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio
from journey import Journey, standing
from visitor import Visitor

LA_RUCHE, INTER_MADE = "la-ruche", "inter-made"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Journey]:
    """One house for every test that leaves it standing."""
    async with standing(tmp_path_factory.mktemp("portal") / "home") as stands:
        yield stands


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(house: Journey) -> AsyncIterator[Visitor]:
    """Somebody who has not signed in."""
    async with Visitor(house.portal) as somebody:
        yield somebody


@pytest_asyncio.fixture(loop_scope="session")
async def camille(house: Journey, visitor: Visitor) -> Visitor:
    """A project holder, signed in."""
    return await signed_in(house, visitor, "camille@demo.example")


@pytest_asyncio.fixture(loop_scope="session")
async def nadia(house: Journey) -> AsyncIterator[Visitor]:
    """The shared director, signed in."""
    async with Visitor(house.portal) as somebody:
        yield await signed_in(house, somebody, "nadia@demo.example")


@pytest_asyncio.fixture(loop_scope="session")
async def sam(house: Journey) -> AsyncIterator[Visitor]:
    """The community manager, signed in."""
    async with Visitor(house.portal) as somebody:
        yield await signed_in(house, somebody, "sam@demo.example")


@pytest.fixture
def weekday() -> date:
    """A working day a month ahead, which the demo leaves free."""
    day = date.today() + timedelta(days=28)
    return day - timedelta(days=max(0, day.weekday() - 2))


async def signed_in(house: Journey, somebody: Visitor, email: str) -> Visitor:
    """The visitor, once the provider knows them."""
    page = await somebody.sign_in(email, house.password(email))
    assert page.path == "/tableau-de-bord", page.text
    return somebody
