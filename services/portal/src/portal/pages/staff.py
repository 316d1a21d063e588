"""Who holds which role in a structure, as each of its services keeps it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from groupement.options.v1.options_pb2 import Role
from groupement.staff.v1.staff_service_pb2 import ListStaffRequest, StaffRole
from starlette.responses import Response

from portal.i18n import N_
from portal.pages.team import MOST, SEES_STAFF, names_of, team_member
from portal.parts import Part, part
from portal.showcase import House
from portal.visit import Page, Visit

_SERVICES = {"incubator": N_("Incubateur"), "coworking": N_("Coworking")}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A person and the roles they hold at one service; the name is empty when it cannot be read."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service of the structure and its staff record."""

    name: str
    lines: Part[list[Line]]


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/roles`"""
    house, _ = await team_member(visit, SEES_STAFF)
    kinds = [kind for kind in _SERVICES if house.slug in _run(visit, kind)]
    records = await asyncio.gather(*(part(_staff(visit, house, kind), empty=[]) for kind in kinds))
    people = {held.person_id for record in records for held in record.found}
    names = (await names_of(visit, house, people)).found
    services = [
        Service(name=visit.language.say(_SERVICES[kind]), lines=Part(found=_lines(r.found, names), refusal=r.refusal))
        for kind, r in zip(kinds, records, strict=True)
    ]
    return await visit.page("staff.html", house=house, services=services)


def _lines(held: list[StaffRole], names: Mapping[str, str]) -> list[Line]:
    """A line a person, in the order in which they came."""
    by_person: dict[str, list[str]] = {}
    for each in held:
        by_person.setdefault(each.person_id, []).append(Role.Name(each.role).removeprefix("ROLE_"))
    return [Line(name=names.get(person, ""), roles=tuple(roles)) for person, roles in by_person.items()]


def _run(visit: Visit, kind: str) -> Mapping[str, object]:
    return visit.backends.incubators if kind == "incubator" else visit.backends.coworkings


async def _staff(visit: Visit, house: House, kind: str) -> list[StaffRole]:
    stubs = visit.backends.incubator(house.slug) if kind == "incubator" else visit.backends.coworking(house.slug)
    wish = ListStaffRequest(page_size=MOST)
    return list((await visit.ask(stubs.staff.ListStaff, wish, structure=house.slug)).staff_roles)


GET_PAGES: Mapping[str, Page] = {"/equipe/{structure}/roles": show}
POST_PAGES: Mapping[str, Page] = {}
