"""As whom somebody looks at the directory: the public, or a member of one of their structures."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.refusals import Refusal

from portal.showcase import House
from portal.visit import Visit

EVERYBODY = "public"


@dataclass(frozen=True, kw_only=True)
class Perspective:
    """Who looks: `house` is the structure the visitor speaks to, None for the public; `mine` are those they could."""

    house: House | None
    mine: Sequence[House]

    @property
    def structure(self) -> str:
        """The structure to act for, empty for the public."""
        return self.house.slug if self.house else ""

    @property
    def asked(self) -> str:
        """What says so in addresses: nothing where it goes without saying."""
        if self.house is None:
            return EVERYBODY if self.mine else ""
        return "" if self.house == self.mine[0] else self.house.slug


async def perspective(visit: Visit) -> Perspective:
    """`?vue=`: the public, or one of the visitor's structures; the first of these when nothing is asked."""
    mine = await houses_of(visit)
    asked = visit.query("vue")
    if asked == EVERYBODY or not mine:
        return Perspective(house=None, mine=mine)
    chosen = next((house for house in mine if house.slug == asked), mine[0])
    return Perspective(house=chosen, mine=mine)


async def houses_of(visit: Visit) -> list[House]:
    """The structures the visitor is something at, as member or staff; none for a visitor who has not signed in."""
    if visit.session is None:
        return []
    houses = list((await visit.showcase.houses()).values())
    held = await asyncio.gather(*(_roles(visit, house) for house in houses))
    return [house for house, roles in zip(houses, held, strict=True) if roles]


async def _roles(visit: Visit, house: House) -> frozenset[str]:
    """The visitor's roles at a structure; none when nobody can tell: the directory then shows what is public."""
    try:
        return await visit.roles(house.slug)
    except Refusal:
        return frozenset()
