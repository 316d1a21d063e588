"""At whose door one stands: the event, the structure one's token speaks to, what one may do there."""

from dataclasses import dataclass
from typing import TypeVar

from groupement.shared_identity.v1.joint_event_pb2 import ORGANISER_ACCESS_DOOR, JointEvent, Standing
from groupement.shared_identity.v1.joint_event_service_pb2 import GetEventRequest
from servicekit.refusals import Denied, NotFound

from portal.backends import IdentityStubs, Method
from portal.rendering import with_query
from portal.visit import Visit

FOR = "pour"
"""The query of a door's addresses that says in whose name it is held."""

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class NotAtThisDoor(Denied):
    """The visitor does not hold the door of this event."""


@dataclass(frozen=True, kw_only=True)
class Hall:
    """An event's door, held in the name of a structure or by a delegate."""

    visit: Visit
    structure: str
    event: JointEvent
    standing: Standing

    @property
    def identity(self) -> IdentityStubs:
        """What answers."""
        return self.visit.backends.identity

    async def ask(self, method: Method[Question, Answer], question: Question) -> Answer:
        """Call an RPC in the visitor's name; raises refusals."""
        return await self.visit.ask(method, question, structure=self.structure)

    def at(self, path: str = "", **query: str) -> str:
        """An address of this door, that says in whose name."""
        return with_query(f"/porte/{self.event.event_id}{path}", **{FOR: self.structure}, **query)

    @property
    def desk(self) -> str:
        """Where the event is prepared: the team's page, or the delegates'."""
        own = next((o for o in self.event.organisers if o.organiser_id == self.standing.organiser_id), None)
        if own is not None and own.structure == self.structure and self.standing.access > ORGANISER_ACCESS_DOOR:
            return f"/equipe/{self.structure}/evenements/{self.event.event_id}"
        return f"/organiser/evenements/{self.event.event_id}"


async def hall_of(visit: Visit) -> Hall:
    """The door of the address; raises SignInNeeded, NotAtThisDoor, and what the event refuses.

    Staff act by their own structure's token: where the address does not say which, the first one that opens is taken.
    """
    visit.signed_in()
    structures = list(await visit.showcase.houses())
    asked = visit.query(FOR)
    refusal: Denied | NotFound = NotAtThisDoor()
    for structure in [asked] if asked in structures else structures:
        try:
            return await _hall(visit, structure)
        except (Denied, NotFound) as refused:
            refusal = refused
    raise refusal


async def _hall(visit: Visit, structure: str) -> Hall:
    wish = GetEventRequest(event_id=visit.path("event"))
    got = await visit.ask(visit.backends.identity.joint_events.GetEvent, wish, structure=structure)
    if got.standing.access < ORGANISER_ACCESS_DOOR:
        raise NotAtThisDoor
    return Hall(visit=visit, structure=structure, event=got.event, standing=got.standing)
