"""What organisers do in the browser to prepare, hold and close a joint event, one verb each."""

import re
from datetime import datetime

from playwright.async_api import Page, expect


async def draft(page: Page, structure: str, *, title: str, slug: str, start: datetime, end: datetime) -> str:
    """Begin an event in a structure's name; gives the address of its pages."""
    await page.goto(f"/equipe/{structure}/evenements/nouveau")
    await page.get_by_label("Titre", exact=True).fill(title)
    await page.get_by_label("Mot de l'adresse").fill(slug)
    await page.get_by_label("En une phrase").fill("Une soirée inventée pour l'essai.")
    await _fill_times(page, start, end)
    await page.get_by_label("Nom du lieu").fill("Les Grandes Tables")
    await page.get_by_role("textbox", name=re.compile(r"^Adresse")).fill("41 rue Jobin, 13003 Marseille")
    await press(page, "Créer le brouillon")
    return page.url.partition("?")[0]


async def move(page: Page, event: str, *, start: datetime, end: datetime) -> None:
    """Change when an event takes place."""
    await page.goto(f"{event}/modifier")
    await _fill_times(page, start, end)
    await press(page, "Enregistrer")


async def _fill_times(page: Page, start: datetime, end: datetime) -> None:
    await page.get_by_label("Premier jour").fill(start.date().isoformat())
    await page.get_by_label("Début").fill(start.strftime("%H:%M"))
    await page.get_by_label("Dernier jour").fill(end.date().isoformat())
    await page.get_by_label("Fin", exact=True).fill(end.strftime("%H:%M"))


async def add_structure(page: Page, event: str, structure: str, *, part: str, access: str) -> None:
    """Add a structure of the groupement to the organisers, named on the page."""
    await page.goto(f"{event}/organisateurs/nouveau")
    await page.get_by_label("Structure du groupement").select_option(label=structure)
    await _save_organiser(page, part, access)


async def add_partner(page: Page, event: str, name: str, *, part: str, access: str) -> None:
    """Add an outside partner to the organisers, named on the page."""
    await page.goto(f"{event}/organisateurs/nouveau")
    await page.get_by_label("Nom du partenaire").fill(name)
    await _save_organiser(page, part, access)


async def _save_organiser(page: Page, part: str, access: str) -> None:
    await page.get_by_label("Sa part").select_option(label=part)
    await page.get_by_label("Le nommer sur la page de l'événement").check()
    await page.locator("label", has_text=access).first.click()
    await press(page, "Enregistrer")


async def delegate(page: Page, event: str, email: str, *, to: str, access: str) -> None:
    """Invite somebody by mail to act for an organiser."""
    await page.goto(f"{event}/organisateurs")
    form = page.locator("form[action$='/delegues']")
    await form.get_by_label("Adresse e-mail").fill(email)
    await form.get_by_label("Au nom de").select_option(label=to)
    await form.get_by_label("Accès").select_option(label=access)
    await form.get_by_role("button", name="Inviter").click()
    await expect(page.get_by_text(email).first).to_be_visible()


async def add_challenge(page: Page, event: str, title: str, *, rank: int) -> None:
    """Add a challenge."""
    await page.goto(f"{event}/programme/defis/nouveau")
    await page.get_by_label("Le défi, en quelques mots").fill(title)
    await page.get_by_label("Rang").fill(str(rank))
    await press(page, "Enregistrer")


async def add_session(
    page: Page, event: str, title: str, *, kind: str, start: datetime, end: datetime, challenge: str = ""
) -> None:
    """Add a session; one that works on a challenge is chosen at registration."""
    await page.goto(f"{event}/programme/temps/nouveau")
    await page.get_by_label("Titre", exact=True).fill(title)
    await page.get_by_label("Genre").select_option(label=kind)
    await _fill_hours(page, start, end)
    if challenge:
        await page.get_by_label("Défi").select_option(label=challenge)
        await page.get_by_label("Se choisit à l'inscription").check()
    await press(page, "Enregistrer")


async def move_session(page: Page, event: str, title: str, *, start: datetime, end: datetime) -> None:
    """Change when a session takes place."""
    await page.goto(f"{event}/programme")
    await page.get_by_role("region", name="Temps").get_by_role("link", name=title, exact=True).click()
    await _fill_hours(page, start, end)
    await press(page, "Enregistrer")


async def _fill_hours(page: Page, start: datetime, end: datetime) -> None:
    await page.get_by_label("Jour", exact=True).fill(start.date().isoformat())
    await page.get_by_label("De", exact=True).fill(start.strftime("%H:%M"))
    await page.get_by_label("À", exact=True).fill(end.strftime("%H:%M"))


async def set_seats(page: Page, event: str, *, seats: int, workshops: dict[str, int]) -> None:
    """Say how many seats the event has, and each workshop."""
    await page.goto(f"{event}/places")
    await page.get_by_label("Nombre de places en tout").fill(str(seats))
    await page.get_by_role("button", name="Fixer", exact=True).click()
    await expect(page.get_by_text(f"sur {seats} prises").first).to_be_visible()
    for title, size in workshops.items():
        await page.get_by_label(f"Places de « {title} »").fill(str(size))
        await page.get_by_role("button", name=f"Fixer {title}").click()
        await expect(page.get_by_text(f"sur {size} prises").first).to_be_visible()


async def allocate(page: Page, event: str, organiser: str, *, seats: int) -> None:
    """Give an organiser seats to hand out, which its members may take too."""
    await page.goto(f"{event}/places")
    await page.get_by_role("link", name=re.compile(rf"Contingent d(e |'){organiser}")).click()
    await page.get_by_label("Nombre de places").fill(str(seats))
    await page.get_by_label("Ses membres peuvent y puiser sans invitation").check()
    await press(page, "Enregistrer")


async def propose_arrangement(page: Page, event: str, *, outline: str, duty: str, organiser: str) -> None:
    """Write how the organisers share their duties."""
    await page.goto(f"{event}/arrangement/nouvelle")
    await page.get_by_label("L'essentiel, tel qu'il sera montré").fill(outline)
    await page.get_by_label("Ce qui doit être fait").first.fill(duty)
    await page.get_by_label("Par", exact=True).first.select_option(label=organiser)
    await page.get_by_label("Où écrire au sujet de ses données").fill("donnees@demo.example")
    await page.get_by_label("Jours de conservation après l'événement").fill("90")
    await press(page, "Proposer cette version")


async def approve_arrangement(page: Page, event: str, organiser: str) -> None:
    """Approve the current version in an organiser's name."""
    await page.goto(f"{event}/arrangement")
    await press(page, f"Approuver au nom de {organiser}")


async def publish(page: Page, event: str) -> None:
    """Open the page and the registrations to everybody."""
    await page.goto(event)
    await press(page, "Publier l'événement")


async def note_contribution(page: Page, event: str, *, challenge: str, kind: str, title: str, owner: str) -> None:
    """Write down what came out of a challenge."""
    await page.goto(f"{event}/contributions")
    capture = page.locator("details.capture")
    if await capture.get_attribute("open") is None:
        await capture.locator("summary").click()
    await capture.get_by_label("Défi").select_option(label=challenge)
    await capture.locator("label", has_text=kind).first.click()
    await capture.get_by_label("En quelques mots").fill(title)
    await capture.get_by_label("Qui en assure la suite").select_option(label=owner)
    await capture.get_by_role("button", name="Noter", exact=True).click()
    await expect(page.locator("ul.rows").get_by_text(title)).to_be_visible()


async def close(page: Page, event: str) -> None:
    """Close an event that has ended."""
    await page.goto(event)
    await page.locator("summary", has_text="Clore l'événement").click()
    await page.get_by_role("button", name="Clore définitivement").click()
    await expect(page.get_by_text("Définitif : l'événement est clos.")).to_be_visible()


async def press(page: Page, name: str) -> None:
    """Press a button that sends a form, and wait for the page that answers it."""
    button = page.get_by_role("button", name=name, exact=True)
    await button.click()
    await expect(button).to_have_count(0)
