"""The palette (Ctrl K): pages, places and programmes this visitor may open, found by their words."""

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from starlette.responses import Response

from portal.i18n import N_
from portal.navigation import MAIN
from portal.pages.directory.entries import found_by
from portal.pages.events.listing import next_events
from portal.pages.home import offers_of
from portal.pages.team import STAFF
from portal.parts import part
from portal.visit import Visit

_MOST = 12
_EVENTS = N_("Événements")
_DIRECTORY = N_("Annuaire")
_PAGES, _PLACES, _PROGRAMMES, _TEAMS = N_("Pages"), N_("Lieux"), N_("Dispositifs"), N_("Mes équipes")


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing to open: under which heading, its words, its address, a word beside, its drawing."""

    group: str
    text: str
    path: str
    note: str = ""
    icon: str = "arrow-right"


Finder = Callable[[Visit], Awaitable[list[Found]]]


async def show(visit: Visit) -> Response:
    """`GET /palette?q=`: a page without a script, the dialog of Ctrl K with one."""
    wanted = visit.query("q").strip()
    answers = await asyncio.gather(*(part(find(visit), empty=[]) for find in FINDERS))
    found = matching(wanted, [each for answer in answers for each in answer.found])
    return await visit.page("palette.html", wanted=wanted, groups=_grouped(found[:_MOST]), many=len(found))


def matching(wanted: str, all_: Iterable[Found]) -> list[Found]:
    """What holds every word typed, accents and capitals aside; those that begin with it come first."""
    words = folded(wanted).split()
    held = [one for one in all_ if all(word in folded(f"{one.text} {one.note} {one.group}") for word in words)]
    return sorted(held, key=lambda one: not folded(one.text).startswith(folded(wanted)))


def folded(text: str) -> str:
    """The text without accents or capitals."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def _grouped(found: list[Found]) -> dict[str, list[Found]]:
    groups: dict[str, list[Found]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    return groups


async def _pages(visit: Visit) -> list[Found]:
    say = visit.language.say
    signed_in = [
        (N_("Tableau de bord"), "/tableau-de-bord", "id-card"),
        (N_("Mes billets"), "/mes-billets", "ticket"),
        (N_("Mon compte"), "/compte", "user"),
        (N_("Ma fiche et mes projets"), "/mon-annuaire", "pencil"),
        (N_("Remplacer ma carte"), "/carte/remplacer", "id-card"),
        (N_("Événements que je prépare"), "/organiser", "calendar"),
    ]
    stranger = [(N_("Se connecter"), "/connexion", "log-in"), (N_("S'inscrire"), "/inscription", "user-plus")]
    pages = [
        (N_("Accueil"), "/", "house"),
        *((way.name, way.path, way.icon) for way in MAIN),
        *(signed_in if visit.session else stranger),
        (N_("Raccourcis clavier"), "/aide-clavier", "keyboard"),
        (N_("Accessibilité"), "/accessibilite", "accessibility"),
    ]
    return [Found(group=say(_PAGES), text=say(name), path=path, icon=icon) for name, path, icon in pages]


async def _offers(visit: Visit) -> list[Found]:
    say = visit.language.say
    found = []
    for offer in await offers_of(visit):
        slug, name = offer.house.slug, offer.house.name
        found += [
            Found(group=say(_PLACES), text=p.name, path=f"/espaces/{slug}/{p.place_id}", note=name, icon="map-pin")
            for p in offer.places.found
        ]
        found += [
            Found(
                group=say(_PROGRAMMES),
                text=p.name,
                path=f"/candidater/{slug}/{p.programme_id}",
                note=name,
                icon="sprout",
            )
            for p in offer.programmes.found
        ]
    return found


async def _events(visit: Visit) -> list[Found]:
    """The next events."""
    group = visit.language.say(_EVENTS)
    coming = await next_events(visit, most=_MOST)
    return [Found(group=group, text=one.title, path=one.href, note=one.when, icon="calendar") for one in coming]


async def _teams(visit: Visit) -> list[Found]:
    """The pages of the teams the visitor works in."""
    if visit.session is None:
        return []
    houses = list((await visit.showcase.houses()).values())
    roles = await asyncio.gather(*(part(visit.roles(house.slug), empty=frozenset()) for house in houses))
    say = visit.language.say
    return [
        Found(
            group=say(_TEAMS),
            text=say("Équipe de %(house)s", house=house.name),
            path=f"/equipe/{house.slug}",
            icon="building-2",
        )
        for house, held in zip(houses, roles, strict=True)
        if held.found & STAFF
    ]


async def _entries(visit: Visit) -> list[Found]:
    """What the directory shows this visitor, by its words; nothing before any is typed."""
    group = visit.language.say(_DIRECTORY)
    return [
        Found(group=group, text=e.name, path=f"/annuaire/{e.entry_id}", note=e.one("headline") or e.kind, icon="users")
        for e in await found_by(visit, visit.query("q").strip())
    ]


FINDERS: tuple[Finder, ...] = (_teams, _pages, _events, _offers, _entries)
"""Who is asked; a noun that wants to be found adds its own."""
