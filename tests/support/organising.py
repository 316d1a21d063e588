"""What people do around a joint event, one verb each, by the portal's pages."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from journey import Journey
from playwright.async_api import Browser, BrowserContext, Page, expect
from visitor import Visitor

PLUS20 = "event_01990000000070008000000000000001"
EVE, EVE_SLUG = PLUS20.replace("event_0199", "event_0198"), "veille"
"""An event like the demo's that takes place tomorrow: its door is open."""

DOOR = f"/porte/{EVE}?pour=inter-made"
PARIS = ZoneInfo("Europe/Paris")
_DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "shared-identity.toml"
_DONE = "/inscrit"


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A seat somebody has: the name they gave, and what their QR code carries."""

    given_name: str
    family_name: str
    code: str

    @property
    def at_the_door(self) -> str:
        """What a door calls them."""
        return f"{self.given_name} {self.family_name[0]}."


async def prepare_eve(house: Journey) -> None:
    """Prepare the demo's event again, for tomorrow and without its guests; once, however often it is asked."""
    written = _DEMO.read_text()
    event = written[written.index("[[events]]") : written.index("[[events.registrations]]")]
    changed = {"_0199": "_0198", '"plus20"': f'"{EVE_SLUG}"', '"#Plus20"': '"La veille"', "today+8": "today+1"}
    for before, after in {**changed, "today+6": "today"}.items():
        assert before in event
        event = event.replace(before, after)
    await house.load("shared-identity@groupement", event)


async def register(
    house: Journey, given_name: str, family_name: str, *, slug: str = "plus20", workshop: int = 0
) -> Ticket:
    """Register by the public page, without an account; gives the ticket that comes by mail."""
    email = f"{given_name}.{family_name}@personne.example".lower()
    async with Visitor(house.portal) as somebody:
        shown = await somebody.open(f"/evenements/{slug}")
        opened = await somebody.send(shown.form("/inscription"))
        form = opened.form("/inscription/")
        answers = {"given_name": given_name, "family_name": family_name, "email": email, "profile": "1"}
        sessions = re.findall(r'name="(temps[\w-]*)"[^>]*value="(session_\w+)"', opened.text) or [("", "")]
        field, session_id = sessions[workshop % len(sessions)]
        done = await somebody.send(form, **answers, **({field: session_id} if field else {}))
    assert done.path.endswith(_DONE), done.text
    link = await house.link_mailed_to(email, containing="/billet?")
    return Ticket(given_name=given_name, family_name=family_name, code=parse_qs(urlsplit(link).query)["code"][0])


async def sign_in(page: Page, house: Journey, email: str) -> None:
    """Sign in as a person does."""
    await page.goto("/connexion")
    await page.get_by_label("Adresse e-mail").first.fill(email)
    await page.get_by_label("Mot de passe").fill(house.password(email))
    await page.get_by_role("button", name="Me connecter").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


async def phone(chromium: Browser, house: Journey, email: str = "nadia@demo.example") -> tuple[BrowserContext, Page]:
    """A phone of its own, whose owner is signed in."""
    context = await chromium.new_context(
        base_url=house.portal, locale="fr-FR", viewport={"width": 390, "height": 844}, has_touch=True
    )
    page = await context.new_page()
    await sign_in(page, house, email)
    return context, page


async def hold_door(page: Page, address: str = DOOR) -> None:
    """Open a door's page and wait until it could do without the network."""
    await page.goto(address)
    await expect(page.locator("[data-door][data-kept=yes]")).to_be_attached()
    await expect(page.get_by_text(re.compile(r"^Liste du"))).to_be_visible()


async def type_code(page: Page, code: str) -> None:
    """Let a ticket in by its code."""
    await page.get_by_label("Prénom, ou code du billet").fill(code)
    await page.get_by_role("button", name="Entrer le code").click()


async def number(page: Page, part: str) -> int:
    """A number the door shows: `present`, `expected`."""
    return int(await page.locator(f"[data-part={part}]").inner_text())


async def publish_alone(page: Page, slug: str, *, title: str, seats: int, days: int = 40) -> str:
    """Prepare an event of one organiser by the team's pages, so many days ahead, and publish it; gives its address."""
    await page.goto("/equipe/inter-made/evenements/nouveau")
    day = (datetime.now(PARIS) + timedelta(days=days)).date().isoformat()
    for label, value in (
        ("Titre", title),
        ("Mot de l'adresse", slug),
        ("Premier jour", day),
        ("Dernier jour", day),
        ("Nom du lieu", "La salle d'essai"),
    ):
        await page.get_by_label(label).fill(value)
    await page.get_by_role("button", name="Créer le brouillon").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    base = urlsplit(page.url).path
    await page.goto(f"{base}/places")
    await page.get_by_label("Nombre de places en tout").fill(str(seats))
    await page.get_by_role("button", name="Fixer").click()
    await expect(page.get_by_text(f"sur {seats} prises").first).to_be_visible()
    await page.goto(f"{base}/arrangement/nouvelle")
    await page.get_by_label("L'essentiel").fill("Inter-Made répond de tout.")
    await page.get_by_role("button", name="Proposer cette version").click()
    await expect(page.get_by_text("Version 1")).to_be_visible()
    await page.goto(base)
    await page.get_by_role("button", name="Publier l'événement").click()
    await expect(page.locator(".page-header .state")).to_have_text("Publié")
    return base
