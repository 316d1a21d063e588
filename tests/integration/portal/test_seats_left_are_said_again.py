"""An open page of an event says by itself how many seats are left, politely, until there is nothing more to say."""

import re
from uuid import uuid4

import pytest
from journey import Journey, browser
from playwright.async_api import expect
from small_gatherings import gathering
from visitor import Page, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

_ASKS = re.compile(r'data-hx-get="(/evenements/[^"]+)" data-hx-trigger="every 15s" data-hx-swap="outerHTML"')


async def small(house: Journey, *, seats: int) -> str:
    """An event of so many seats."""
    slug = f"reste-{uuid4().hex[:6]}"
    await house.load("shared-identity@groupement", gathering(slug, seats=seats))
    return slug


def asks(page: Page) -> str:
    """What the page asks for again."""
    (found,) = _ASKS.findall(page.text)
    return str(found)


async def hold(visitor: Visitor, slug: str) -> Page:
    """A seat kept, by somebody else."""
    page = await visitor.open(f"/evenements/{slug}")
    return await visitor.send(page.form("/inscription"))


async def test_nothing_is_sent_while_nothing_changed_then_the_sentence_alone(house: Journey, visitor: Visitor) -> None:
    slug = await small(house, seats=8)
    again = asks(await visitor.open(f"/evenements/{slug}"))
    same = await visitor.open(again)
    assert (same.status, same.text) == (204, "")
    async with Visitor(house.portal) as other:
        await hold(other, slug)
    changed = await visitor.open(again)
    assert changed.status == 200 and "Il reste 7 places" in changed.text
    assert "<html" not in changed.text and 'aria-live="off"' in changed.text
    assert changed.headers["cache-control"] == "public, max-age=10"
    assert "cookie" in changed.headers["vary"] and "set-cookie" not in changed.headers
    assert asks(changed) != again


async def test_little_is_read_aloud_and_full_is_asked_no_more(house: Journey, visitor: Visitor) -> None:
    slug = await small(house, seats=2)
    page = await visitor.open(f"/evenements/{slug}")
    again = asks(page)
    assert '<span aria-live="polite">' in page.text and 'aria-live="off"' not in page.text
    async with Visitor(house.portal) as other:
        for _ in range(2):
            await hold(other, slug)
    full = await visitor.open(again)
    assert "Complet" in full.text and f'href="/evenements/{slug}"' in full.text
    assert _ASKS.findall(full.text) == []
    assert _ASKS.findall((await visitor.open(f"/evenements/{slug}")).text) == []


async def test_what_a_member_reads_is_kept_by_nobody(house: Journey, camille: Visitor) -> None:
    slug = await small(house, seats=8)
    changed = await camille.open(f"/evenements/{slug}/places")
    assert changed.status == 200
    assert changed.headers["cache-control"] == "private, no-store"


async def test_an_event_that_is_not_there_says_nothing(visitor: Visitor) -> None:
    assert (await visitor.open("/evenements/personne/places")).status == 204


async def test_the_page_follows_without_a_word_of_waiting(house: Journey) -> None:
    slug = await small(house, seats=8)
    async with browser() as opened:
        page = await (await opened.new_context(base_url=house.portal, locale="fr-FR")).new_page()
        await page.goto(f"/evenements/{slug}")
        await expect(page.get_by_text("Il reste 8 places")).to_be_visible()
        async with Visitor(house.portal) as other:
            await hold(other, slug)
        await expect(page.get_by_text("Il reste 7 places")).to_be_visible(timeout=60_000)
        assert await page.locator(".waiting").inner_text() == ""
        assert await page.get_by_role("button", name="Je m'inscris").is_enabled()


async def test_without_a_script_the_page_says_it_once(house: Journey) -> None:
    slug = await small(house, seats=8)
    async with browser() as opened:
        context = await opened.new_context(base_url=house.portal, locale="fr-FR", java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"/evenements/{slug}")
        await expect(page.get_by_text("Il reste 8 places")).to_be_visible()
        await page.get_by_role("button", name="Je m'inscris").click()
        await expect(page.get_by_label("Adresse e-mail")).to_be_visible()
