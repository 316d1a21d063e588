"""Every page of events in a real browser: axe finds nothing, nothing scrolls sideways, the console stays clean."""

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from face import faultless, watch
from journey import Journey, browser
from playwright.async_api import Page, expect
from small_gatherings import gathering

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDENTITY = "shared-identity@groupement"


@pytest_asyncio.fixture(loop_scope="session")
async def window(house: Journey) -> AsyncIterator[Page]:
    """A window whose complaints are heard."""
    async with browser() as opened:
        context = await opened.new_context(base_url=house.portal, locale="fr-FR")
        page = await context.new_page()
        watch(page)
        yield page
        await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def slug(house: Journey) -> str:
    """An event with workshops and questions."""
    name = f"face-{uuid4().hex[:8]}"
    await house.load(IDENTITY, gathering(name, seats=2, workshop_seats=1))
    return name


async def visit(page: Page, address: str) -> None:
    """Open a page and hold it to its face."""
    await page.goto(address)
    await faultless(page, address)


async def fill(page: Page, email: str) -> None:
    """What somebody types to register."""
    await page.get_by_label("Prénom", exact=True).fill("Ondine")
    await page.get_by_label("Nom", exact=True).fill("Imaginaire")
    await page.get_by_label("Adresse e-mail").fill(email)
    await page.get_by_role("group", name="Comment venez-vous ?").get_by_label("À pied", exact=True).check()


async def test_what_everybody_reads(window: Page, slug: str) -> None:
    for address in (
        "/evenements",
        "/evenements?quand=passes",
        "/evenements/plus20",
        f"/evenements/{slug}",
        f"/evenements/{slug}/arrangement",
        f"/evenements/{slug}/retrouver",
        f"/evenements/{slug}/liste-d-attente",
    ):
        await visit(window, address)


async def test_the_block_for_search_engines_is_read_and_not_run(window: Page) -> None:
    await window.goto("/evenements/plus20")
    said = json.loads(await window.locator('script[type="application/ld+json"]').inner_text())
    assert said["@type"] == "Event"
    assert len(said["organizer"]) > 1
    assert said["remainingAttendeeCapacity"] <= said["maximumAttendeeCapacity"]


async def test_registering_and_the_ticket(window: Page, house: Journey, slug: str) -> None:
    email = f"{uuid4().hex[:12]}@demo.example"
    await window.goto(f"/evenements/{slug}")
    await window.get_by_role("button", name="Je m'inscris").click()
    await faultless(window, "the form")
    await fill(window, email)
    await window.get_by_label("Adresse e-mail").evaluate("field => { field.type = 'text'; field.value = 'un mot' }")
    await window.get_by_role("button", name="Je m'inscris").click()
    await expect(window.get_by_role("alert")).to_be_visible()
    await faultless(window, "the form refused")
    await fill(window, email)
    await window.get_by_role("button", name="Je m'inscris").click()
    await expect(window.get_by_role("heading", level=1)).to_have_text("Regardez vos e-mails")
    await faultless(window, "registered")
    ticket = await house.link_mailed_to(email, containing="/billet?code=")
    await visit(window, ticket)
    for deed in ("changer", "transmettre", "annuler"):
        await visit(window, ticket.replace("/billet?", f"/billet/{deed}?"))
    await window.get_by_role("button", name="Rendre ma place").click()
    await faultless(window, "given back")
    await visit(window, "/billet?code=nobody")


async def test_what_members_see(window: Page, house: Journey, slug: str) -> None:
    await window.goto("/connexion")
    await window.get_by_label("Adresse e-mail").first.fill("camille@demo.example")
    await window.get_by_label("Mot de passe").fill(house.password("camille@demo.example"))
    await window.get_by_role("button", name="Me connecter").click()
    await expect(window.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    for address in (f"/evenements/{slug}", "/mes-billets", "/mes-billets?quand=tous", "/tableau-de-bord"):
        await visit(window, address)
