"""What an organiser takes away is put back by one button where that is possible; where it is not, the page says so."""

import re
from uuid import uuid4

import pytest
from journey import Journey, browser
from organising import sign_in
from playwright.async_api import expect
from small_gatherings import gathering
from visitor import Page, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

FINAL = "ne se défait pas"


async def desk(house: Journey, *, published: bool, **sizes: int) -> str:
    """An event of Inter-Made's; gives the address of its pages."""
    text = gathering(f"retour-{uuid4().hex[:6]}", **sizes)
    assert "published = true" in text
    await house.load("shared-identity@groupement", text if published else text.replace("published = true", ""))
    found = re.search(r'event_id = "(event_\w+)"', text)
    assert found is not None
    return f"/equipe/inter-made/evenements/{found[1]}"


async def part(visitor: Visitor, base: str, kind: str, title: str) -> Page:
    """The page of a part of the programme, found by its title."""
    page = await visitor.open(f"{base}/programme")
    words = r"\s".join(map(re.escape, title.split()))
    found = re.search(rf'href="({base}/programme/{kind}/\w+)"[^>]*>\s*{words}', page.text)
    assert found is not None, page.text
    return await visitor.open(found[1])


async def test_a_session_comes_back_with_its_seats_before_it_is_announced(house: Journey, nadia: Visitor) -> None:
    base = await desk(house, published=False, seats=20, workshop_seats=7)
    shown = await part(nadia, base, "temps", "Atelier des tissus")
    assert "vous pourrez le remettre" in shown.text and FINAL not in shown.text
    assert FINAL in (await part(nadia, base, "temps", "Atelier des semis")).text, "a question goes with it"
    before = shown.form("/programme/temps/session_").values
    gone = await nadia.send(shown.form("/retirer"))
    assert gone.status == 200 and "plus au programme" in gone.text
    assert "Atelier des tissus" not in (await nadia.open(f"{base}/programme")).text
    back = await nadia.send(gone.form("/programme/temps/nouveau"))
    assert back.path == f"{base}/programme"
    after = await part(nadia, base, "temps", "Atelier des tissus")
    kept = {name: value for name, value in before.items() if name != "request_id"}
    assert {name: after.form("/programme/temps/session_").values.get(name) for name in kept} == kept
    seats = (await nadia.open(f"{base}/places")).text
    assert re.search(r'name="size"[^>]*value="50"', seats) and "Pas encore de jauge" not in seats


async def test_what_people_may_have_chosen_is_said_to_be_gone_for_good(house: Journey, nadia: Visitor) -> None:
    base = await desk(house, published=True, seats=20, workshop_seats=7)
    shown = await part(nadia, base, "temps", "Atelier des semis")
    assert FINAL in shown.text
    gone = await nadia.send(shown.form("/retirer"))
    assert gone.path == f"{base}/programme" and "au programme" in gone.text


async def test_a_challenge_comes_back_with_its_sessions(house: Journey, nadia: Visitor) -> None:
    base = await desk(house, published=True, seats=20, workshop_seats=7)
    gone = await nadia.send((await part(nadia, base, "defis", "Se nourrir")).form("/retirer"))
    assert "est retiré" in gone.text
    without = (await part(nadia, base, "temps", "Atelier des semis")).form("/programme/temps/session_")
    assert without.values.get("challenge_id", "") == ""
    back = await nadia.send(gone.form("/programme/defis/nouveau"))
    assert back.path == f"{base}/programme"
    again = await part(nadia, base, "defis", "Se nourrir")
    assert "Comment bien manger" in again.text
    with_it = (await part(nadia, base, "temps", "Atelier des semis")).form("/programme/temps/session_")
    assert with_it.values["challenge_id"] in again.url


async def test_a_question_comes_back_as_long_as_nobody_answered_it(house: Journey, nadia: Visitor) -> None:
    draft = await desk(house, published=False, seats=20, workshop_seats=7)
    gone = await nadia.send((await part(nadia, draft, "questions", "Comment venez-vous ?")).form("/retirer"))
    back = await nadia.send(gone.form("/programme/questions/nouveau"))
    assert back.path == f"{draft}/programme"
    assert "À pied" in (await part(nadia, draft, "questions", "Comment venez-vous ?")).text
    announced = await desk(house, published=True, seats=20, workshop_seats=7)
    shown = await part(nadia, announced, "questions", "Comment venez-vous ?")
    assert FINAL in shown.text
    assert (await nadia.send(shown.form("/retirer"))).path == f"{announced}/programme"


async def test_an_allocation_that_was_released_comes_back_unless_its_seats_went(house: Journey, nadia: Visitor) -> None:
    base = await desk(house, published=True, seats=8, workshop_seats=7)
    ways = re.findall(rf'href="({base}/places/contingents/\w+)"', (await nadia.open(f"{base}/places")).text)
    form = (await nadia.open(ways[0])).form("/places/contingents/")
    set_ = await nadia.send(form, size="6", open_to_members="oui")
    assert set_.path == f"{base}/places" and "enregistré" in set_.text
    shown = await nadia.open(ways[0])
    released = await nadia.send(shown.form("/places/contingents/"), size="0")
    assert "Rendre ses 6 places au contingent" in released.text
    back = await nadia.send(released.form("/places/contingents/"))
    assert back.path == f"{base}/places"
    again = (await nadia.open(ways[0])).form("/places/contingents/")
    assert again.values["size"] == "6" and "open_to_members" in again.values
    released = await nadia.send(again, size="0")
    await nadia.send((await nadia.open(ways[1])).form("/places/contingents/"), size="5")
    refused = await nadia.send(released.form("/places/contingents/"))
    assert refused.status == 409, refused.status
    assert refused.form("/places/contingents/").values["size"] == "6"


async def test_the_button_is_reached_and_read_like_any_other(house: Journey) -> None:
    base = await desk(house, published=False, seats=20, workshop_seats=7)
    async with browser() as opened:
        page = await (await opened.new_context(base_url=house.portal, locale="fr-FR")).new_page()
        await sign_in(page, house, "nadia@demo.example")
        await page.goto(f"{base}/programme")
        await page.get_by_role("link", name="Se nourrir").click()
        await page.get_by_text("Retirer ce défi…").click()
        await page.get_by_role("button", name="Le retirer").click()
        await expect(page.get_by_role("status").get_by_text("est retiré")).to_be_visible()
        await page.get_by_role("button", name="Remettre ce défi").click()
        await expect(page.get_by_role("link", name="Se nourrir")).to_be_visible()
