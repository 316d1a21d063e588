"""The team's day at a place: who is expected, letting in by card or by booking, in words when it cannot be."""

import re
from datetime import date
from html import unescape

import pytest
from journey import eventually
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def place(visitor: Visitor) -> str:
    """The address of the team's page of a place."""
    page = await visitor.open("/equipe/la-ruche")
    found = re.search(r'href="(/equipe/la-ruche/lieux/[^"]+)"', page.text)
    assert found is not None
    return found.group(1)


async def card_of(visitor: Visitor) -> str:
    """What a visitor's card says."""
    page = await visitor.open("/tableau-de-bord")
    found = re.search(r'id="code-carte" readonly value="([^"]+)"', page.text)
    assert found is not None
    return unescape(found.group(1))


async def test_a_code_that_is_no_card_is_said_at_its_field(sam: Visitor) -> None:
    form = (await sam.open(await place(sam))).form("/passages")
    page = await sam.send(form, card_code="not a card")
    assert page.status == 422
    assert "pas celui d&#39;une carte" in page.text
    assert 'value="not a card"' in page.text


async def test_a_card_without_a_booking_now_is_told_apart_from_a_bad_one(sam: Visitor, camille: Visitor) -> None:
    form = (await sam.open(await place(sam))).form("/passages")
    page = await sam.send(form, card_code=await card_of(camille))
    assert page.status == 409
    assert "Rien n&#39;est réservé ici" in page.text


async def test_other_days_are_read_but_nobody_comes_in_on_them(sam: Visitor, weekday: date) -> None:
    page = await sam.open(f"{await place(sam)}?jour={weekday}")
    assert page.status == 200
    assert "/passages" not in page.text


async def test_the_director_reads_the_day_and_does_not_keep_the_door(nadia: Visitor) -> None:
    page = await nadia.open(await place(nadia))
    assert page.status == 200
    assert "/passages" not in page.text


async def test_a_card_that_was_replaced_opens_nothing_any_more(sam: Visitor, camille: Visitor) -> None:
    old = await card_of(camille)
    shown = await camille.open("/carte/remplacer")
    replaced = await camille.send(shown.form("/carte/remplacer"))
    assert "votre nouvelle carte" in replaced.text
    assert await card_of(camille) != old
    form = (await sam.open(await place(sam))).form("/passages")

    async def refused() -> bool:
        return "Cette carte a été remplacée" in (await sam.send(form, card_code=old)).text

    assert await eventually(refused, seconds=40, what="the door learns that the card was replaced")
