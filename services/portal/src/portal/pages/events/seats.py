"""How far an event has come for somebody who would like to be there, and how many seats are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from groupement.shared_identity.v1.joint_event_pb2 import (
    JOINT_EVENT_STATE_CANCELLED,
    JOINT_EVENT_STATE_CLOSED,
    JointEvent,
    Session,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import GetPublishedEventRequest
from groupement.shared_identity.v1.registration_pb2 import SeatsLeft
from groupement.shared_identity.v1.registration_service_pb2 import GetAvailabilityRequest, GetAvailabilityResponse
from servicekit.refusals import NotFound, Refusal, Unauthenticated, Unavailable

from portal.visit import Visit


class Stage(Enum):
    """What somebody may do about an event."""

    OPEN = "open"
    FULL = "full"
    NOT_YET = "not_yet"
    UNDER_WAY = "under_way"
    OVER = "over"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Seats:
    """What somebody may know of an event's seats; `kept` are those that a member's structures keep for them."""

    stage: Stage
    free: int = 0
    kept: int = 0
    size: int = 0
    waiting: int = 0
    sessions: Mapping[str, SeatsLeft] = field(default_factory=dict)

    @property
    def seen(self) -> str:
        """What a page shows of the seats left, as it says so when it asks again."""
        return f"{self.free}-{self.kept}"

    def left(self, session_id: str) -> SeatsLeft | None:
        """The seats of a session, None where it has none of its own or nobody tells."""
        return self.sessions.get(session_id)

    def full(self, session_id: str) -> bool:
        """Whether a session has seats of its own and none is free."""
        left = self.left(session_id)
        return left is not None and left.free == 0


async def published(visit: Visit, slug: str = "") -> JointEvent:
    """The event that the address names, by its slug or its id; raises UNKNOWN_EVENT."""
    wish = GetPublishedEventRequest(slug=slug or visit.path("slug"))
    return (await visit.ask(visit.backends.identity.joint_events.GetPublishedEvent, wish)).event


async def seats_of(visit: Visit, event: JointEvent) -> Seats:
    """Its seats; without numbers when nobody tells them."""
    try:
        told = await _told(visit, event)
    except NotFound:
        raise
    except Refusal:
        return Seats(stage=stage(event, None, visit.now))
    return Seats(
        stage=stage(event, told, visit.now),
        free=told.free,
        kept=told.kept_for_you,
        size=told.size,
        waiting=told.waiting,
        sessions={left.session_id: left for left in told.sessions},
    )


async def _told(visit: Visit, event: JointEvent) -> GetAvailabilityResponse:
    """What is left, for a member in their own name; for the public as well when their connection has ended."""
    ask, wish = visit.backends.identity.registrations.GetAvailability, GetAvailabilityRequest(event_id=event.event_id)
    if visit.session is None:
        return await visit.ask(ask, wish)
    try:
        return await visit.ask(ask, wish, structure=visit.portal.settings.structures[0])
    except (Unauthenticated, Unavailable):
        return await visit.ask(ask, wish)


def stage(event: JointEvent, told: GetAvailabilityResponse | None, now: datetime) -> Stage:
    """What may be done now, by what is known."""
    if event.state == JOINT_EVENT_STATE_CANCELLED:
        return Stage.CANCELLED
    if event.state == JOINT_EVENT_STATE_CLOSED or event.end_time.ToDatetime(UTC) <= now:
        return Stage.OVER
    if event.start_time.ToDatetime(UTC) <= now:
        return Stage.UNDER_WAY
    if told is None:
        return Stage.UNKNOWN
    if not told.open or told.size == 0:
        return Stage.NOT_YET
    return Stage.OPEN if told.free > 0 or told.kept_for_you > 0 else Stage.FULL


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time of the programme at which one of several sessions is chosen; `name` is its field."""

    name: str
    sessions: Sequence[Session]


def moments(event: JointEvent) -> list[Moment]:
    """The choices to make: sessions that overlap, directly or by another, are one choice."""
    found: list[list[Session]] = []
    ends = datetime.min.replace(tzinfo=UTC)
    for session in sorted((s for s in event.sessions if s.chosen), key=lambda s: s.start_time.seconds):
        if not found or session.start_time.ToDatetime(UTC) >= ends:
            found.append([])
        found[-1].append(session)
        ends = max(ends, session.end_time.ToDatetime(UTC))
    return [Moment(name=f"temps-{n}", sessions=sessions) for n, sessions in enumerate(found, 1)]


def parts(event: JointEvent) -> list[list[Session]]:
    """The programme as it is read: what begins and ends together stands side by side."""
    found: list[list[Session]] = []
    for session in event.sessions:
        if found and _same_hours(found[-1][0], session):
            found[-1].append(session)
        else:
            found.append([session])
    return found


def _same_hours(one: Session, other: Session) -> bool:
    return (one.start_time.seconds, one.end_time.seconds) == (other.start_time.seconds, other.end_time.seconds)
