"""The events to come and those that were, for all to see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date

from groupement.shared_identity.v1.joint_event_pb2 import (
    JOINT_EVENT_STATE_CANCELLED,
    JOINT_EVENT_STATE_PUBLISHED,
    JointEvent,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    ListPublishedEventsRequest,
    ListPublishedEventsResponse,
)
from starlette.responses import Response

from portal import formats
from portal.parts import part
from portal.showcase import House
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
        feed=f"{visit.portal.settings.url}/evenements.ics",
        next_page=found.next_page_token,
        past=past,
        structure=structure,
    )


@dataclass(frozen=True, kw_only=True)
class Coming:
    """An event to come, as the home page and the dashboard announce it."""

    title: str
    href: str
    day: date
    when: str
    place: str
    house: House | None = None
    by: Sequence[str] = ()
    """The structures that prepare it."""


async def next_events(visit: Visit, most: int = 3) -> list[Coming]:
    """The next events that will take place; none while nobody can tell."""
    told = (await part(visit.showcase.events(), empty=[])).found
    live = [event for event in told if event.state == JOINT_EVENT_STATE_PUBLISHED]
    return [_coming(visit, event) for event in live if event.end_time.ToDatetime(UTC) > visit.now][:most]


def _coming(visit: Visit, event: JointEvent) -> Coming:
    when = formats.moment(visit.language, event.start_time)
    return Coming(
        title=event.title,
        href=f"/evenements/{event.slug}",
        day=formats.local(event.start_time).date(),
        when=when[:1].upper() + when[1:],
        place=event.venue.name,
        by=[organiser.structure for organiser in event.organisers if organiser.structure],
    )


async def events_page(visit: Visit, *, past: bool, after: str = "", most: int = _MOST) -> ListPublishedEventsResponse:
    """One page of the events that are published; raises refusals."""
    wish = ListPublishedEventsRequest(page_size=most, page_token=after, past=past)
    return await visit.ask(visit.backends.identity.joint_events.ListPublishedEvents, wish)


def organised_by(event: JointEvent, structure: str) -> bool:
    """Whether a structure is among those who prepare it."""
    return any(organiser.structure == structure for organiser in event.organisers)
