"""The pages of the directory, of a team's life and of one's account in a real browser: faultless, by keyboard too."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from face import faultless, watch
from journey import Journey, browser
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEAM = (
    "/equipe/inter-made",
    "/equipe/inter-made/membres",
    "/equipe/inter-made/membres?etat=terminees",
    "/equipe/inter-made/conventions",
    "/equipe/inter-made/conventions/proposer",
    "/equipe/inter-made/annuaire",
    "/equipe/inter-made/annuaire/nouvelle?sorte=lieux",
    "/equipe/inter-made/roles",
    "/direction",
    "/direction?structure=la-ruche",
)
OWN = ("/compte", "/mon-annuaire", "/mon-annuaire/nouvelle?sorte=projets", "/annuaire?vue=inter-made")
PUBLIC = ("/annuaire", "/annuaire?q=zzzzzz", "/annuaire?type=projets&theme=FOOD")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window of the portal, heard from its beginning."""
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", viewport={"width": 1280, "height": 844})
    opened = await context.new_page()
    watch(opened)
    yield opened
    await context.close()


async def sign_in(page: Page, house: Journey, email: str) -> None:
    """Sign in as a person does."""
    await page.goto("/connexion")
    await page.get_by_label("Adresse e-mail").first.fill(email)
    await page.get_by_label("Mot de passe").fill(house.password(email))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


async def each(page: Page, addresses: tuple[str, ...]) -> None:
    """Every page is as it must be."""
    for address in addresses:
        answer = await page.goto(address)
        assert answer is not None and answer.status == 200, address
        await faultless(page, address)


async def test_what_the_public_sees_is_faultless(page: Page) -> None:
    await each(page, PUBLIC)
    await page.goto("/annuaire")
    await page.locator(".entry-card a").first.click()
    await faultless(page, "an entry")


async def test_what_is_mine_is_faultless(page: Page, house: Journey) -> None:
    await sign_in(page, house, "camille@demo.example")
    await each(page, OWN)
    await page.goto("/mon-annuaire/nouvelle?sorte=projets")
    await page.get_by_label("Nom", exact=True).fill(" ")
    await page.get_by_role("button", name="Enregistrer la fiche").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await faultless(page, "an entry that is refused")


async def test_a_teams_pages_are_faultless(page: Page, house: Journey) -> None:
    await sign_in(page, house, "nadia@demo.example")
    await each(page, TEAM)


async def test_in_english_too(page: Page, house: Journey) -> None:
    await sign_in(page, house, "nadia@demo.example")
    for address, heading in (
        ("/annuaire?lang=en", "Directory"),
        ("/compte", "My account"),
        ("/direction", "The director's figures"),
        ("/equipe/la-ruche/conventions", "Reciprocity agreements"),
        ("/equipe/la-ruche/membres", "Members"),
    ):
        await page.goto(address)
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)


async def test_results_follow_what_is_typed_and_the_address_keeps_it(page: Page) -> None:
    await page.goto("/annuaire")
    field = page.get_by_label("Chercher un nom")
    await field.click()
    await page.keyboard.type("zzzz", delay=20)
    await expect(page.get_by_text("Aucune fiche ne répond")).to_be_visible()
    await expect(field).to_be_focused()
    await expect(field).to_have_value("zzzz")
    await expect(page).to_have_url(re.compile("q=zzzz"))
    await page.reload()
    await expect(page.get_by_text("Aucune fiche ne répond")).to_be_visible()


async def test_a_preview_follows_the_choice_by_keyboard_alone(page: Page, house: Journey) -> None:
    await sign_in(page, house, "camille@demo.example")
    await page.goto("/mon-annuaire/nouvelle?sorte=projets")
    await page.get_by_label("Nom", exact=True).focus()
    await page.keyboard.type("Le projet au clavier")
    await page.keyboard.press("Tab")
    await page.keyboard.press("End")
    preview = page.get_by_role("complementary", name="Aperçu")
    await expect(preview.get_by_role("heading", name="Le projet au clavier")).to_be_visible()
    await page.keyboard.press("Home")
    await expect(preview.get_by_text("La fiche n'existe pas à ses yeux")).to_be_visible()
    await preview.get_by_role("button", name="Moi", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(preview.get_by_role("heading", name="Le projet au clavier")).to_be_visible()
    await expect(preview.get_by_role("button", name="Moi", exact=True)).to_be_focused()
