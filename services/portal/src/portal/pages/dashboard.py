"""My dashboard: my card, my rights, my bookings, my projects, my memberships; whose data each is, it says."""

import asyncio
from dataclasses import dataclass
from datetime import date

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1.booking_pb2 import BOOKING_STATE_CHECKED_IN, Booking, Right
from groupement.coworking.v1.booking_service_pb2 import ListMyBookingsRequest, ListMyRightsRequest
from groupement.coworking.v1.place_pb2 import Place, Resource
from groupement.incubator.v1.application_pb2 import (
    APPLICATION_STATE_ADMITTED,
    APPLICATION_STATE_SUBMITTED,
    Application,
)
from groupement.incubator.v1.call_service_pb2 import ListMyApplicationsRequest
from groupement.incubator.v1.programme_pb2 import Programme
from groupement.incubator.v1.project_pb2 import Project
from groupement.incubator.v1.project_service_pb2 import ListMyProjectsRequest
from groupement.shared_identity.v1.membership_pb2 import Membership
from groupement.shared_identity.v1.membership_service_pb2 import ListMyMembershipsRequest
from groupement.shared_identity.v1.person_pb2 import Card
from groupement.shared_identity.v1.person_service_pb2 import GetMyCardRequest
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.formats import PARIS, local
from portal.pages.events.listing import next_events
from portal.pages.events.mine import tickets_part
from portal.pages.organising.events import takes_part
from portal.parts import Part, part
from portal.showcase import House
from portal.visit import Visit

_PATIENCE = 3.0
_MOST = 50
_STAFF = frozenset({"DIRECTOR", "ADVISOR", "COMMUNITY_MANAGER", "ACCOUNTANT", "EVENT_MANAGER", "ADMIN"})


@dataclass(frozen=True, kw_only=True)
class BookingLine:
    """A booking with the names of what it holds, as far as they are known."""

    booking: Booking
    house: House
    resource: Resource | None
    place: Place | None

    @property
    def zone(self) -> str:
        """The place's time zone."""
        return self.place.time_zone if self.place else PARIS

    @property
    def day(self) -> date:
        """The day it begins, on the clock of the place."""
        return local(self.booking.start_time, self.zone).date()

    @property
    def arrived(self) -> bool:
        """Whether its holder came."""
        return self.booking.state == BOOKING_STATE_CHECKED_IN


@dataclass(frozen=True, kw_only=True)
class ApplicationLine:
    """An application and the programme it is for."""

    application: Application
    programme: Programme | None

    @property
    def waiting(self) -> bool:
        """Whether it awaits its decision."""
        return self.application.state == APPLICATION_STATE_SUBMITTED

    @property
    def admitted(self) -> bool:
        """Whether it became a project, which then shows in its place."""
        return self.application.state == APPLICATION_STATE_ADMITTED


@dataclass(frozen=True, kw_only=True)
class ProjectLine:
    """A project and the name of the stage it stands at, as far as it is known."""

    project: Project
    stage: str


@dataclass(frozen=True, kw_only=True)
class AtHouse:
    """What one structure's services say of the visitor."""

    house: House
    roles: Part[frozenset[str]]
    memberships: Part[list[Membership]]
    rights: Part[list[Right]]
    bookings: Part[list[BookingLine]]
    applications: Part[list[ApplicationLine]]
    projects: Part[list[ProjectLine]]

    @property
    def staff(self) -> bool:
        """Whether the visitor works for this structure."""
        return bool(self.roles.found & _STAFF)

    @property
    def silent(self) -> list[Refusal]:
        """Why something is missing here, each reason once."""
        parts = (self.memberships, self.rights, self.bookings, self.applications, self.projects)
        return list({p.refusal.reason: p.refusal for p in parts if p.refusal}.values())


async def show(visit: Visit) -> Response:
    """`GET /tableau-de-bord`"""
    visit.signed_in()
    houses = await visit.showcase.houses()
    card, tickets, prepares, at_houses = await asyncio.gather(
        my_card(visit),
        tickets_part(visit),
        takes_part(visit),
        asyncio.gather(*(_at_house(visit, house) for house in houses.values())),
    )
    bookings = sorted((line for at in at_houses for line in at.bookings.found), key=_start)
    coming = [] if tickets.found else await next_events(visit)
    return await visit.page(
        "dashboard.html",
        card=card,
        at_houses=at_houses,
        bookings=bookings,
        tickets=tickets,
        coming=coming,
        prepares=prepares.found,
    )


async def my_card(visit: Visit) -> Part[Card | None]:
    """The visitor's card; any structure's token will do."""

    async def ask() -> Card | None:
        structure = visit.portal.settings.structures[0]
        stub = visit.backends.identity.persons
        return (await visit.ask(stub.GetMyCard, GetMyCardRequest(), structure=structure, timeout=_PATIENCE)).card

    return await part(ask(), empty=None)


async def my_bookings(visit: Visit, house: House) -> list[BookingLine]:
    """The visitor's bookings to come at a structure; raises refusals."""
    if house.slug not in visit.backends.coworkings:
        return []
    stub = visit.backends.coworking(house.slug).bookings
    wish = ListMyBookingsRequest(upcoming_only=True, page_size=_MOST)
    found = await visit.ask(stub.ListMyBookings, wish, structure=house.slug, timeout=_PATIENCE)
    places = {place.place_id: place for place in await visit.showcase.places(house.slug)}
    resources = await visit.showcase.resources(house.slug)
    return [_line(booking, house, resources, places) for booking in found.bookings]


async def my_applications(visit: Visit, house: House) -> list[ApplicationLine]:
    """The visitor's applications to a structure; raises refusals."""
    if house.slug not in visit.backends.incubators:
        return []
    stub = visit.backends.incubator(house.slug).calls
    wish = ListMyApplicationsRequest(page_size=_MOST)
    found = await visit.ask(stub.ListMyApplications, wish, structure=house.slug, timeout=_PATIENCE)
    programmes = {each.programme_id: each for each in await visit.showcase.programmes(house.slug)}
    return [ApplicationLine(application=a, programme=programmes.get(a.programme_id)) for a in found.applications]


async def _at_house(visit: Visit, house: House) -> AtHouse:
    roles, memberships, rights, bookings, applications, projects = await asyncio.gather(
        part(visit.roles(house.slug), empty=frozenset()),
        part(_memberships(visit, house), empty=[]),
        part(_rights(visit, house), empty=[]),
        part(my_bookings(visit, house), empty=[]),
        part(my_applications(visit, house), empty=[]),
        part(_projects(visit, house), empty=[]),
    )
    return AtHouse(
        house=house,
        roles=roles,
        memberships=memberships,
        rights=rights,
        bookings=bookings,
        applications=applications,
        projects=projects,
    )


async def _memberships(visit: Visit, house: House) -> list[Membership]:
    stub = visit.backends.identity.memberships
    wish = ListMyMembershipsRequest(page_size=_MOST)
    found = await visit.ask(stub.ListMyMemberships, wish, structure=house.slug, timeout=_PATIENCE)
    return list(found.memberships)


async def _rights(visit: Visit, house: House) -> list[Right]:
    if house.slug not in visit.backends.coworkings:
        return []
    stub = visit.backends.coworking(house.slug).bookings
    found = await visit.ask(stub.ListMyRights, ListMyRightsRequest(), structure=house.slug, timeout=_PATIENCE)
    return list(found.rights)


async def _projects(visit: Visit, house: House) -> list[ProjectLine]:
    if house.slug not in visit.backends.incubators:
        return []
    stub = visit.backends.incubator(house.slug).projects
    wish = ListMyProjectsRequest(page_size=_MOST)
    found = await visit.ask(stub.ListMyProjects, wish, structure=house.slug, timeout=_PATIENCE)
    programmes = await visit.showcase.programmes(house.slug)
    stages = {stage.stage_id: stage.name for programme in programmes for stage in programme.stages}
    return [ProjectLine(project=project, stage=stages.get(project.stage_id, "")) for project in found.projects]


def _line(booking: Booking, house: House, resources: dict[str, Resource], places: dict[str, Place]) -> BookingLine:
    resource = resources.get(booking.resource_id)
    place = places.get(resource.place_id) if resource else None
    return BookingLine(booking=booking, house=house, resource=resource, place=place)


def _start(line: BookingLine) -> int:
    start: Timestamp = line.booking.start_time
    return start.seconds
