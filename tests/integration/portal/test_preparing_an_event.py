"""Preparing a joint event by the portal: one's own registrants by name and the others as counts, a partner's delegates
without a team, from draft to cancelled; and every page held to what pages are held to."""

import csv
import io
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from face import faultless, watch
from journey import Journey, browser
from organising import DOOR, EVE_SLUG, PLUS20, phone, prepare_eve, publish_alone, register, sign_in
from playwright.async_api import Browser, Page, expect
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

DESK = f"/equipe/inter-made/evenements/{PLUS20}"
DELEGATES = f"/organiser/evenements/{PLUS20}"
INTER_MADES = "organiser_01990000000070008000000000000001"
PAGES = (
    "",
    "/modifier",
    "/annuler",
    "/organisateurs",
    "/organisateurs/nouveau",
    f"/organisateurs/{INTER_MADES}",
    "/programme",
    "/programme/temps/nouveau",
    "/programme/defis/nouveau",
    "/programme/questions/nouveau",
    "/places",
    f"/places/contingents/{INTER_MADES}",
    "/inscrits",
    "/inscrits?etat=attente",
    "/inscrits/liste",
    "/invitations",
    "/messages",
    "/arrangement",
    "/arrangement/nouvelle",
    "/contributions",
    "/bilan",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def nadia_at_work(chromium: Browser, house: Journey) -> AsyncIterator[Page]:
    """The shared director at a wide screen."""
    context = await chromium.new_context(
        base_url=house.portal, locale="fr-FR", viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    page = await context.new_page()
    await sign_in(page, house, "nadia@demo.example")
    yield page
    await context.close()


async def as_a_member(house: Journey, email: str) -> None:
    """Somebody with a membership registers in one go, unless they have."""
    async with Visitor(house.portal) as somebody:
        await somebody.sign_in(email, house.password(email))
        shown = await somebody.open("/evenements/plus20")
        if "/moi" in shown.text:
            await somebody.send(shown.form("/moi"))


async def test_each_organiser_reads_its_own_by_name_and_the_others_as_a_number(house: Journey, nadia: Visitor) -> None:
    stranger = await register(house, "Odile", "Inconnue")
    await as_a_member(house, "camille@demo.example")
    await as_a_member(house, "jo@demo.example")
    ours = ("Camille Fictive", "camille@demo.example")
    theirs = ("Inventé", "jo@demo.example", stranger.family_name, stranger.given_name)
    for path in ("", "/inscrits", "/inscrits/liste", "/messages", "/invitations", "/bilan", "/contributions"):
        page = await nadia.open(f"{DESK}{path}")
        assert page.status == 200
        assert [name for name in theirs if name in page.text] == [], path
    listed = (await nadia.open(f"{DESK}/inscrits")).text
    assert all(name in listed for name in ours)
    assert "comptées seulement" in listed
    at_la_ruche = (await nadia.open(f"/equipe/la-ruche/evenements/{PLUS20}/inscrits")).text
    assert "jo@demo.example" in at_la_ruche
    assert [name for name in (*ours, stranger.family_name) if name in at_la_ruche] == []


async def test_what_is_exported_is_ones_own_and_says_whose_it_is(house: Journey, nadia: Visitor) -> None:
    await as_a_member(house, "camille@demo.example")
    await as_a_member(house, "jo@demo.example")
    sheet = await nadia.open(f"{DESK}/inscrits.csv")
    assert "plus20-inscrits-de-inter-made-" in sheet.headers["content-disposition"]
    first, head, *lines = csv.reader(io.StringIO(sheet.text.removeprefix("\ufeff")), delimiter=";")
    assert first[0] == "Inscrits d'Inter-Made à «\xa0#Plus20\xa0»"
    assert head[:3] == ["Nom", "Prénom", "Adresse e-mail"]
    assert "camille@demo.example" in [line[2] for line in lines]
    assert "jo@demo.example" not in sheet.text


async def test_a_partners_delegate_works_without_a_team(house: Journey) -> None:
    await as_a_member(house, "camille@demo.example")
    async with Visitor(house.portal) as dani:
        await dani.sign_in("dani@demo.example", house.password("dani@demo.example"))
        assert 'href="/organiser"' in (await dani.open("/tableau-de-bord")).text
        assert "#Plus20" in (await dani.open("/organiser")).text
        desk = await dani.open(DELEGATES)
        assert desk.status == 200 and "La Friche la Belle de Mai" in desk.text
        assert "Camille" not in (await dani.open(f"{DELEGATES}/inscrits")).text
        places = (await dani.open(f"{DELEGATES}/places")).text
        assert "Contingent de La Friche la Belle de Mai" in places and "Contingents des autres organisateurs" in places
        assert "Contingent d'Inter-Made" not in places and "Contingent de MGEN" not in places
        refused = await dani.open(f"{DELEGATES}/modifier")
        assert refused.status == 403 and "Demandez à qui le gère" in refused.text
        assert (await dani.open(DESK)).status == 403
        invited = await dani.open(f"{DELEGATES}/invitations")
        sent = await dani.send(invited.form("/invitations"), emails="voisine@personne.example")
        assert "1 invitation est partie" in sent.text and "voisine@personne.example" in sent.text


async def test_a_volunteer_at_the_door_sees_the_door_and_no_list(house: Journey, nadia: Visitor) -> None:
    wish = {"email": "noor@demo.example", "organiser_id": INTER_MADES, "access": "2"}
    assert "noor@demo.example" in (await nadia.post(f"{DESK}/delegues", wish)).text
    async with Visitor(house.portal) as noor:
        await noor.sign_in("noor@demo.example", house.password("noor@demo.example"))
        desk = await noor.open(DELEGATES)
        assert desk.status == 200 and "Tenir la porte" in desk.text and f"{DELEGATES}/inscrits" not in desk.text
        assert (await noor.open(f"{DELEGATES}/inscrits")).status == 403
        assert (await noor.open(f"/porte/{PLUS20}")).status == 200


async def test_from_draft_to_cancelled(nadia_at_work: Page, house: Journey) -> None:
    page = nadia_at_work
    await page.goto("/equipe/inter-made/evenements/nouveau")
    await page.get_by_label("Titre").fill("Un brouillon")
    await page.get_by_label("Mot de l'adresse").fill("Pas Un Mot")
    await page.get_by_label("Nom du lieu").fill("Ici")
    await page.get_by_role("button", name="Créer le brouillon").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_label("Titre")).to_have_value("Un brouillon")
    await page.get_by_label("Mot de l'adresse").fill("un-brouillon")
    await page.get_by_role("button", name="Créer le brouillon").click()
    await expect(page.get_by_text("Il manque encore 3 choses.")).to_be_visible()
    await page.get_by_role("button", name="Publier l'événement").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator(".page-header .state")).to_have_text("Brouillon")

    base = await publish_alone(page, "pour-annuler", title="Pour annuler", seats=5)
    guest = await register(house, "Paule", "Prevenue", slug="pour-annuler")
    await page.goto(f"{base}/annuler")
    await page.get_by_label("Pourquoi").fill("La salle est inondée.")
    await page.get_by_label("Pour confirmer").fill("annuler")
    await page.get_by_role("button", name="Annuler l'événement et prévenir").click()
    await expect(page.get_by_role("alert").get_by_text("Ce n'est pas le mot demandé")).to_be_visible()
    await page.get_by_label("Pour confirmer").fill("pour-annuler")
    await page.get_by_role("button", name="Annuler l'événement et prévenir").click()
    await expect(page.locator(".page-header .state")).to_have_text("Annulé")
    await expect(page.get_by_text("La salle est inondée.")).to_be_visible()
    assert guest.code


async def test_a_message_is_read_again_before_it_is_sent(nadia_at_work: Page, house: Journey) -> None:
    await as_a_member(house, "camille@demo.example")
    page = nadia_at_work
    await page.goto(f"{DESK}/messages")
    await page.get_by_label("Objet").fill("On ouvre à 17 h 30")
    await page.get_by_label("Message", exact=True).fill("Venez par la rue Jobin.\n\nÀ lundi.")
    await page.get_by_role("button", name="Relire avant d'envoyer").click()
    await expect(page.get_by_role("heading", name="On ouvre à 17 h 30")).to_be_visible()
    await page.get_by_role("button", name="Envoyer", exact=True).click()
    await expect(page.get_by_text("Le message part à")).to_be_visible()


async def test_a_contribution_is_captured_and_followed_up(nadia_at_work: Page) -> None:
    page = nadia_at_work
    await page.goto(f"{DESK}/contributions")
    if not await page.get_by_label("En quelques mots").is_visible():
        await page.get_by_text("Noter une contribution").click()
    await page.get_by_label("Défi", exact=True).select_option(label="Se nourrir")
    await page.get_by_label("Besoin").check()
    await page.get_by_label("En quelques mots").fill("Un four banal")
    await page.get_by_role("button", name="Noter", exact=True).click()
    await page.get_by_role("link", name="Un four banal").click()
    await page.get_by_label("Qui en assure la suite").select_option(label="La Ruche Marseille")
    await page.get_by_label("Suivie").check()
    await page.get_by_role("button", name="Enregistrer").click()
    row = page.locator(".row", has_text="Un four banal")
    await expect(row.get_by_text("Suivie")).to_be_visible()
    await expect(row.get_by_text("La Ruche Marseille")).to_be_visible()


async def test_every_page_is_faultless(nadia_at_work: Page) -> None:
    watch(nadia_at_work)
    for path in ("/equipe/inter-made/evenements", "/equipe/inter-made/evenements/nouveau", "/organiser"):
        await nadia_at_work.goto(path)
        await faultless(nadia_at_work, path)
    for path in PAGES:
        answer = await nadia_at_work.goto(f"{DESK}{path}")
        assert answer is not None and answer.status == 200, path
        await faultless(nadia_at_work, path)


async def test_the_door_is_faultless(chromium: Browser, house: Journey) -> None:
    await prepare_eve(house)
    quim = await register(house, "Quim", "Passant", slug=EVE_SLUG)
    context, page = await phone(chromium, house)
    watch(page)
    await page.goto(f"/porte/{PLUS20}?pour=inter-made")
    await faultless(page, "door, before the day")
    await page.goto(DOOR)
    await expect(page.locator("[data-ready]")).to_be_attached()
    await faultless(page, "door")
    await page.get_by_label("Prénom, ou code du billet").fill("quim")
    await page.get_by_text("Quelqu'un sans billet").click()
    await faultless(page, "door, somebody found")
    await page.get_by_role("button", name=f"Faire entrer {quim.at_the_door}").click()
    await expect(page.get_by_text("Entrée enregistrée")).to_be_visible()
    await faultless(page, "door, somebody let in")
    await context.close()


async def test_the_keyboard_is_enough(chromium: Browser, house: Journey) -> None:
    await prepare_eve(house)
    rosa = await register(house, "Rosa", "Clavier", slug=EVE_SLUG)
    context, page = await phone(chromium, house)
    await page.goto("/equipe/inter-made/evenements")
    await page.get_by_role("link", name="La veille", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("La veille")
    await page.get_by_role("link", name="Tenir la porte").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-ready]")).to_be_attached()
    await page.get_by_label("Prénom, ou code du billet").focus()
    await page.keyboard.type(rosa.code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Entrée enregistrée")).to_be_visible()
    await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name=f"Annuler l'entrée de {rosa.at_the_door}").first).to_be_focused()
    await a_redrawn_list_keeps_the_keyboard(page)
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-part=result]").get_by_text("Entrée annulée")).to_be_visible()
    await context.close()


async def a_redrawn_list_keeps_the_keyboard(page: Page) -> None:
    """The door renews itself every few seconds: whoever is on a button meanwhile is on its successor."""
    undo = page.locator("[data-part=recent] button").first
    await undo.focus()
    await undo.evaluate("old => { old.dataset.old = 1; delete old.closest('[data-part]').dataset.key; }")
    await expect(page.locator("[data-part=recent] [data-old]")).to_have_count(0)
    await expect(undo).to_be_focused()
