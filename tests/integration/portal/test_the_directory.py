"""The directory through the portal: each field reaches whom it is for and nobody else, in every answer."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from journey import Journey, browser, eventually
from playwright.async_api import expect
from visitor import Page, ShownForm, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

LA_RUCHE, INTER_MADE = "la-ruche", "inter-made"
NAME = "Les bocaux à plusieurs voix"
SAID = {
    "headline": "Conserverie pour tout le monde",
    "needs": "Un local réservé au groupement",
    "presentation": "Confidence aux membres de la même structure",
    "phone": "06 00 00 00 01",
    "theme_FOOD": "oui",
}
AUDIENCES = {
    "audience_name": "PUBLIC",
    "audience_headline": "PUBLIC",
    "audience_themes": "PUBLIC",
    "audience_needs": "GROUPEMENT",
    "audience_presentation": "STRUCTURES",
    "audience_phone": "ME",
}
FOR_THE_PUBLIC = {SAID["headline"], "Alimentation"}
FOR_THE_GROUPEMENT = FOR_THE_PUBLIC | {SAID["needs"]}
FOR_INTER_MADE = FOR_THE_GROUPEMENT | {SAID["presentation"]}
ALL = FOR_INTER_MADE | {SAID["phone"]}


@pytest_asyncio.fixture(loop_scope="session")
async def jo(house: Journey) -> AsyncIterator[Visitor]:
    """A coworker of the other structure."""
    async with Visitor(house.portal) as somebody:
        await somebody.sign_in("jo@demo.example", house.password("jo@demo.example"))
        yield somebody


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(house: Journey) -> AsyncIterator[Visitor]:
    """The public."""
    async with Visitor(house.portal) as somebody:
        yield somebody


@pytest_asyncio.fixture(loop_scope="session")
async def entry(camille: Visitor) -> AsyncIterator[str]:
    """An entry of Camille's, one field to each audience; withdrawn after."""
    page = await written(camille, "/mon-annuaire", "projets", {"name": NAME} | SAID | AUDIENCES)
    yield page.path.rsplit("/", 1)[1]
    await withdrawn(camille, page.path)


async def written(visitor: Visitor, desk: str, kind: str, values: dict[str, str]) -> Page:
    """An entry made on its form; the page that follows."""
    shown = await visitor.open(f"{desk}/nouvelle?sorte={kind}")
    page = await visitor.send(saving(shown.form("/nouvelle")), **values)
    assert re.fullmatch(rf"{desk}/entry_\w+", page.path), page.text
    return page


def saving(form: ShownForm) -> ShownForm:
    """The form sent by its first button, not by one that previews."""
    form.values.pop("voir", None)
    return form


async def withdrawn(visitor: Visitor, path: str) -> Page:
    """The page that says that the entry at a path is no more."""
    shown = await visitor.open(path)
    return await visitor.send(shown.form("/retirer")) if shown.status == 200 else shown


async def read(visitor: Visitor, address: str, containing: str) -> Page:
    """The page, once the index holds what was just written."""

    async def ask() -> Page | None:
        page = await visitor.open(address)
        return page if containing in page.text else None

    return await eventually(ask, seconds=40, what=f"{address} with {containing}")


def told(page: Page) -> set[str]:
    """What of Camille's words stands in a page, anywhere in its source."""
    return {word for word in ALL if word in page.text}


async def test_each_field_reaches_whom_it_is_for(
    entry: str, stranger: Visitor, jo: Visitor, nadia: Visitor, camille: Visitor
) -> None:
    address = f"/annuaire/{entry}"
    assert told(await stranger.open(address)) == FOR_THE_PUBLIC
    assert told(await jo.open(address)) == FOR_THE_GROUPEMENT
    assert told(await nadia.open(f"{address}?vue={LA_RUCHE}")) == FOR_THE_GROUPEMENT
    assert told(await nadia.open(f"{address}?vue={INTER_MADE}")) == FOR_INTER_MADE
    assert told(await nadia.open(f"{address}?vue=public")) == FOR_THE_PUBLIC
    assert told(await camille.open(f"/mon-annuaire/{entry}")) == ALL


async def test_lists_show_no_more_than_entries(entry: str, stranger: Visitor, jo: Visitor) -> None:
    assert f"/annuaire/{entry}" in (await read(stranger, "/annuaire", NAME)).text
    assert told(await stranger.open("/annuaire")) == FOR_THE_PUBLIC
    assert told(await jo.open("/annuaire")) <= FOR_THE_GROUPEMENT


async def test_words_one_may_not_read_find_nothing(entry: str, stranger: Visitor, jo: Visitor, nadia: Visitor) -> None:
    await read(stranger, "/annuaire", NAME)
    assert entry not in (await stranger.open("/annuaire?q=local")).text
    assert entry in (await read(jo, "/annuaire?q=local", NAME)).text
    assert entry not in (await jo.open("/annuaire?q=confidence")).text
    assert entry in (await nadia.open(f"/annuaire?q=confidence&vue={INTER_MADE}")).text
    for reader in (stranger, jo, nadia):
        assert entry not in (await reader.open("/annuaire?q=0600000001")).text


async def test_a_preview_is_what_the_other_sees(
    entry: str, stranger: Visitor, jo: Visitor, nadia: Visitor, camille: Visitor
) -> None:
    sees = {
        "public": await stranger.open(f"/annuaire/{entry}"),
        "groupement": await jo.open(f"/annuaire/{entry}"),
        INTER_MADE: await nadia.open(f"/annuaire/{entry}?vue={INTER_MADE}"),
    }
    for viewer, page in sees.items():
        shown = await camille.open(f"/mon-annuaire/{entry}?voir={viewer}")
        sheet = shown.text.split(f'data-preview="{viewer}"')[1].split("</aside>")[0]
        assert {word for word in ALL if word in sheet} == told(page)


async def test_looking_saves_nothing(entry: str, camille: Visitor, stranger: Visitor) -> None:
    form = saving((await camille.open(f"/mon-annuaire/{entry}")).form(f"/mon-annuaire/{entry}"))
    page = await camille.send(form, headline="Pas encore décidé", voir="public")
    assert "Pas encore décidé" in page.text
    assert "Pas encore décidé" not in (await stranger.open(f"/annuaire/{entry}")).text


async def test_a_name_for_oneself_alone_hides_the_whole_entry(entry: str, camille: Visitor, stranger: Visitor) -> None:
    form = saving((await camille.open(f"/mon-annuaire/{entry}")).form(f"/mon-annuaire/{entry}"))
    page = await camille.send(form, audience_name="ME", voir="public")
    assert "existe pas à ses yeux" in page.text
    await camille.send(form, audience_name="ME")
    assert (await stranger.open(f"/annuaire/{entry}")).status == 404


async def test_two_windows_do_not_overwrite_one_another(entry: str, camille: Visitor) -> None:
    address = f"/mon-annuaire/{entry}"
    first = saving((await camille.open(address)).form(address))
    second = saving((await camille.open(address)).form(address))
    await camille.send(first, headline="Écrit dans la première fenêtre")
    refused = await camille.send(second, headline="Écrit dans la seconde")
    assert refused.status == 409
    assert "Écrit dans la première fenêtre (tout le monde)" in refused.text
    assert refused.form(address).values["headline"] == "Écrit dans la seconde"
    again = await camille.send(saving(refused.form(address)))
    assert again.path == address
    assert again.form(address).values["headline"] == "Écrit dans la seconde"


async def test_what_is_withdrawn_is_gone_and_can_be_put_back(camille: Visitor, stranger: Visitor) -> None:
    values = {"name": "Le bocal de passage", "audience_name": "PUBLIC", "stage": "IDEA", "audience_stage": "PUBLIC"}
    page = await written(camille, "/mon-annuaire", "projets", values)
    await read(stranger, "/annuaire?type=projets", "Le bocal de passage")
    await read(stranger, "/", "Le bocal de passage")
    gone = await withdrawn(camille, page.path)
    assert (await stranger.open(page.path.replace("/mon-annuaire", "/annuaire"))).status == 404

    async def nowhere() -> bool:
        return all(["Le bocal de passage" not in (await stranger.open(at)).text for at in ("/", "/annuaire")])

    await eventually(nowhere, seconds=5, what="an entry that left every page")
    back = await camille.send(gone.form("/nouvelle"))
    assert back.form(back.path).values["name"] == "Le bocal de passage"
    await withdrawn(camille, back.path)


async def test_a_form_that_is_wrong_comes_back_with_what_was_typed(camille: Visitor) -> None:
    form = saving((await camille.open("/mon-annuaire/nouvelle?sorte=projets")).form("/nouvelle"))
    page = await camille.send(form, name="", headline="Gardé", website="javascript:alert(1)")
    assert page.status == 422
    assert page.form("/nouvelle").values["headline"] == "Gardé"
    page = await camille.send(saving(page.form("/nouvelle")), name="Un projet")
    assert page.status == 422
    assert 'id="website-error"' in page.text


async def test_nobody_edits_what_is_not_theirs(entry: str, jo: Visitor, nadia: Visitor) -> None:
    for visitor, address in ((jo, f"/mon-annuaire/{entry}"), (nadia, f"/equipe/{INTER_MADE}/annuaire/{entry}")):
        assert (await visitor.open(address)).status == 404
        page = await visitor.post(address, {"name": "Volé", "audience_name": "PUBLIC"})
        assert page.status in (404, 422, 409)
    assert (await jo.open(f"/equipe/{INTER_MADE}/annuaire")).status == 403


async def test_a_team_presents_its_organisation_and_places(nadia: Visitor, stranger: Visitor) -> None:
    desk = f"/equipe/{LA_RUCHE}/annuaire"
    values = {"name": "Le village d'essai", "address": "1 rue d'Essai\n13003 Marseille"}
    shown = {"audience_name": "PUBLIC", "audience_address": "PUBLIC"}
    page = await written(nadia, desk, "lieux", values | shown)
    found = await read(stranger, f"/annuaire?type=lieux&structure={LA_RUCHE}", "Le village d&#39;essai")
    assert page.path.rsplit("/", 1)[1] in found.text
    assert "Le village d&#39;essai" in (await nadia.open(desk)).text
    await withdrawn(nadia, page.path)


@pytest.mark.parametrize(
    "query",
    [
        "q=" + "x" * 5000,
        "q=%00%07",
        "type=drop&theme=';--,FOOD&structure=../..",
        "apres=AAAA",
        "apres=%F0%9F",
        "vue=lune",
    ],
)
async def test_any_address_is_answered_in_words(stranger: Visitor, query: str) -> None:
    page = await stranger.open(f"/annuaire?{query}")
    assert page.status in (200, 422)
    assert 'name="q"' in page.text


async def test_searching_works_without_a_script(house: Journey, entry: str, stranger: Visitor) -> None:
    await read(stranger, "/annuaire", NAME)
    async with browser() as chromium:
        context = await chromium.new_context(base_url=house.portal, locale="fr-FR", java_script_enabled=False)
        page = await context.new_page()
        await page.goto("/annuaire")
        await page.get_by_label("Chercher un nom").fill("conserv")
        await page.get_by_role("button", name="Chercher", exact=True).click()
        await expect(page.get_by_role("link", name=NAME)).to_be_visible()
        await page.get_by_role("link", name="Alimentation").first.click()
        await expect(page).to_have_url(re.compile(r"q=conserv&.*theme=FOOD"))
        await page.get_by_role("link", name=NAME).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
        assert SAID["needs"] not in await page.content()
        await context.close()
