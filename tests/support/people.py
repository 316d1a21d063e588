"""What people do in the browser, one verb each; nothing here reaches behind the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from journey import Journey
from playwright.async_api import Browser, Page, expect

_PATIENCE_MS = 30_000


@asynccontextmanager
async def somebody(browser: Browser, journey: Journey) -> AsyncIterator[Page]:
    """A person at their own browser, at the portal's first page."""
    context = await browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", base_url=journey.portal)
    context.set_default_timeout(_PATIENCE_MS)
    page = await context.new_page()
    await page.goto("/")
    yield page
    await context.close()


async def register(page: Page, journey: Journey, *, given_name: str, family_name: str, email: str) -> None:
    """Make an identity without a password, and prove the address with the mailed link."""
    await page.goto("/inscription")
    await page.get_by_label("Prénom").fill(given_name)
    await page.get_by_label("Nom", exact=True).fill(family_name)
    await page.get_by_label("Adresse e-mail").fill(email)
    await page.get_by_role("button", name="Je m'inscris").click()
    await page.goto(await journey.link_mailed_to(email, containing="/verifier?"))
    await _press(page, "Confirmer mon adresse")


async def sign_in_by_link(page: Page, journey: Journey, email: str) -> None:
    """Sign in with a mailed link, from wherever the page asks for it."""
    await page.get_by_role("link", name="Se connecter").first.click()
    form = page.locator("form[action='/connexion/lien']")
    await form.get_by_label("Adresse e-mail").fill(email)
    await form.get_by_role("button", name="Recevoir un lien").click()
    await page.goto(await journey.link_mailed_to(email, containing="/lien?"))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


async def sign_in_by_password(page: Page, journey: Journey, email: str) -> None:
    """Sign in with the password printed when the house was first started."""
    await page.goto("/")
    await page.get_by_role("link", name="Se connecter").first.click()
    form = page.locator("form[action='/connexion']")
    await form.get_by_label("Adresse e-mail").fill(email)
    await form.get_by_label("Mot de passe").fill(journey.password(email))
    await form.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


async def apply(page: Page, programme: str, *, project: str, pitch: str) -> None:
    """Send an application to a programme, from the first page."""
    await page.goto("/")
    await page.get_by_role("link", name=programme).first.click()
    await page.get_by_label("Nom du projet").fill(project)
    await page.get_by_label("Votre projet").fill(pitch)
    await _press(page, "J'envoie ma candidature")


async def admit(page: Page, structure: str, *, project: str, cohort: str) -> None:
    """Admit an application to a cohort, as an advisor does."""
    await page.goto(f"/equipe/{structure}/candidatures")
    application = page.locator("article.application", has=page.get_by_role("heading", name=project))
    select = application.get_by_label("Promotion")
    await expect(select).to_be_visible()
    labels = await select.locator("option").all_text_contents()
    await select.select_option(label=next(label for label in labels if label.startswith(cohort)))
    await application.get_by_role("button", name="Admettre").click()
    await expect(application).to_have_count(0)


async def record_exit(page: Page, structure: str, *, cohort: str, project: str, reason: str) -> None:
    """Record that a project left, as an advisor does."""
    await page.goto(f"/equipe/{structure}")
    await page.get_by_role("link", name=cohort).first.click()
    await page.get_by_role("link", name=f"Enregistrer la sortie {project}").click()
    await page.get_by_label("Pourquoi").select_option(label=reason)
    await page.get_by_role("button", name="Enregistrer la sortie").click()
    await expect(page.get_by_role("link", name=f"Enregistrer la sortie {project}")).to_have_count(0)


async def book(page: Page, place: str, resource: str, *, start: datetime, end: datetime) -> None:
    """Book a space from the list of places; `start` and `end` are in the time of the place."""
    await page.goto("/espaces")
    await page.get_by_role("link", name=place).first.click()
    await page.get_by_label("Jour", exact=True).fill(start.date().isoformat())
    await page.get_by_role("button", name="Chercher").click()
    await page.locator("a.slot:visible", has_text=resource).first.click()
    await page.get_by_label("Jour", exact=True).fill(start.date().isoformat())
    await page.get_by_label("De", exact=True).fill(start.strftime("%H:%M"))
    await page.get_by_label("À", exact=True).fill(end.strftime("%H:%M"))
    await page.get_by_role("button", name="Voir le prix").click()
    await _press(page, "Je réserve")


async def _press(page: Page, name: str) -> None:
    """Press a button that sends a form, and wait for the page that answers it."""
    button = page.get_by_role("button", name=name)
    await button.click()
    await expect(button).to_have_count(0)
