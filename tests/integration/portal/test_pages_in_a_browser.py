"""Every page in a real browser, narrow and wide: nothing overflows, nothing is blocked, everything has a name."""

import re
from collections.abc import AsyncIterator
from datetime import date
from itertools import pairwise

import pytest
import pytest_asyncio
from journey import Journey, browser
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUBLIC = ("/", "/espaces", "/inscription", "/connexion", "/mot-de-passe-oublie", "/nulle-part", "/lien?code=x")
OWN = ("/tableau-de-bord", "/carte/remplacer")
TEAM = ("/equipe/inter-made", "/equipe/inter-made/candidatures", "/equipe/inter-made/usages", "/equipe/la-ruche")

_UNNAMED = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')]
  .filter(e => e.checkVisibility())
  .filter(e => !(e.labels?.length || e.getAttribute('aria-label') || e.innerText?.trim() || e.textContent?.trim()))
  .map(e => e.outerHTML.slice(0, 120))"""
_SMALL = """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, .button, .menu a, .slots a')]
  .filter(e => e.checkVisibility())
  .filter(e => { const r = e.getBoundingClientRect(); return r.height < 20 || (r.height < 24 && r.width < 24); })
  .map(e => e.outerHTML.slice(0, 120))"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_HEADINGS = "() => [...document.querySelectorAll('main h1, main h2, main h3')].map(h => Number(h.tagName[1]))"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(params=[390, 1280], loop_scope="session")
async def window(request: pytest.FixtureRequest, chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window of the portal that fails when something is blocked or breaks."""
    width: int = request.param
    context = await chromium.new_context(
        base_url=house.portal, locale="fr-FR", viewport={"width": width, "height": 844}
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    await context.close()
    assert complaints == []


async def sign_in(page: Page, house: Journey, email: str) -> None:
    """Sign in as a person does."""
    await page.goto("/connexion")
    await page.get_by_label("Adresse e-mail").first.fill(email)
    await page.get_by_label("Mot de passe").fill(house.password(email))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


async def check(page: Page, address: str) -> None:
    """A page as everybody needs it."""
    await page.goto(address)
    assert await page.evaluate(_WIDER) <= 0, f"{address} is wider than its window"
    assert await page.evaluate(_UNNAMED) == [], address
    assert await page.evaluate(_SMALL) == [], address
    levels = await page.evaluate(_HEADINGS)
    assert levels.count(1) == 1, f"{address}: {levels}"
    assert all(after - before <= 1 for before, after in pairwise(levels)), f"{address}: {levels}"
    assert await page.locator("[style], style, script:not([src])").count() == 0


async def test_public_pages_are_whole(window: Page) -> None:
    for address in PUBLIC:
        await check(window, address)


async def test_a_members_pages_are_whole(window: Page, house: Journey, weekday: date) -> None:
    await sign_in(window, house, "camille@demo.example")
    for address in OWN:
        await check(window, address)
    await check(window, "/espaces")
    place = await window.locator(".tile a.cover").last.get_attribute("href")
    await check(window, f"{place}?jour={weekday}")
    await check(window, f"{place}?jour={weekday}&vue=grille")
    slot = await window.locator("a.slot").first.get_attribute("href")
    assert slot is not None
    await check(window, slot)
    await check(window, "/")
    programme = await window.locator('a[href^="/candidater/"]').first.get_attribute("href")
    assert programme is not None
    await check(window, programme)


async def test_a_teams_pages_are_whole(window: Page, house: Journey) -> None:
    await sign_in(window, house, "nadia@demo.example")
    for address in TEAM:
        await check(window, address)
    await window.goto("/equipe/inter-made")
    inner = [await link.get_attribute("href") for link in await window.locator("main .rows a").all()]
    assert len(inner) > 3
    for inside in inner:
        await check(window, str(inside))


async def test_the_keyboard_reaches_the_content_first(window: Page) -> None:
    await window.goto("/espaces")
    await window.keyboard.press("Tab")
    skip = window.get_by_role("link", name="Aller au contenu")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await window.keyboard.press("Enter")
    await expect(window).to_have_url(re.compile("#contenu$"))
    outline = await window.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none" or await window.evaluate("() => document.activeElement.id") == "contenu"


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(window: Page) -> None:
    await window.goto("/inscription")
    await window.get_by_label("Prénom").fill("Lise")
    await window.get_by_label("Nom", exact=True).fill("Fictive")
    await window.get_by_label("Adresse e-mail").fill("lise@demo.example")
    await window.get_by_label("Mot de passe").fill("azerty")
    await window.get_by_role("button", name="Je m'inscris").click()
    summary = window.get_by_role("alert")
    await expect(summary).to_be_focused()
    await summary.get_by_role("link").click()
    await expect(window.get_by_label("Mot de passe")).to_be_focused()
    await expect(window.get_by_label("Prénom")).to_have_value("Lise")


async def test_everything_works_without_our_script(chromium: Browser, house: Journey) -> None:
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, house, "jo@demo.example")
    await page.get_by_role("button", name="Se déconnecter").click()
    await expect(page.get_by_role("link", name="Se connecter")).to_be_visible()
    await context.close()


async def test_pages_ask_nothing_of_anybody_else(chromium: Browser, house: Journey) -> None:
    context = await chromium.new_context(base_url=house.portal)
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/espaces", "/inscription"):
        await page.goto(address)
    await context.close()
    assert asked
    assert [url for url in asked if not url.startswith(house.portal)] == []
