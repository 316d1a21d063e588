"""Booking: a day as grid and table, a price or a right, once however often it is sent, and giving it back."""

import re
from datetime import date
from html import unescape

import pytest
from visitor import Page, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

_BOOK = re.compile(r'href="(/espaces/[^"]+/reserver\?[^"]+)"')
_CANCEL = re.compile(r'href="(/reservations/[^"]+/annuler)"')


async def place_of(visitor: Visitor, structure: str) -> str:
    """The address of a structure's first place."""
    page = await visitor.open("/espaces")
    found = re.search(rf'href="(/espaces/{structure}/[^"?]+)"', page.text)
    assert found is not None
    return found.group(1)


async def slot_of(visitor: Visitor, place: str, day: date, kind: str) -> str:
    """The address that books the first free slot of a kind of space."""
    page = await visitor.open(f"{place}?jour={day}&type={kind}")
    found = _BOOK.search(page.text)
    assert found is not None, page.text
    return unescape(found.group(1))


async def book(visitor: Visitor, address: str, **values: str) -> Page:
    """Look at the price, then book."""
    page = await visitor.open(address)
    assert "Je réserve" in page.text, page.text
    return await visitor.send(page.form("/reserver"), **values)


async def test_a_day_is_a_grid_and_a_plain_table(visitor: Visitor, weekday: date) -> None:
    place = await place_of(visitor, "la-ruche")
    both = (await visitor.open(f"{place}?jour={weekday}")).text
    table = (await visitor.open(f"{place}?jour={weekday}&vue=tableau")).text
    assert both.count("<table") == 2
    assert table.count("<table") == 1
    assert set(_BOOK.findall(table)) == set(_BOOK.findall(both))


async def test_filters_stand_in_the_address(visitor: Visitor, weekday: date) -> None:
    place = await place_of(visitor, "la-ruche")
    page = await visitor.open(f"{place}?jour={weekday}&type=NOMAD_SEAT&de=10:00&a=12:00")
    assert 'value="NOMAD_SEAT" selected' in page.text
    assert 'value="10:00"' in page.text
    nothing = await visitor.open(f"{place}?jour={weekday}&de=03:00&a=04:00")
    assert "Aucun espace ne convient" in nothing.text


async def test_without_signing_in_one_sees_what_is_free_and_is_told_how_to_book(
    visitor: Visitor, weekday: date
) -> None:
    place = await place_of(visitor, "la-ruche")
    page = await visitor.open(await slot_of(visitor, place, weekday, "NOMAD_SEAT"))
    assert "Connectez-vous pour voir votre prix" in page.text
    assert "/connexion?retour=%2Fespaces" in page.text


async def test_a_right_pays_once_however_often_the_form_is_sent_and_returns_when_given_back(
    camille: Visitor, weekday: date
) -> None:
    place = await place_of(camille, "la-ruche")
    address = await slot_of(camille, place, weekday, "NOMAD_SEAT")
    shown = await camille.open(address)
    assert "Sur mon droit" in shown.text
    form = shown.form("/reserver")
    first, second = await camille.send(form), await camille.send(form)
    assert first.path == second.path == "/tableau-de-bord"
    assert "C&#39;est réservé" in first.text
    mine = [path for path in _CANCEL.findall(second.text) if "la-ruche" in path]
    assert len(mine) == 1
    asked = await camille.open(mine[0])
    assert "revient à votre droit" in asked.text
    given_back = await camille.send(asked.form("/annuler"))
    assert "Votre réservation est annulée" in given_back.text
    assert not [path for path in _CANCEL.findall(given_back.text) if "la-ruche" in path]


async def test_what_was_just_taken_is_said_with_the_nearest_free_slots(
    camille: Visitor, sam: Visitor, weekday: date
) -> None:
    place = await place_of(camille, "la-ruche")
    address = await slot_of(camille, place, weekday, "MEETING_ROOM")
    waiting = (await sam.open(address)).form("/reserver")
    booked = await book(camille, address)
    assert booked.path == "/tableau-de-bord"
    refused = await sam.send(waiting)
    assert refused.status == 409
    assert "vient d&#39;être pris" in refused.text
    assert "Libre tout près" in refused.text
    assert _BOOK.search(refused.text)


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"de": "neuf heures"}, 422, "Écrivez une heure"),
        ({"jour": "demain"}, 422, "Écrivez un jour"),
        ({"de": "12:00", "a": "11:00"}, 422, "La fin doit venir après le début"),
        ({"de": "09:07"}, 422, "quarts d&#39;heure"),
        ({"jour": "2020-01-06"}, 422, "déjà passé"),
        ({"de": "01:00", "a": "02:00"}, 409, "fermé à ces heures"),
    ],
)
async def test_a_wish_that_cannot_be_is_said_beside_it(
    camille: Visitor, weekday: date, change: dict[str, str], status: int, said: str
) -> None:
    place = await place_of(camille, "la-ruche")
    form = (await camille.open(await slot_of(camille, place, weekday, "NOMAD_SEAT"))).form("/reserver")
    page = await camille.send(form, **change)
    assert page.status == status
    assert said in page.text
    for value in change.values():
        assert f'value="{value}"' in page.text
