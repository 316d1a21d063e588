"""The front page: who the groupement is, what comes next, what one may apply to, where one may work."""

import asyncio
from dataclasses import dataclass

from groupement.coworking.v1.place_pb2 import Place
from groupement.incubator.v1.programme_pb2 import Programme
from starlette.responses import Response

from portal.pages.directory.entries import public_projects
from portal.pages.events.listing import next_events
from portal.parts import Part, part
from portal.showcase import House
from portal.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one structure offers to the public."""

    house: House
    programmes: Part[list[Programme]]
    places: Part[list[Place]]


async def home(visit: Visit) -> Response:
    """`/`"""
    offers, projects, events = await asyncio.gather(
        offers_of(visit), part(public_projects(visit), empty=[]), next_events(visit)
    )
    return await visit.page(
        "home.html",
        offers=offers,
        names=visit.language.listed([offer.house.name for offer in offers]),
        figures=_figures(visit, offers),
        next_events=events,
        projects=[(p.name, p.one("headline"), f"/annuaire/{p.entry_id}", p.house) for p in projects.found],
    )


def _figures(visit: Visit, offers: list[Offer]) -> list[tuple[int, str, str]]:
    """What can be counted today, and where it is listed; nothing while a structure does not answer."""
    if any(offer.programmes.refusal or offer.places.refusal for offer in offers):
        return []
    say = visit.language.say
    programmes = sum(len(offer.programmes.found) for offer in offers)
    places = sum(len(offer.places.found) for offer in offers)
    return [
        (len(offers), say("structures, chacune avec ses propres données"), "#structures"),
        (programmes, say("dispositifs d'accompagnement ouverts"), "#dispositifs"),
        (places, say("lieux où travailler"), "/espaces"),
    ]


async def offers_of(visit: Visit) -> list[Offer]:
    """What every structure offers, in the order the structures entered."""
    houses = await visit.showcase.houses()
    return list(await asyncio.gather(*(_offer(visit, house) for house in houses.values())))


async def _offer(visit: Visit, house: House) -> Offer:
    programmes, places = await asyncio.gather(
        part(visit.showcase.programmes(house.slug), empty=[]), part(visit.showcase.places(house.slug), empty=[])
    )
    return Offer(house=house, programmes=programmes, places=places)


async def switch_language(visit: Visit) -> Response:
    """`/en` and `/fr`: the home page in that language, kept for the next visits."""
    return visit.redirect(f"/?lang={visit.request.url.path.strip('/')}")
