"""Where somebody prepares a joint event from, a team's pages or those of a partner's delegates; what they may do."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from groupement.shared_identity.v1.joint_event_pb2 import (
    JOINT_EVENT_STATE_CANCELLED,
    JOINT_EVENT_STATE_CLOSED,
    JOINT_EVENT_STATE_DRAFT,
    JOINT_EVENT_STATE_PUBLISHED,
    ORGANISER_ACCESS_DOOR,
    ORGANISER_ACCESS_MANAGE,
    ORGANISER_ACCESS_OWN_REGISTRANTS,
    JointEvent,
    Organiser,
    OrganiserAccess,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import GetEventRequest
from servicekit.refusals import Denied, NotFound
from starlette.responses import Response

from portal.backends import IdentityStubs, Method
from portal.forms import Form
from portal.pages.team import team_member
from portal.showcase import House
from portal.visit import Visit
from portal.words import word

PREPARE = frozenset({"DIRECTOR", "EVENT_MANAGER"})
"""Roles that may begin an event in the name of their structure."""

TAKE_PART = PREPARE | {"COMMUNITY_MANAGER", "ADVISOR"}

DOOR, OWN, MANAGE = ORGANISER_ACCESS_DOOR, ORGANISER_ACCESS_OWN_REGISTRANTS, ORGANISER_ACCESS_MANAGE
OVER = (JOINT_EVENT_STATE_CLOSED, JOINT_EVENT_STATE_CANCELLED)

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class MoreAccessNeeded(Denied):
    """This page needs more access to the event than the visitor has."""


class PartIsGone(NotFound):
    """This part of the event is not there, or no longer."""


@dataclass(frozen=True, kw_only=True)
class Undo:
    """The form that puts back what was just taken away: where it goes, below the event, and what it says."""

    to: str
    values: Mapping[str, str]
    label: str


@dataclass(frozen=True, kw_only=True)
class Room:
    """Which pages one is on: a team's, or the delegates' (`house` is None); tokens speak to `structure`."""

    visit: Visit
    house: House | None
    structure: str
    roles: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        """The address of the list of events."""
        return f"/equipe/{self.house.slug}/evenements" if self.house else "/organiser"

    @property
    def identity(self) -> IdentityStubs:
        """What answers."""
        return self.visit.backends.identity

    async def ask(self, method: Method[Question, Answer], question: Question) -> Answer:
        """Call an RPC in the visitor's name; raises refusals."""
        return await self.visit.ask(method, question, structure=self.structure)

    def event_at(self, event_id: str) -> str:
        """The address of an event's first page."""
        return f"{self.home}/{event_id}" if self.house else f"{self.home}/evenements/{event_id}"


@dataclass(frozen=True, kw_only=True)
class Desk(Room):
    """An event as somebody who prepares it sees it."""

    event: JointEvent
    organiser_id: str
    access: OrganiserAccess.ValueType
    granted: OrganiserAccess.ValueType

    @property
    def base(self) -> str:
        """The address that the event's pages begin with."""
        return self.event_at(self.event.event_id)

    @property
    def may_see_own(self) -> bool:
        """Whether own registrants are shown."""
        return self.access >= OWN

    @property
    def waits_for_approval(self) -> bool:
        """Whether more opens once the visitor's organiser has approved the arrangement in force."""
        return self.granted > self.access

    @property
    def may_manage(self) -> bool:
        """Whether the event may be changed: by access; a closed or cancelled one is not changed any more."""
        return self.access >= MANAGE and self.event.state not in OVER

    @property
    def manages(self) -> bool:
        """Whether the caller's organiser manages the event, whatever its state."""
        return self.access >= MANAGE

    @property
    def draft(self) -> bool:
        """Whether only organisers see it."""
        return self.event.state == JOINT_EVENT_STATE_DRAFT

    @property
    def published(self) -> bool:
        """Whether it is announced and not over."""
        return self.event.state == JOINT_EVENT_STATE_PUBLISHED

    @property
    def own(self) -> Organiser:
        """The organiser the visitor acts for."""
        return self.organiser(self.organiser_id)

    def organiser(self, organiser_id: str) -> Organiser:
        """An organiser by its id, nameless when it is gone."""
        found = (each for each in self.event.organisers if each.organiser_id == organiser_id)
        return next(found, Organiser(organiser_id=organiser_id))

    def choices(self, kind: str, values: Iterable[int]) -> list[tuple[str, str]]:
        """Values of the contract as a list to choose from, in words; unspecified is no choice."""
        return [(str(value), self.visit.language.say(word(kind, value))) for value in values if value]

    def organisers(self) -> list[tuple[str, str]]:
        """The organisers as a list to choose from."""
        return [(each.organiser_id, each.name) for each in self.event.organisers]

    def needs(self, access: OrganiserAccess.ValueType) -> "Desk":
        """The same desk; raises MoreAccessNeeded."""
        if self.access < access:
            raise MoreAccessNeeded
        return self

    async def page(self, template: str, *, tab: str, status: int = 200, **values: object) -> Response:
        """A page of the event; `tab` is the one of its tabs that is open."""
        return await self.visit.page(
            f"organising/{template}", status=status, house=self.house, desk=self, event=self.event, tab=tab, **values
        )

    async def carry_out(
        self,
        form: Form,
        do: Callable[[], Awaitable[str]],
        again: Callable[[Form, int], Awaitable[Response]],
        *,
        to: str = "",
        fields: Mapping[str, str] | None = None,
        undo: Undo | None = None,
    ) -> Response:
        """Do what a form asks, say the sentence `do` gives and go to a page of the event; or show the form again.

        What can be put back is said on a page of its own, with the form that does.
        """

        async def act() -> Response:
            said = await do()
            if undo is None:
                return self.visit.redirect(f"{self.base}{to}", say=said)
            return await self.page("undo.html", tab=to.removeprefix("/"), said=said, undo=undo)

        return await self.visit.submit(form, act, again, fields=fields)


async def room_of(visit: Visit, allowed: frozenset[str] = TAKE_PART) -> Room:
    """The pages one is on; raises NotOnTheTeam, SignInNeeded.

    A delegate has no team: a token for any structure says who they are, and the event who they act for.
    """
    if "structure" in visit.request.path_params:
        house, roles = await team_member(visit, allowed)
        return Room(visit=visit, house=house, structure=house.slug, roles=roles)
    visit.signed_in()
    return Room(visit=visit, house=None, structure=next(iter(await visit.showcase.houses()), ""))


async def desk_of(visit: Visit, access: OrganiserAccess.ValueType = DOOR) -> Desk:
    """The event of the address, as the visitor sees it; raises MoreAccessNeeded and what GetEvent refuses."""
    room = await room_of(visit)
    got = await room.ask(room.identity.joint_events.GetEvent, GetEventRequest(event_id=visit.path("event")))
    return Desk(
        visit=visit,
        house=room.house,
        structure=room.structure,
        roles=room.roles,
        event=got.event,
        organiser_id=got.standing.organiser_id,
        access=got.standing.access,
        granted=max(got.standing.granted, got.standing.access),
    ).needs(access)
