"""Events for all: the public flows in a browser without JavaScript, then by the keyboard alone."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from journey import Journey, browser
from playwright.async_api import Browser, Page, expect
from small_gatherings import gathering

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDENTITY = "shared-identity@groupement"


def fresh() -> str:
    """An address nobody has used."""
    return f"{uuid4().hex[:12]}@demo.example"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def plain(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window that runs no script."""
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", java_script_enabled=False)
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """A window as most people have."""
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR")
    yield await context.new_page()
    await context.close()


async def announce(house: Journey, *, seats: int, workshop_seats: int = 0) -> str:
    """A new event; gives its slug."""
    slug = f"soir-{uuid4().hex[:8]}"
    await house.load(IDENTITY, gathering(slug, seats=seats, workshop_seats=workshop_seats))
    return slug


async def say_who(page: Page, email: str) -> None:
    """Fill in name and address."""
    await page.get_by_label("Prénom", exact=True).fill("Ondine")
    await page.get_by_label("Nom", exact=True).fill("Imaginaire")
    await page.get_by_label("Adresse e-mail").fill(email)


async def register(page: Page, slug: str, email: str) -> None:
    """From the event's page to "look at your mail"."""
    await page.goto(f"/evenements/{slug}")
    await page.get_by_role("button", name="Je m'inscris").click()
    await say_who(page, email)
    await page.get_by_role("button", name="Je m'inscris").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos e-mails")


async def open_ticket(page: Page, house: Journey, email: str) -> None:
    """The link of the newest mail."""
    await page.goto(await house.link_mailed_to(email, containing="/billet?code="))


async def test_registering_choosing_another_workshop_and_giving_the_seat_back(plain: Page, house: Journey) -> None:
    slug, email = await announce(house, seats=3, workshop_seats=2), fresh()
    await plain.goto("/evenements")
    await plain.get_by_role("link", name=f"Soirée {slug}").click()
    await plain.get_by_role("button", name="Je m'inscris").click()
    await expect(plain.get_by_text("Votre place est gardée jusqu'à")).to_be_visible()
    await say_who(plain, email)
    await expect(plain.get_by_text("Avez-vous des outils ?")).to_be_hidden()
    await plain.get_by_role("radio", name="Atelier des semis").check()
    await plain.get_by_role("group", name="Avez-vous des outils ?").get_by_label("Oui").check()
    await plain.get_by_role("group", name="Comment venez-vous ?").get_by_label("En bus, puis à pied").check()
    await plain.get_by_role("button", name="Je m'inscris").click()
    await expect(plain.get_by_text(email)).to_be_visible()
    await open_ticket(plain, house, email)
    await expect(plain.get_by_role("article")).to_contain_text("Atelier des semis")
    await plain.get_by_role("link", name="Changer d'atelier").click()
    await plain.get_by_role("radio", name="Atelier des tissus").check()
    await plain.get_by_role("button", name="Enregistrer mon choix").click()
    await expect(plain.get_by_role("article")).to_contain_text("Atelier des tissus")
    await plain.get_by_role("link", name="Rendre la place").click()
    await plain.get_by_role("button", name="Rendre ma place").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Ce billet ne vaut plus")


async def test_waiting_being_offered_a_seat_and_taking_it(plain: Page, house: Journey) -> None:
    slug, holder, waiter = await announce(house, seats=1), fresh(), fresh()
    await register(plain, slug, holder)
    await plain.goto(f"/evenements/{slug}")
    await plain.get_by_role("link", name="Je rejoins la liste d'attente").click()
    await say_who(plain, waiter)
    await plain.get_by_role("button", name="Je rejoins la liste d'attente").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Vous êtes sur la liste d'attente")
    await open_ticket(plain, house, holder)
    await plain.get_by_role("link", name="Rendre la place").click()
    await plain.get_by_role("button", name="Rendre ma place").click()
    await open_ticket(plain, house, waiter)
    await expect(plain.get_by_text(re.compile(r"Elle vous attend jusqu'à \w+ \d+"))).to_be_visible()
    await plain.get_by_role("button", name="Je prends la place").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Mon billet")


async def test_handing_a_seat_over(plain: Page, house: Journey) -> None:
    slug, mine, theirs = await announce(house, seats=2), fresh(), fresh()
    await register(plain, slug, mine)
    await open_ticket(plain, house, mine)
    ticket = plain.url
    await plain.get_by_role("link", name="Transmettre la place").click()
    await plain.get_by_label("Son prénom").fill("Noé")
    await plain.get_by_label("Son nom").fill("Imaginaire")
    await plain.get_by_label("Son adresse e-mail").fill(theirs)
    await plain.get_by_role("button", name="Transmettre la place").click()
    await expect(plain.get_by_text(theirs)).to_be_visible()
    await plain.goto(ticket)
    await expect(plain.get_by_text("Nous ne trouvons pas ce billet")).to_be_visible()
    await open_ticket(plain, house, theirs)
    await expect(plain.get_by_role("article")).to_contain_text("Noé Imaginaire")


async def test_a_member_registers_in_one_click_and_finds_the_ticket_again(plain: Page, house: Journey) -> None:
    slug = await announce(house, seats=2)
    await sign_in(plain, house, "camille@demo.example")
    await plain.goto(f"/evenements/{slug}")
    await plain.get_by_role("button", name="Je m'inscris").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Mon billet")
    await plain.goto("/mes-billets")
    await plain.get_by_role("link", name=f"Soirée {slug}").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Mon billet")
    await plain.goto("/tableau-de-bord")
    await expect(plain.get_by_role("link", name=f"Soirée {slug}")).to_be_visible()
    await plain.goto(f"/evenements/{slug}")
    await expect(plain.get_by_role("link", name="Voir mon billet")).to_be_visible()


async def test_a_member_chooses_a_workshop_on_the_page(plain: Page, house: Journey) -> None:
    slug = await announce(house, seats=2, workshop_seats=2)
    await sign_in(plain, house, "camille@demo.example")
    await plain.goto(f"/evenements/{slug}")
    await plain.get_by_role("link", name="Je m'inscris").click()
    section = plain.locator("#inscription")
    await section.get_by_role("radio", name="Atelier des tissus").check()
    await section.get_by_role("group", name="Comment venez-vous ?").get_by_label("À pied", exact=True).check()
    await section.get_by_role("button", name="Je m'inscris").click()
    await expect(plain.get_by_role("article")).to_contain_text("Atelier des tissus")


async def test_a_member_who_waits_finds_the_offer_first_on_the_dashboard(plain: Page, house: Journey) -> None:
    slug, holder = await announce(house, seats=1), fresh()
    await register(plain, slug, holder)
    await sign_in(plain, house, "jo@demo.example")
    await plain.goto(f"/evenements/{slug}")
    await plain.locator("#inscription").get_by_role("button", name="Je rejoins la liste d'attente").click()
    await expect(plain.get_by_text("Vous êtes sur la liste d'attente").first).to_be_visible()
    await open_ticket(plain, house, holder)
    await plain.get_by_role("link", name="Rendre la place").click()
    await plain.get_by_role("button", name="Rendre ma place").click()
    await plain.goto("/tableau-de-bord")
    await plain.get_by_role("link", name="Répondre").first.click()
    await plain.get_by_role("button", name="Je prends la place").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Mon billet")


async def test_an_event_goes_into_a_calendar(plain: Page, house: Journey) -> None:
    slug = await announce(house, seats=2)
    await plain.goto(f"/evenements/{slug}")
    one = await plain.request.get(str(await plain.get_by_role("link", name="agenda").get_attribute("href")))
    await plain.goto("/evenements")
    await plain.get_by_text("S'abonner dans mon agenda").click()
    every = await plain.request.get(await plain.get_by_label("Adresse du flux").input_value())
    for answer in (one, every):
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert f"Soirée {slug}" in (await answer.text()).replace("\r\n ", "")


async def test_with_scripts_the_same_forms_lead_to_the_same_pages(window: Page, house: Journey) -> None:
    slug, mine, theirs = await announce(house, seats=3, workshop_seats=2), fresh(), fresh()
    await window.goto(f"/evenements/{slug}")
    await window.get_by_role("button", name="Je m'inscris").click()
    await say_who(window, mine)
    await window.get_by_role("group", name="Comment venez-vous ?").get_by_label("À pied", exact=True).check()
    await window.get_by_role("button", name="Je m'inscris").click()
    await open_ticket(window, house, mine)
    ticket = window.url
    await window.get_by_role("link", name="Choisir un atelier").click()
    await window.get_by_role("radio", name="Atelier des tissus").check()
    await window.get_by_role("button", name="Enregistrer mon choix").click()
    await expect(window).to_have_url(ticket)
    await expect(window.get_by_role("article")).to_contain_text("Atelier des tissus")
    await window.get_by_role("link", name="Transmettre la place").click()
    await window.get_by_label("Son prénom").fill("Noé")
    await window.get_by_label("Son nom").fill("Imaginaire")
    await window.get_by_label("Son adresse e-mail").fill(theirs)
    await window.get_by_role("button", name="Transmettre la place").click()
    await expect(window).to_have_url(re.compile(f"/evenements/{slug}/transmis$"))
    await expect(window.get_by_text(theirs)).to_be_visible()


async def test_registering_by_the_keyboard_alone(window: Page, house: Journey) -> None:
    slug, email = await announce(house, seats=2, workshop_seats=2), fresh()
    await window.goto(f"/evenements/{slug}")
    await press_until(window, "Je m'inscris")
    await window.keyboard.press("Enter")
    await expect(window.get_by_text("Votre place est gardée jusqu'à")).to_be_visible()
    await press_until(window, "given_name")
    await window.keyboard.type("Ondine")
    await window.keyboard.press("Tab")
    await window.keyboard.type("Imaginaire")
    await window.keyboard.press("Tab")
    await window.keyboard.type(email)
    await window.keyboard.press("Tab")
    await window.keyboard.press("ArrowUp")
    await expect(window.get_by_role("radio", name="Atelier des tissus")).to_be_checked()
    await press_until(window, "question_")
    await window.keyboard.press("Space")
    await press_until(window, "Je m'inscris")
    await window.keyboard.press("Enter")
    await expect(window.get_by_text(email)).to_be_visible()


async def press_until(page: Page, wanted: str) -> None:
    """Tab to what is called so, or named so in the form; fails when the keyboard does not get there."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        here = await page.evaluate("() => [document.activeElement.innerText, document.activeElement.name].join(' ')")
        if wanted in here:
            return
    pytest.fail(f"the keyboard does not reach {wanted}")


async def sign_in(page: Page, house: Journey, email: str) -> None:
    """Sign in as a person does."""
    await page.goto("/connexion")
    await page.get_by_label("Adresse e-mail").first.fill(email)
    await page.get_by_label("Mot de passe").fill(house.password(email))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
