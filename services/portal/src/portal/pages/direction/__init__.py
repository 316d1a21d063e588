"""The director's figures: what the structures count together, each number with whose it is and its list."""

import asyncio
from collections.abc import Mapping

from babel.dates import format_date
from groupement.shared_identity.v1.figure_service_pb2 import GetFiguresRequest
from groupement.shared_identity.v1.joint_event_service_pb2 import ListMyEventsRequest
from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal import words
from portal.formats import day_from
from portal.i18n import FRENCH, Language
from portal.pages.direction.months import Stretch, last_months, stretch_from
from portal.pages.direction.sheets import SHEETS
from portal.pages.direction.tables import Figures, Number, figures
from portal.pages.members import kind_word
from portal.pages.team import NotOnTheTeam
from portal.parts import part
from portal.rendering import with_query
from portal.showcase import House
from portal.visit import Page, Visit

PATH = "/direction"
_DIRECTOR = "DIRECTOR"
_PRESETS = (12, 24, 36)
_MOST = 200

Drawn = tuple[str, Number, str]
"""A label, a number (None when hidden), the list behind it."""


async def show(visit: Visit) -> Response:
    """`GET /direction?structure=&de=&a=`"""
    house, mine = await _house(visit)
    stretch = stretch_from(visit.query("de"), visit.query("a"), visit.today())
    found, reports = await asyncio.gather(
        _figures(visit, house, stretch), part(_reports(visit, house), empty=frozenset[str]())
    )
    houses = await visit.showcase.houses()
    months = [month_label(visit.language, month) for month in found.months]
    return await visit.page(
        "direction/figures.html",
        house=house,
        mine=mine,
        stretch=stretch,
        kept={"structure": house.slug if len(mine) > 1 else "", "de": stretch.first, "a": stretch.last},
        presets=[(many, last_months(visit.today(), many)) for many in _PRESETS],
        figures=found,
        over_time=[(houses[s], _drawn(months, found.over_time(s))) for s in found.structures if s in houses],
        together=_drawn(months, found.over_time()),
        shared=_drawn(months, found.shared_over_time()),
        qualities=_qualities(visit, house, found),
        reports=reports.found,
    )


async def show_sheet(visit: Visit) -> Response:
    """`GET /direction/{table}.csv?structure=&de=&a=`"""
    if visit.path("table") not in SHEETS:
        raise HTTPException(status_code=404)
    house, _ = await _house(visit)
    stretch = stretch_from(visit.query("de"), visit.query("a"), visit.today())
    found = await _figures(visit, house, stretch)
    content = SHEETS[visit.path("table")](visit.language, found, await visit.showcase.houses())
    name = f"{visit.path('table')}-{house.slug}-{stretch.first}-{stretch.last}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type="text/csv", headers=headers)


async def directed(visit: Visit) -> list[House]:
    """The structures the visitor directs, in the order they entered."""
    houses = list((await visit.showcase.houses()).values())
    held = await asyncio.gather(*(part(visit.roles(house.slug), empty=frozenset[str]()) for house in houses))
    return [house for house, roles in zip(houses, held, strict=True) if _DIRECTOR in roles.found]


def month_label(language: Language, month: str) -> str:
    """ "nov. 26" for "2026-11": short enough to stand under a chart."""
    first = day_from(f"{month}-01")
    pattern = "MMM yy" if language.code == FRENCH else "MMM ''yy"
    return format_date(first, pattern, locale=language.locale) if first else month


async def _house(visit: Visit) -> tuple[House, list[House]]:
    """The structure in whose name one looks, and those one could; raises NotOnTheTeam to who directs none."""
    visit.signed_in()
    mine = await directed(visit)
    if not mine:
        raise NotOnTheTeam
    return next((house for house in mine if house.slug == visit.query("structure")), mine[0]), mine


async def _figures(visit: Visit, house: House, stretch: Stretch) -> Figures:
    found = await visit.ask(
        visit.backends.identity.figures.GetFigures,
        GetFiguresRequest(first_month=stretch.first, last_month=stretch.last),
        structure=house.slug,
    )
    return figures(found, stretch.months(), list(await visit.showcase.houses()))


async def _reports(visit: Visit, house: House) -> frozenset[str]:
    """The joint events whose report the structure may read, of the latest; raises refusals."""
    stub = visit.backends.identity.joint_events
    mine = await visit.ask(stub.ListMyEvents, ListMyEventsRequest(page_size=_MOST), structure=house.slug)
    return frozenset(each.event.event_id for each in mine.events)


def _drawn(labels: list[str], numbers: list[Number]) -> list[Drawn]:
    return [(label, many, "") for label, many in zip(labels, numbers, strict=True)]


def _qualities(visit: Visit, house: House, found: Figures) -> list[Drawn]:
    """The structure's own members by quality, each leading to its list."""
    base = f"/equipe/{house.slug}/membres"
    say = visit.language.say
    return [
        (say(words.word("membership_kind", kind)), many, with_query(base, qualite=kind_word(kind)))
        for kind, many in found.kinds_now(house.slug)
    ]


GET_PAGES: Mapping[str, Page] = {PATH: show, "/direction/{table}.csv": show_sheet}
POST_PAGES: Mapping[str, Page] = {}
