"""The events to come and those that were, for all to see."""

from groupement.shared_identity.v1.joint_event_pb2 import JOINT_EVENT_STATE_CANCELLED, JointEvent
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    ListPublishedEventsRequest,
    ListPublishedEventsResponse,
)
from starlette.responses import Response

from portal.visit import Visit

_MOST = 24
PAST = "passes"


async def show(visit: Visit) -> Response:
    """`GET /evenements?quand=&structure=&apres=`"""
    past = visit.query("quand") == PAST
    found = await events_page(visit, past=past, after=visit.query("apres"))
    houses = await visit.showcase.houses()
    structure = visit.query("structure") if visit.query("structure") in houses else ""
    events = [event for event in found.events if not structure or organised_by(event, structure)]
    return await visit.page(
        "events/list.html",
        events=events,
        cancelled={event.event_id for event in events if event.state == JOINT_EVENT_STATE_CANCELLED},
        next_page=found.next_page_token,
        past=past,
        structure=structure,
    )


async def events_page(visit: Visit, *, past: bool, after: str = "", most: int = _MOST) -> ListPublishedEventsResponse:
    """One page of the events that are published; raises refusals."""
    wish = ListPublishedEventsRequest(page_size=most, page_token=after, past=past)
    return await visit.ask(visit.backends.identity.joint_events.ListPublishedEvents, wish)


def organised_by(event: JointEvent, structure: str) -> bool:
    """Whether a structure is among those who prepare it."""
    return any(organiser.structure == structure for organiser in event.organisers)
