"""What anybody may see and rarely changes: the groupement, its programmes, its places. Kept a minute in memory.

When a service is away its last answer goes on being shown.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from groupement.coworking.v1.place_pb2 import Place, Resource
from groupement.coworking.v1.place_service_pb2 import ListPlacesRequest, ListResourcesRequest
from groupement.incubator.v1.programme_pb2 import Programme
from groupement.incubator.v1.programme_service_pb2 import ListProgrammesRequest
from groupement.shared_identity.v1.directory_service_pb2 import GetVocabularyRequest, GetVocabularyResponse
from groupement.shared_identity.v1.joint_event_pb2 import JointEvent
from groupement.shared_identity.v1.joint_event_service_pb2 import ListPublishedEventsRequest
from groupement.shared_identity.v1.structure_pb2 import Groupement, Structure
from groupement.shared_identity.v1.structure_service_pb2 import GetGroupementRequest
from servicekit.clock import Clock
from servicekit.refusals import NotFound, Unavailable

from portal.backends import Backends

LIFE = timedelta(minutes=1)
MOST = 200
SOON = 12
DEFAULT_HUE = 270

T = TypeVar("T")


class UnknownStructure(NotFound):
    """There is no such structure in the groupement."""


class UnknownPlace(NotFound):
    """There is no such place."""


class UnknownResource(NotFound):
    """There is no such space."""


class UnknownProgramme(NotFound):
    """There is no such programme."""


@dataclass(frozen=True, kw_only=True)
class House:
    """A structure as pages show it."""

    slug: str
    name: str
    hue: int = DEFAULT_HUE
    legal_form: str = ""
    data_contact: str = ""


class Remembered(Generic[T]):
    """One answer, asked again after a while; the last one serves when nobody answers."""

    def __init__(self, ask: Callable[[], Awaitable[T]], clock: Clock, life: timedelta = LIFE) -> None:
        self._ask = ask
        self._clock = clock
        self._life = life
        self._lock = asyncio.Lock()
        self._answer: tuple[T, datetime] | None = None

    async def get(self) -> T:
        """The answer; raises Unavailable when there never was one."""
        async with self._lock:
            if self._answer is not None and self._clock() - self._answer[1] < self._life:
                return self._answer[0]
            try:
                self._answer = (await self._ask(), self._clock())
            except Unavailable:
                if self._answer is None:
                    raise
            return self._answer[0]


class Showcase:
    """The public things of every structure that this portal can reach."""

    def __init__(self, backends: Backends, structures: tuple[str, ...], clock: Clock) -> None:
        self._backends = backends
        self._structures = structures
        self._groupement = Remembered(self._ask_groupement, clock)
        self._events = Remembered(self._ask_events, clock)
        self._vocabulary = Remembered(self._ask_vocabulary, clock)
        self._programmes = {s: Remembered(_programmes(backends, s), clock) for s in backends.incubators}
        self._places = {s: Remembered(_places(backends, s), clock) for s in backends.coworkings}
        self._resources = {s: Remembered(_resources(backends, s), clock) for s in backends.coworkings}

    async def groupement(self) -> Groupement:
        """The groupement; nameless, its structures known by their slugs only, while nobody has told."""
        try:
            return await self._groupement.get()
        except Unavailable:
            return Groupement(structures=[Structure(slug=slug) for slug in self._structures])

    async def vocabulary(self) -> GetVocabularyResponse:
        """What entries of the directory can say. Raises Unavailable."""
        return await self._vocabulary.get()

    async def events(self) -> list[JointEvent]:
        """The next events that are announced, the first one first. Raises Unavailable."""
        return await self._events.get()

    async def houses(self) -> dict[str, House]:
        """The structures by slug, in the order they entered."""
        return {s.slug: _house(s) for s in (await self.groupement()).structures}

    async def house(self, slug: str) -> House:
        """A structure; raises UnknownStructure."""
        found = (await self.houses()).get(slug)
        if found is None:
            raise UnknownStructure
        return found

    async def programmes(self, structure: str) -> list[Programme]:
        """What a structure's incubator offers; empty when it runs none. Raises Unavailable."""
        known = self._programmes.get(structure)
        return await known.get() if known else []

    async def programme(self, structure: str, programme_id: str) -> Programme:
        """One programme; raises UnknownProgramme, Unavailable."""
        for programme in await self.programmes(structure):
            if programme.programme_id == programme_id:
                return programme
        raise UnknownProgramme

    async def places(self, structure: str) -> list[Place]:
        """The places of a structure's coworking; empty when it runs none. Raises Unavailable."""
        known = self._places.get(structure)
        return await known.get() if known else []

    async def place(self, structure: str, place_id: str) -> Place:
        """One place; raises UnknownPlace, Unavailable."""
        for place in await self.places(structure):
            if place.place_id == place_id:
                return place
        raise UnknownPlace

    async def resources(self, structure: str) -> dict[str, Resource]:
        """The spaces of all places of a structure, by id. Raises Unavailable."""
        known = self._resources.get(structure)
        return await known.get() if known else {}

    async def resource(self, structure: str, resource_id: str) -> Resource:
        """One space; raises UnknownResource, Unavailable."""
        found = (await self.resources(structure)).get(resource_id)
        if found is None:
            raise UnknownResource
        return found

    async def _ask_vocabulary(self) -> GetVocabularyResponse:
        return await self._backends.identity.directory.GetVocabulary(GetVocabularyRequest())

    async def _ask_events(self) -> list[JointEvent]:
        stub = self._backends.identity.joint_events
        return list((await stub.ListPublishedEvents(ListPublishedEventsRequest(page_size=SOON))).events)

    async def _ask_groupement(self) -> Groupement:
        return (await self._backends.identity.structures.GetGroupement(GetGroupementRequest())).groupement


def _house(structure: Structure) -> House:
    return House(
        slug=structure.slug,
        name=structure.name or structure.slug.replace("-", " ").title(),
        hue=structure.brand_hue if structure.name else DEFAULT_HUE,
        legal_form=structure.legal_form,
        data_contact=structure.data_contact,
    )


def _programmes(backends: Backends, structure: str) -> Callable[[], Awaitable[list[Programme]]]:
    async def ask() -> list[Programme]:
        stub = backends.incubator(structure).programmes
        return list((await stub.ListProgrammes(ListProgrammesRequest(page_size=MOST))).programmes)

    return ask


def _places(backends: Backends, structure: str) -> Callable[[], Awaitable[list[Place]]]:
    async def ask() -> list[Place]:
        stub = backends.coworking(structure).places
        return list((await stub.ListPlaces(ListPlacesRequest(page_size=MOST))).places)

    return ask


def _resources(backends: Backends, structure: str) -> Callable[[], Awaitable[dict[str, Resource]]]:
    async def ask() -> dict[str, Resource]:
        """Every page of the list, one after the other."""
        stub = backends.coworking(structure).places
        found: dict[str, Resource] = {}
        token = ""
        while True:
            page = await stub.ListResources(ListResourcesRequest(page_size=MOST, page_token=token))
            found |= {resource.resource_id: resource for resource in page.resources}
            token = page.next_page_token
            if not token:
                return found

    return ask
