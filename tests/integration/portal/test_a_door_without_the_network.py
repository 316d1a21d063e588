"""The door on two phones: one of them loses the network, reloads, goes on; afterwards both count each person once."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

import pytest
import pytest_asyncio
from journey import Journey, browser
from organising import (
    DOOR,
    EVE,
    EVE_SLUG,
    PARIS,
    PLUS20,
    hold_door,
    number,
    phone,
    prepare_eve,
    publish_alone,
    sign_in,
    type_code,
)
from organising import register as register_for
from playwright.async_api import Browser, Page, expect
from preparing import move

register = partial(register_for, slug=EVE_SLUG)
pytestmark = pytest.mark.asyncio(loop_scope="session")

_ONE_LETTER_MORE = """async () => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open('door', 1); asked.onsuccess = () => resolve(asked.result);
  });
  const lists = database.transaction('lists', 'readwrite').objectStore('lists');
  const read = lists.getAll();
  await new Promise((resolve) => { read.onsuccess = resolve; });
  for (const list of read.result) {
    const [head, body, signature] = list.text.split('.');
    const told = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body.replaceAll('-', '+')
      .replaceAll('_', '/')), (c) => c.charCodeAt(0))));
    told.entries[0].given_name += 'x';
    const forged = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(told))));
    list.text = [head, forged.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''), signature].join('.');
    await new Promise((resolve) => { lists.put(list).onsuccess = resolve; });
  }
  database.close();
}"""
_STORED = """async () => {
  const names = (await indexedDB.databases()).map((each) => each.name);
  return { names, caches: await caches.keys(), workers: (await navigator.serviceWorker.getRegistrations()).length };
}"""


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def eve(house: Journey) -> None:
    """An event takes place tomorrow."""
    await prepare_eve(house)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser for all."""
    async with browser() as opened:
        yield opened


@asynccontextmanager
async def at_the_door(chromium: Browser, house: Journey, address: str = DOOR) -> AsyncIterator[Page]:
    """A phone at a door, ready to do without the network."""
    context, page = await phone(chromium, house)
    await hold_door(page, address)
    yield page
    await context.close()


async def test_two_phones_agree_after_one_of_them_was_cut_off(chromium: Browser, house: Journey) -> None:
    ana, bob, cleo = [await register(house, name, "Duplex") for name in ("Ana", "Bob", "Cleo")]
    async with at_the_door(chromium, house) as first, at_the_door(chromium, house) as second:
        before = await number(first, "present")
        await second.context.set_offline(True)
        await type_code(first, ana.code)
        await expect(first.get_by_text("Entrée enregistrée")).to_be_visible()
        await expect(second.get_by_text("Hors ligne")).to_be_visible()
        await type_code(second, ana.code)
        await expect(second.get_by_text("Entrée notée sur ce téléphone")).to_be_visible()
        await type_code(second, bob.code)
        await expect(second.get_by_text("2 passages à envoyer")).to_be_visible()

        await second.reload()
        await expect(second.get_by_text("2 passages à envoyer")).to_be_visible()
        await expect(second.get_by_text("Hors ligne")).to_be_visible()
        await second.get_by_label("Prénom, ou code du billet").fill("cléo")
        await second.get_by_role("button", name=f"Faire entrer {cleo.at_the_door}").click()
        await expect(second.get_by_text("3 passages à envoyer")).to_be_visible()
        await type_code(second, bob.code)
        await expect(second.get_by_text("Déjà à l'intérieur")).to_be_visible()
        await expect(second.get_by_text("3 passages à envoyer")).to_be_visible()

        await second.context.set_offline(False)
        await expect(second.get_by_text("Tout est envoyé")).to_be_visible(timeout=40_000)
        for each in (first, second):
            await expect(each.locator("[data-part=present]")).to_have_text(str(before + 3), timeout=40_000)


async def test_an_entry_is_taken_back(chromium: Browser, house: Journey) -> None:
    dora = await register(house, "Dora", "Retour")
    async with at_the_door(chromium, house) as page:
        before = await number(page, "present")
        await type_code(page, dora.code)
        await expect(page.locator("[data-part=present]")).to_have_text(str(before + 1))
        await page.context.set_offline(True)
        await page.get_by_role("button", name=f"Annuler l'entrée de {dora.at_the_door}").first.click()
        await expect(page.locator("[data-part=present]")).to_have_text(str(before))
        await page.context.set_offline(False)
        await expect(page.get_by_text("Tout est envoyé")).to_be_visible(timeout=40_000)
        await page.reload()
        await expect(page.locator("[data-ready]")).to_be_attached()
        await expect(page.locator("[data-part=present]")).to_have_text(str(before))


async def test_a_list_that_was_changed_on_its_way_is_refused(chromium: Browser, house: Journey) -> None:
    eva = await register(house, "Eva", "Falsifiee")
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", service_workers="block")
    page = await context.new_page()
    await sign_in(page, house, "nadia@demo.example")
    asked: list[str] = []

    async def change(route: object) -> None:
        answer = await route.fetch()  # type: ignore[attr-defined]
        head, body, signature = (await answer.text()).split(".")
        asked.append(head)
        await route.fulfill(response=answer, body=f"{head}.{body[:-4]}AAAA.{signature}")  # type: ignore[attr-defined]

    await page.route("**/liste?*", change)
    await page.goto(DOOR)
    await expect(page.get_by_text("elle est refusée")).to_be_visible()
    assert asked
    await page.get_by_label("Prénom, ou code du billet").fill(eva.given_name)
    await expect(page.get_by_text("Personne de ce nom dans la liste.")).to_be_visible()
    await context.close()


async def test_a_list_that_was_changed_on_the_phone_is_refused(chromium: Browser, house: Journey) -> None:
    await register(house, "Fanny", "Gardee")
    async with at_the_door(chromium, house) as page:
        await page.context.set_offline(True)
        await page.evaluate(_ONE_LETTER_MORE)
        await page.reload()
        await expect(page.get_by_text("elle est refusée")).to_be_visible()
        await page.get_by_label("Prénom, ou code du billet").fill("fanny")
        await expect(page.get_by_text("Personne de ce nom dans la liste.")).to_be_visible()


async def test_signing_out_leaves_nobodys_name_on_the_phone(chromium: Browser, house: Journey) -> None:
    async with at_the_door(chromium, house) as page:
        stored = await page.evaluate(_STORED)
        assert stored["names"] == ["door"] and stored["caches"] and stored["workers"] == 1
        await page.goto("/tableau-de-bord")
        await page.get_by_role("button", name="Menu").click()
        await page.get_by_role("button", name="Se déconnecter").click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.goto("/evenements")
        assert await page.evaluate(_STORED) == {"names": [], "caches": [], "workers": 0}


async def test_signing_out_without_a_live_sign_in_leaves_no_name_either(chromium: Browser, house: Journey) -> None:
    async with at_the_door(chromium, house) as page:
        assert (await page.evaluate(_STORED))["names"] == ["door"]
        await page.context.clear_cookies()
        await page.get_by_role("button", name="Me déconnecter").click()
        await expect(page).not_to_have_url(re.compile("/porte/"))
        await page.goto("/evenements")
        assert await page.evaluate(_STORED) == {"names": [], "caches": [], "workers": 0}


async def test_who_finds_no_seat_is_left_to_settle(chromium: Browser, house: Journey) -> None:
    context, page = await phone(chromium, house)
    base = await publish_alone(page, "petite-salle", title="Une petite salle", seats=1, days=1)
    await hold_door(page, f"/porte/{base.rpartition('/')[2]}?pour=inter-made")
    await page.context.set_offline(True)
    for name in ("Gil", "Hana"):
        await page.get_by_text("Quelqu'un sans billet").click()
        await page.get_by_label("Prénom", exact=True).fill(name)
        await page.get_by_role("button", name="Faire entrer").click()
    await expect(page.locator("[data-part=present]")).to_have_text("2")
    await page.context.set_offline(False)
    unsettled = page.get_by_role("region", name="À régler")
    await expect(unsettled.get_by_text("Plus de place sans billet")).to_have_count(1, timeout=40_000)
    await expect(page.locator("[data-part=present]")).to_have_text("1")
    await unsettled.get_by_role("button").click()
    await expect(unsettled).to_be_hidden()
    await context.close()


async def test_a_ticket_nobody_has_is_refused_in_words(chromium: Browser, house: Journey) -> None:
    async with at_the_door(chromium, house) as page:
        await type_code(page, "ce-code-n-est-celui-de-personne-0001")
        await expect(page.locator("[data-part=result]").get_by_text("Billet inconnu")).to_be_visible()


async def test_the_door_works_without_a_script(chromium: Browser, house: Journey) -> None:
    ivan = await register(house, "Ivan", "Sansscript")
    context = await chromium.new_context(base_url=house.portal, locale="fr-FR", java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, house, "nadia@demo.example")
    await page.goto(DOOR)
    before = await number(page, "present")
    await page.get_by_label("Prénom, ou code du billet").fill(ivan.code)
    await page.get_by_role("button", name="Entrer le code").click()
    await expect(page.get_by_text("Entrée enregistrée")).to_be_visible()
    assert await number(page, "present") == before + 1
    await page.get_by_role("button", name="Annuler", exact=True).click()
    await expect(page.get_by_text("Entrée annulée")).to_be_visible()
    assert await number(page, "present") == before
    await page.get_by_label("Prénom, ou code du billet").fill("ivan")
    await page.get_by_role("button", name="Chercher").click()
    await page.get_by_role("button", name=f"Faire entrer {ivan.at_the_door}").click()
    assert await number(page, "present") == before + 1
    await context.close()


async def test_only_who_holds_the_door_opens_it(chromium: Browser, house: Journey) -> None:
    context, page = await phone(chromium, house, "camille@demo.example")
    answer = await page.goto(DOOR)
    assert answer is not None and answer.status == 403
    for path in ("liste?pour=inter-made&appareil=device_" + "0" * 32, "comptes?pour=inter-made"):
        told = await page.request.get(f"/porte/{EVE}/{path}")
        assert told.status == 403 and re.match(r'\{"reason":"', await told.text())
    elsewhere = {"origin": "https://ailleurs.example", "sec-fetch-site": "cross-site"}
    sent = await page.request.post(f"/porte/{EVE}/passages", data={"scans": []}, headers=elsewhere)
    assert sent.status == 403 and "CROSS_SITE" in await sent.text()
    await context.close()


async def test_nobody_signs_out_over_scans_that_wait(chromium: Browser, house: Journey) -> None:
    tess = await register(house, "Tess", "Presque")
    async with at_the_door(chromium, house) as page:
        await page.context.set_offline(True)
        await type_code(page, tess.code)
        await expect(page.get_by_text("1 passage à envoyer")).to_be_visible()
        await page.get_by_role("button", name="Me déconnecter").click()
        await expect(page.get_by_text("Des passages attendent encore d'être envoyés.")).to_be_visible()
        await page.route("**/passages*", lambda route: route.abort())
        await page.context.set_offline(False)
        await page.goto("/tableau-de-bord")
        await page.get_by_role("button", name="Menu").click()
        await page.get_by_role("button", name="Se déconnecter").click()
        await expect(page).to_have_url(re.compile(f"/porte/{EVE}"))
        await expect(page.get_by_text("1 passage à envoyer")).to_be_visible()
        await page.unroute("**/passages*")
        await expect(page.get_by_text("Tout est envoyé")).to_be_visible(timeout=40_000)
        await page.get_by_role("button", name="Me déconnecter").click()
        await expect(page).not_to_have_url(re.compile("/porte/"))


async def test_a_workshops_door_lets_in_who_chose_it(chromium: Browser, house: Journey) -> None:
    uma = await register(house, "Uma", "Atelier")
    async with at_the_door(chromium, house) as page:
        shown = page.get_by_label("À quelle porte")
        workshops = [text for text in await shown.locator("option").all_inner_texts() if text.startswith("Atelier")]
        outcomes = []
        for workshop in workshops:
            await shown.select_option(label=workshop)
            await expect(page.locator("[data-part=present]")).to_have_text("0")
            await type_code(page, uma.code)
            result = page.locator("[data-part=result].ok, [data-part=result].refusal")
            await expect(result.get_by_text(uma.at_the_door)).to_be_visible()
            await expect(page.get_by_text("Tout est envoyé")).to_be_visible()
            came = await result.get_by_text("Entrée enregistrée").count()
            await expect(page.locator("[data-part=present]")).to_have_text(str(came))
            outcomes.append("in" if came else await result.locator(".door-title").inner_text())
            await page.reload()
            await expect(page.locator("[data-ready]")).to_be_attached()
        assert sorted(outcomes) == ["N'a pas choisi ce temps", "N'a pas choisi ce temps", "in"]
        unsettled = page.get_by_role("region", name="À régler")
        await expect(unsettled.get_by_text("N'a pas choisi ce temps")).to_have_count(2)


async def test_a_phone_that_comes_back_when_the_door_is_closed_is_told_so(chromium: Browser, house: Journey) -> None:
    context, page = await phone(chromium, house)
    base = await publish_alone(page, "trop-tard", title="Trop tard", seats=3, days=1)
    door = f"/porte/{base.rpartition('/')[2]}?pour=inter-made"
    ended = (datetime.now(PARIS) - timedelta(days=2)).replace(hour=20, minute=0)
    await move(page, base, start=ended - timedelta(hours=2), end=ended)
    await page.goto(door)
    await expect(page.locator("[data-part=result]").get_by_text("La porte ouvre la veille")).to_be_visible()
    await expect(page.get_by_text("En ligne")).to_be_visible()
    await page.get_by_text("Quelqu'un sans billet").click()
    await page.get_by_label("Prénom", exact=True).fill("Wim")
    await page.get_by_role("button", name="Faire entrer").click()
    unsettled = page.get_by_role("region", name="À régler")
    await expect(unsettled.get_by_text("La porte ouvre la veille")).to_have_count(1, timeout=40_000)
    await unsettled.get_by_role("button").click()
    await expect(unsettled).to_be_hidden()
    await context.close()


async def test_before_the_day_a_door_says_when_it_opens(chromium: Browser, house: Journey) -> None:
    vera = await register_for(house, "Vera", "Troptot")
    context, page = await phone(chromium, house)
    answer = await page.goto(f"/porte/{PLUS20}?pour=inter-made&q=vera")
    assert answer is not None and answer.status == 200
    await expect(page.get_by_text("La porte ouvre la veille de l'événement")).to_be_visible()
    assert await page.locator("[data-door]").count() == 0
    assert vera.at_the_door not in await page.content()
    told = await page.request.get(f"/porte/{PLUS20}/liste?pour=inter-made&appareil=device_" + "0" * 32)
    assert told.status == 409 and "DOOR_NOT_OPEN" in await told.text()
    await page.get_by_role("link", name="Revenir à l'événement").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("#Plus20")
    await context.close()
