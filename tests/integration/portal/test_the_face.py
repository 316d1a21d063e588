"""The face of the portal in a real browser: faultless for everybody, light, complete without a script."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from face import faultless, faults, watch
from journey import Journey, browser
from playwright.async_api import Browser, Page, Response, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUBLIC = ("/", "/espaces", "/inscription", "/connexion", "/mot-de-passe-oublie", "/nulle-part", "/lien?code=x")
ASIDE = ("/styleguide", "/palette", "/palette?q=introuvable", "/aide-clavier", "/accessibilite")
LIGHTEST = 120 * 1024


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def window(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window of the portal, its complaints heard."""
    context = await chromium.new_context(
        base_url=house.portal, locale="fr-FR", viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
    )
    page = await context.new_page()
    watch(page)
    yield page
    await context.close()


async def sign_in(page: Page, house: Journey, email: str) -> None:
    """Sign in as a person does."""
    await page.goto("/connexion")
    await page.get_by_label("Adresse e-mail").first.fill(email)
    await page.get_by_label("Mot de passe").fill(house.password(email))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


async def test_a_fault_would_be_found(window: Page) -> None:
    await window.goto("/aide-clavier")
    await window.evaluate("() => document.querySelector('main').append(new Image())")
    found = await faults(window)
    assert [fault.partition(":")[0] for fault in found] == ["image-alt"]


@pytest.mark.parametrize("address", [*PUBLIC, *ASIDE])
async def test_what_everybody_sees_is_faultless(window: Page, address: str) -> None:
    await window.goto(address)
    await faultless(window, address)


async def test_what_is_refused_is_faultless(window: Page) -> None:
    await window.goto("/styleguide")
    await window.get_by_label("Prénom").fill("?")
    await window.get_by_role("button", name="Je m'inscris").click()
    await expect(window.get_by_role("alert")).to_be_focused()
    await faultless(window, "a refused form")


async def test_what_a_member_sees_is_faultless(window: Page, house: Journey) -> None:
    await sign_in(window, house, "camille@demo.example")
    for address in ("/tableau-de-bord", "/carte/remplacer", "/espaces", "/palette"):
        await window.goto(address)
        await faultless(window, address)
    await window.goto("/espaces")
    place = await window.locator(".tile a.cover").last.get_attribute("href")
    for view in ("", "?vue=grille", "?vue=tableau", "?type=MEETING_ROOM&accessible=oui"):
        await window.goto(f"{place}{view}")
        await faultless(window, f"the day{view}")
    await window.goto("/")
    await window.locator('a[href^="/candidater/"]').first.click()
    await faultless(window, "applying")


async def test_what_a_team_sees_is_faultless(window: Page, house: Journey) -> None:
    await sign_in(window, house, "nadia@demo.example")
    addresses = {"/equipe/inter-made", "/equipe/la-ruche", "/equipe/inter-made/candidatures?etat=admises"}
    for hub in ("/equipe/inter-made", "/equipe/la-ruche"):
        await window.goto(hub)
        addresses |= {str(await link.get_attribute("href")) for link in await window.locator("main .rows a").all()}
    assert len(addresses) > 6
    for address in sorted(addresses):
        await window.goto(address)
        await faultless(window, address)


@pytest.mark.parametrize("address", ["/", "/espaces", "/inscription"])
async def test_a_public_page_weighs_little_with_its_letterforms(
    chromium: Browser, house: Journey, address: str
) -> None:
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR")
    page = await context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright wants a function of ours
    await page.goto(address, wait_until="networkidle")
    weights = {answer.url: (await answer.request.sizes())["responseBodySize"] for answer in answers}
    await context.close()
    assert any("bricolage" in url for url in weights)
    assert any("htmx" in url for url in weights)
    assert sum(weights.values()) < LIGHTEST, weights


async def test_what_carries_a_session_is_not_compressed(chromium: Browser, house: Journey) -> None:
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR")
    page = await context.new_page()
    public = await page.goto("/")
    assert public is not None
    assert (await public.all_headers()).get("content-encoding") == "gzip"
    await sign_in(page, house, "camille@demo.example")
    own = await page.goto("/tableau-de-bord")
    assert own is not None
    assert "content-encoding" not in await own.all_headers()
    await context.close()
