"""The team's hub at one structure: what the visitor's roles there allow."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from groupement.coworking.v1.place_pb2 import Place
from groupement.incubator.v1.application_pb2 import APPLICATION_STATE_SUBMITTED
from groupement.incubator.v1.call_service_pb2 import ListApplicationsRequest
from groupement.incubator.v1.programme_pb2 import Cohort
from groupement.incubator.v1.programme_service_pb2 import ListCohortsRequest
from groupement.shared_identity.v1.membership_service_pb2 import MEMBERSHIP_STATE_IN_FORCE, ListMembershipsRequest
from groupement.shared_identity.v1.person_service_pb2 import LookUpNamesRequest
from servicekit.refusals import Denied
from starlette.responses import Response

from portal.i18n import N_
from portal.parts import Part, part
from portal.showcase import House
from portal.visit import Visit

FOLLOWS_PROJECTS = frozenset({"DIRECTOR", "ADVISOR"})
SEES_PLACES = frozenset({"DIRECTOR", "COMMUNITY_MANAGER"})
KEEPS_THE_DOOR = frozenset({"COMMUNITY_MANAGER"})
SEES_USAGES = frozenset({"DIRECTOR", "ACCOUNTANT", "ADMIN"})
SEES_MEMBERS = frozenset({"DIRECTOR", "ADVISOR", "COMMUNITY_MANAGER", "ADMIN"})
SEES_AGREEMENTS = frozenset({"DIRECTOR", "ACCOUNTANT", "COMMUNITY_MANAGER", "ADMIN"})
WRITES_ENTRIES = frozenset({"DIRECTOR", "COMMUNITY_MANAGER", "EVENT_MANAGER", "ADMIN"})
SEES_STAFF = frozenset({"DIRECTOR", "ADMIN"})
DIRECTS = frozenset({"DIRECTOR"})
STAFF = FOLLOWS_PROJECTS | SEES_PLACES | SEES_USAGES | WRITES_ENTRIES
MOST = 200

_PAGES = (
    (STAFF, "/equipe/{}/evenements", N_("Événements communs"), N_("Préparer, inscrire, accueillir"), "calendar"),
    (WRITES_ENTRIES, "/equipe/{}/annuaire", N_("Fiches d'annuaire"), N_("L'organisation et ses lieux"), "pencil"),
    (SEES_AGREEMENTS, "/equipe/{}/conventions", N_("Conventions"), N_("Lire, proposer, signer"), "handshake"),
    (SEES_USAGES, "/equipe/{}/usages", N_("Usages du mois"), N_("Des nombres, des deux côtés"), "arrow-left-right"),
    (SEES_STAFF, "/equipe/{}/roles", N_("Rôles de l'équipe"), N_("Qui peut quoi, service par service"), "user-check"),
    (DIRECTS, "/direction?structure={}", N_("Chiffres de la direction"), N_("Toutes structures"), "chart-column"),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """A page of the team: its words, its address, what is there, its drawing."""

    text: str
    path: str
    note: str
    icon: str


class NotOnTheTeam(Denied):
    """This page is for the team of the structure."""


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}`"""
    house, roles = await team_member(visit)
    follows, sees = bool(roles & FOLLOWS_PROJECTS), bool(roles & SEES_PLACES)
    cohorts, waiting, places, members = await asyncio.gather(
        part(cohorts_of(visit, house) if follows else _nothing(), empty=[]),
        part(_waiting(visit, house) if follows else _nobody(), empty=0),
        part(_places(visit, house) if sees else _nowhere(), empty=[]),
        part(_members(visit, house) if roles & SEES_MEMBERS else _nobody(), empty=0),
    )
    return await visit.page(
        "team.html",
        house=house,
        roles=sorted(roles),
        cohorts=cohorts,
        waiting=waiting,
        most=MOST,
        places=places,
        incubates=follows and house.slug in visit.backends.incubators,
        coworks=sees and house.slug in visit.backends.coworkings,
        pages=_ways(visit, house, roles, members.found),
    )


async def team_member(visit: Visit, allowed: frozenset[str] = STAFF) -> tuple[House, frozenset[str]]:
    """The structure of the address and the visitor's roles there; raises NotOnTheTeam without one that is allowed.

    It spares the visitor a page that would be empty: the services check again, by their own staff record.
    """
    visit.signed_in()
    house = await visit.showcase.house(visit.path("structure"))
    roles = await visit.roles(house.slug) & STAFF
    if not roles & allowed:
        raise NotOnTheTeam
    return house, roles


async def names_of(visit: Visit, house: House, person_ids: Iterable[str]) -> Part[dict[str, str]]:
    """The names the structure may read, by person; none while shared-identity is away."""
    wanted = sorted(set(person_ids))

    async def ask() -> dict[str, str]:
        stub = visit.backends.identity.persons
        names: dict[str, str] = {}
        for first in range(0, len(wanted), MOST):
            request = LookUpNamesRequest(person_ids=wanted[first : first + MOST])
            found = await visit.ask(stub.LookUpNames, request, structure=house.slug)
            names |= {each.person_id: f"{each.given_name} {each.family_name}".strip() for each in found.names}
        return names

    return await part(ask(), empty={})


async def cohorts_of(visit: Visit, house: House) -> list[Cohort]:
    """The cohorts of a structure, newest first; none where no incubator runs. Raises Unavailable."""
    if house.slug not in visit.backends.incubators:
        return []
    stub = visit.backends.incubator(house.slug).programmes
    return list((await visit.ask(stub.ListCohorts, ListCohortsRequest(page_size=MOST))).cohorts)


def _ways(visit: Visit, house: House, roles: frozenset[str], members: int) -> list[Way]:
    """The pages that these roles open, in the order of a day's work."""
    say = visit.language.say
    ways = [
        Way(text=say(text), path=path.format(house.slug), note=say(note), icon=icon)
        for allowed, path, text, note, icon in _PAGES
        if roles & allowed
    ]
    if not roles & SEES_MEMBERS:
        return ways
    count = visit.language.count("%(num)s adhésion en cours", "%(num)s adhésions en cours", members)
    path = f"/equipe/{house.slug}/membres"
    return [Way(text=say("Membres"), path=path, note=count if members else "", icon="users"), *ways]


async def _members(visit: Visit, house: House) -> int:
    """How many memberships are in force."""
    stub = visit.backends.identity.memberships
    found = await visit.ask(stub.ListMemberships, ListMembershipsRequest(page_size=1), structure=house.slug)
    return sum(each.count for each in found.counts if each.state == MEMBERSHIP_STATE_IN_FORCE)


async def _waiting(visit: Visit, house: House) -> int:
    """How many applications await their decision, up to a page of them."""
    if house.slug not in visit.backends.incubators:
        return 0
    stub = visit.backends.incubator(house.slug).calls
    wish = ListApplicationsRequest(state=APPLICATION_STATE_SUBMITTED, page_size=MOST)
    return len((await visit.ask(stub.ListApplications, wish, structure=house.slug)).applications)


async def _places(visit: Visit, house: House) -> list[Place]:
    return await visit.showcase.places(house.slug)


async def _nothing() -> list[Cohort]:
    return []


async def _nobody() -> int:
    return 0


async def _nowhere() -> list[Place]:
    return []
