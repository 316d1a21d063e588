"""The comfort that a script brings, and that nothing is missing without it: palette, help, regions, forms in place."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from face import faultless, watch
from journey import Journey, browser
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARK = "() => { window.stillTheSamePage = true; }"
KEPT = "() => window.stillTheSamePage === true"
FOCUSED = "() => document.activeElement.matches('a, button') ? document.activeElement.textContent.trim() : ''"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def window(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window of the portal, its complaints heard."""
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    heard = watch(page)
    yield page
    await context.close()
    assert heard == []


@pytest_asyncio.fixture(loop_scope="session")
async def plain(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A narrow window without any script."""
    context = await chromium.new_context(
        base_url=house.portal, locale="fr-FR", java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    yield await context.new_page()
    await context.close()


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if name in await page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{name}: never reached by the keyboard at {page.url}")


async def test_control_k_finds_a_page_without_a_mouse(window: Page) -> None:
    await window.goto("/accessibilite")
    await window.keyboard.press("Control+k")
    dialog = window.get_by_role("dialog", name="Chercher")
    await expect(dialog.get_by_role("searchbox")).to_be_focused()
    await window.keyboard.type("espaces")
    await expect(dialog.get_by_role("link").first).to_have_text("Espaces")
    await faultless(window, "the palette")
    await window.keyboard.press("ArrowDown")
    await expect(dialog.get_by_role("link").first).to_be_focused()
    await window.keyboard.press("Enter")
    await expect(window).to_have_url(re.compile("/espaces$"))


async def test_the_palette_closes_and_gives_the_focus_back(window: Page) -> None:
    await window.goto("/espaces")
    seek = window.locator("a.seek")
    await seek.click()
    await expect(window.get_by_role("dialog")).to_be_visible()
    await window.keyboard.press("Escape")
    await expect(window.get_by_role("dialog")).to_have_count(0)
    await expect(seek).to_be_focused()


async def test_a_member_of_a_team_finds_its_pages(window: Page, house: Journey) -> None:
    await window.goto("/palette?q=equipe")
    await expect(window.get_by_text("Rien ne porte ces mots")).to_be_visible()
    await window.goto("/connexion")
    await window.get_by_label("Adresse e-mail").first.fill("nadia@demo.example")
    await window.get_by_label("Mot de passe").fill(house.password("nadia@demo.example"))
    await window.get_by_role("button", name="Me connecter").click()
    await expect(window.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    await window.goto("/palette?q=equipe")
    assert await window.locator("[data-results] a[href^='/equipe/']").count() == 2


async def test_a_question_mark_shows_the_keys_until_they_are_switched_off(window: Page) -> None:
    await window.goto("/espaces")
    await window.keyboard.press("?")
    dialog = window.get_by_role("dialog", name="Raccourcis clavier")
    await expect(dialog).to_be_visible()
    await faultless(window, "the help")
    await dialog.get_by_role("button", name="Désactiver").click()
    await expect(window.get_by_role("status").filter(has_text="C'est noté")).to_be_visible()
    await window.keyboard.press("?")
    await window.keyboard.press("g")
    await window.keyboard.press("s")
    await expect(window.get_by_role("dialog")).to_have_count(0)
    await expect(window).to_have_url(re.compile("/aide-clavier$"))


async def test_g_then_a_letter_goes_places_but_not_while_typing(window: Page) -> None:
    await window.goto("/inscription")
    await window.get_by_label("Prénom").focus()
    await window.keyboard.type("gea?")
    await expect(window.get_by_label("Prénom")).to_have_value("gea?")
    await window.get_by_role("heading", level=1).click()
    await window.keyboard.press("g")
    await window.keyboard.press("s")
    await expect(window).to_have_url(re.compile("/espaces$"))


async def test_a_tab_replaces_its_region_only_and_the_way_back_works(window: Page) -> None:
    await window.goto("/styleguide")
    await window.evaluate(MARK)
    tab = window.get_by_role("link", name="En attente 12")
    await tab.click()
    await expect(window).to_have_url(re.compile(r"/styleguide\?etat=attente$"))
    await expect(tab).to_have_attribute("aria-current", "page")
    await expect(tab).to_be_focused()
    await expect(window.locator("#exemple-liste [role=status]")).to_have_text("12 personnes")
    assert await window.evaluate(KEPT)
    await window.go_back()
    await expect(window.get_by_role("link", name="Confirmés 98")).to_have_attribute("aria-current", "page")


async def test_a_link_out_of_a_region_is_a_plain_link(window: Page) -> None:
    await window.goto("/espaces")
    await window.locator(".tile a.cover").last.click()
    await window.get_by_role("link", name=re.compile(r"^\w{3}\. \d+ \w+\.?$")).last.click()
    slot = window.locator("a.slot:visible").first
    await expect(slot).to_be_visible()
    await slot.click()
    await expect(window).to_have_url(re.compile("/reserver"))
    await expect(window.get_by_role("heading", name="Changer l'heure")).to_be_visible()


async def test_a_refused_form_comes_back_in_place_and_an_accepted_one_goes_on(window: Page) -> None:
    await window.goto("/styleguide")
    await window.evaluate(MARK)
    await window.get_by_label("Un mot pour l'équipe").fill("Bonsoir")
    await window.get_by_label("Prénom").fill("?")
    await window.get_by_role("button", name="Je m'inscris").click()
    await expect(window.get_by_role("alert")).to_be_focused()
    await expect(window.get_by_label("Un mot pour l'équipe")).to_have_value("Bonsoir")
    await expect(window).to_have_url(re.compile("/styleguide$"))
    assert await window.evaluate(KEPT)
    await window.get_by_label("Prénom").fill("Mina")
    await window.get_by_role("button", name="Je m'inscris").click()
    await expect(window.get_by_role("status").filter(has_text="C'est envoyé")).to_be_visible()


async def test_without_a_network_it_says_so_and_lets_one_try_again(chromium: Browser, house: Journey) -> None:
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR")
    page = await context.new_page()
    await page.goto("/styleguide")
    await page.get_by_label("Prénom").fill("?")
    await context.set_offline(True)
    await page.get_by_role("button", name="Je m'inscris").click()
    await expect(page.locator(".waiting")).to_have_text(
        "Le réseau ne répond pas. Vérifiez la connexion, puis réessayez."
    )
    await context.set_offline(False)
    await page.get_by_role("button", name="Je m'inscris").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.locator(".waiting")).to_be_hidden()
    await context.close()


async def test_a_dialog_keeps_the_focus_and_gives_it_back(window: Page) -> None:
    await window.goto("/styleguide")
    opener = window.get_by_role("link", name="Ouvrir un dialogue")
    await opener.click()
    dialog = window.get_by_role("dialog", name="Annuler l'événement ?")
    await expect(dialog.get_by_role("button", name="Fermer")).to_be_focused()
    await faultless(window, "a dialog")
    await dialog.get_by_role("button", name="Le garder").click()
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_a_space_is_found_with_the_keyboard_alone(window: Page) -> None:
    await window.goto("/")
    await tab_to(window, "Aller au contenu")
    await window.keyboard.press("Enter")
    await tab_to(window, "Réserver un espace")
    await window.keyboard.press("Enter")
    await window.wait_for_url("**/espaces")
    await tab_to(window, await window.locator(".tile a.cover").last.inner_text())
    await window.keyboard.press("Enter")
    await window.wait_for_url("**/espaces/*/*")
    await tab_to(window, await window.locator(".day-nav a").last.inner_text())
    await window.keyboard.press("Enter")
    await window.wait_for_url("**?jour=*")
    await tab_to(window, "libre")
    outline = await window.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    await window.keyboard.press("Enter")
    await window.wait_for_url("**/reserver?**")
    await tab_to(window, "Se connecter")


async def test_without_a_script_everything_is_a_page_a_link_or_a_form(plain: Page) -> None:
    await plain.goto("/")
    await plain.get_by_role("button", name="Menu").click()
    await plain.get_by_role("navigation", name="Principal").get_by_role("link", name="Espaces").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Où voulez-vous travailler ?")
    await plain.goto("/")
    await plain.locator("a.seek").click()
    await plain.get_by_role("searchbox").fill("accessibilité")
    await plain.get_by_role("button", name="Chercher").click()
    await plain.get_by_role("main").get_by_role("link", name="Accessibilité").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Accessibilité")
    await plain.goto("/styleguide")
    await plain.get_by_role("link", name="En attente 12").click()
    await expect(plain.locator("#exemple-liste [role=status]")).to_have_text("12 personnes")
    await plain.get_by_label("Prénom").fill("?")
    await plain.get_by_role("button", name="Je m'inscris").click()
    await expect(plain.get_by_role("alert")).to_contain_text("Écrivez votre prénom.")


async def test_paper_holds_the_page_and_not_the_ways_around_it(window: Page) -> None:
    await window.goto("/styleguide")
    await window.emulate_media(media="print")
    for around in (".top", ".bottom", ".filters", "main form"):
        await expect(window.locator(around).first).to_be_hidden()
    await expect(window.get_by_role("heading", level=1).last).to_be_visible()
