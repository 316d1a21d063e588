"""A service that does not answer is missing by itself: the page says so, everything else is there."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from journey import Journey, eventually, standing
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fragile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Journey]:
    """A house of its own, whose services these tests kill one after the other."""
    async with standing(tmp_path_factory.mktemp("fragile") / "home") as stands:
        yield stands


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sam(fragile: Journey) -> AsyncIterator[Visitor]:
    """The community manager of both coworkings, who signed in while all was well."""
    async with Visitor(fragile.portal) as somebody:
        await somebody.sign_in("sam@demo.example", fragile.password("sam@demo.example"))
        yield somebody


async def kill(house: Journey, name: str) -> None:
    """SIGKILL a process from outside."""
    running = house.process(name)
    running.kill()
    await running.wait()


async def test_all_is_well_at_first(sam: Visitor) -> None:
    page = await sam.open("/tableau-de-bord")
    assert "data-silent" not in page.text
    assert "code-carte" in page.text


async def test_without_a_structures_coworking_the_other_structure_still_shows(fragile: Journey, sam: Visitor) -> None:
    await kill(fragile, "coworking@la-ruche")
    page = await sam.open("/tableau-de-bord")
    assert page.status == 200
    assert 'data-silent="la-ruche"' in page.text
    assert 'data-silent="inter-made"' not in page.text
    ready = await sam.open("/readyz")
    assert ready.status == 200
    assert '"degraded":["coworking@la-ruche"]' in ready.text


async def test_without_shared_identity_those_who_are_in_go_on(fragile: Journey, sam: Visitor) -> None:
    await kill(fragile, "shared-identity@groupement")
    page = await sam.open("/tableau-de-bord")
    assert page.status == 200
    assert "Votre carte ne peut pas" in page.text
    assert "Aucune adhésion" not in page.text, "what is not known is not said to be nothing"
    team = await sam.open("/equipe/inter-made")
    assert team.status == 200
    assert "Lieux" in team.text


async def test_without_shared_identity_new_sign_ins_are_told_to_wait(fragile: Journey) -> None:
    async with Visitor(fragile.portal) as somebody:
        page = await somebody.open("/tableau-de-bord")
        assert page.status == 503
        assert "les nouvelles connexions attendent" in page.text
        home = await somebody.open("/")
        assert home.status == 200
        assert "Inter-Made" in home.text


async def test_without_any_service_it_says_that_it_cannot_serve(fragile: Journey, sam: Visitor) -> None:
    for name in ("incubator@inter-made", "coworking@inter-made"):
        await kill(fragile, name)

    async def unavailable() -> bool:
        return (await sam.open("/readyz")).status == 503

    await eventually(unavailable, seconds=30, what="503 at /readyz")
    assert (await sam.open("/healthz")).status == 200
