"""Many people who try for a seat at once, each with a browser of their own and no JavaScript in it."""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from journey import Journey
from visitor import Page, Visitor

_AT_ONCE = 40
"""How many have a page on its way at any moment; the others wait at their keyboard."""


@dataclass(frozen=True)
class Guest:
    """Somebody who would like to come; invented."""

    given_name: str
    family_name: str
    email: str
    workshop: str = ""


def guests(number: int) -> Sequence[Guest]:
    """So many people, told apart by their names."""
    return [
        Guest(f"Visiteuse{each}", f"Inventée{each}", f"visite{each}@demo.example", workshop=("", "Se loger")[each % 2])
        for each in range(number)
    ]


async def all_try(journey: Journey, slug: str, people: Sequence[Guest]) -> dict[Guest, str]:
    """Everybody presses the button; gives the path of the page each ends at: a ticket on its way, or the list."""
    gate = asyncio.Semaphore(_AT_ONCE)
    order = random.sample(list(people), len(people))

    async def tries(guest: Guest) -> tuple[Guest, str]:
        async with gate, Visitor(journey.portal) as visitor:
            return guest, (await _registers(visitor, slug, guest)).path

    return dict(await asyncio.gather(*(tries(guest) for guest in order)))


async def _registers(visitor: Visitor, slug: str, guest: Guest) -> Page:
    """Event page, button, form; who finds no seat there takes the way to the list that the page shows.

    On the list nobody wishes for a workshop: one that fills up meanwhile would let the next in line pass first.
    """
    shown = await visitor.open(f"/evenements/{slug}")
    if f"/evenements/{slug}/inscription" in shown.text:
        shown = await visitor.send(shown.form(f"/evenements/{slug}/inscription"))
    if "/inscription/" in shown.path:
        return await _fills(visitor, shown, "/inscription/", guest)
    listed = await visitor.open(f"/evenements/{slug}/liste-d-attente")
    return await _fills(visitor, listed, "/liste-d-attente", replace(guest, workshop=""))


async def _fills(visitor: Visitor, page: Page, action: str, guest: Guest) -> Page:
    """Sends the form; when the workshop has filled up meanwhile the page says so, and they come without one."""
    typed = {"given_name": guest.given_name, "family_name": guest.family_name, "email": guest.email}
    workshop = _radio(page, guest.workshop)
    answered = await visitor.send(page.form(action), **typed, **workshop)
    if answered.status == HTTPStatus.TOO_MANY_REQUESTS:
        answered = await visitor.send(answered.form(action), **dict.fromkeys(workshop, ""))
    assert answered.status == HTTPStatus.OK, f"{guest.email}: {answered.status} at {answered.url}"
    return answered


def _radio(page: Page, workshop: str) -> dict[str, str]:
    """The radio button beside a workshop's title, as long as it can be chosen."""
    for tag, title in re.findall(r'<input type="radio"([^>]*)>\s*<span><span class="strong">([^<]*)</span>', page.text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if workshop and title == workshop and "disabled" not in tag and name and value:
            return {name[1]: value[1]}
    return {}


async def where_all_stand(journey: Journey, people: Sequence[Guest]) -> dict[Guest, int]:
    """The place of each in the waiting list, as the page behind their mailed link says it; one is the first."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def reads(guest: Guest) -> tuple[Guest, int]:
        link = await journey.link_mailed_to(guest.email, containing="/billet?", seconds=120)
        async with gate, Visitor(journey.portal) as visitor:
            return guest, _place(await visitor.open(link))

    return dict(await asyncio.gather(*(reads(guest) for guest in people)))


def _place(page: Page) -> int:
    if "La prochaine place sera pour vous" in page.text:
        return 1
    before = re.search(r"(\d+)[  ]?personnes? passent? avant vous", page.text) or re.search(
        r"(Une) personne passe avant vous", page.text
    )
    assert before is not None, page.text
    return 2 if before[1] == "Une" else int(before[1]) + 1
