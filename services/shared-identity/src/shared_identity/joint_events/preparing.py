"""What is done about an event as a whole: begun, described, published, called off."""

from datetime import datetime, timedelta

from servicekit.caller import Caller
from servicekit.etags import check_etag
from servicekit.sql import Due, Work

from shared_identity.days import day_of
from shared_identity.joint_events import storage, telling, usecases, wire
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import TELL_AFTER, Access, Details, Organiser, Role
from shared_identity.joint_events.refused import CapacityNotSet, SlugTaken
from shared_identity.joint_events.standing import Standing
from shared_identity.seats import usecases as seats
from shared_identity.seats.domain import Seats
from shared_identity.structures import usecases as structures
from shared_identity.structures.domain import UnknownStructure

EVENT_CANCELLED = "event_cancelled"
"""Kind of the due row that tells everybody registered; its key is the event, its payload the explanation."""


async def create(
    work: Work, details: Details, *, structure: str, event_id: str, organiser_id: str, now: datetime
) -> JointEvent:
    """Begins an event, led and managed by a structure; raises UnknownStructure, SlugTaken."""
    await check_present(work, structure, "structure", now)
    lead = Organiser(
        organiser_id=organiser_id, structure=structure, name="", role=Role.LEAD, shown=True, access=Access.MANAGE
    )
    if not await storage.add(work, JointEvent(event_id=event_id, details=details, organisers=(lead,))):
        raise SlugTaken(field="slug")
    return await usecases.event(work, event_id)


async def describe(
    work: Work,
    caller: Caller,
    event_id: str,
    details: Details,
    *,
    etag: str,
    now: datetime,
    tell_after: timedelta = TELL_AFTER,
) -> JointEvent:
    """Changes what an event says of itself; another time or place is told, a while later, to everybody registered.

    Raises what `managed` does, SlugTaken, SlugFinal, SessionOutsideEvent.
    """
    before, _ = await managed(work, caller, event_id, etag=etag)
    after = before.described(details)
    if await storage.slug_taken(work, details.slug, event_id):
        raise SlugTaken(field="slug")
    kept = await usecases.keep(work, before, after, now=now)
    await telling.put_off(work, before, kept, wait=tell_after, now=now)
    return kept


async def publish(work: Work, caller: Caller, event_id: str, *, etag: str, now: datetime) -> JointEvent:
    """Shows an event to all.

    Raises what `managed` does, AlreadyPublished, ArrangementNotApproved, CapacityNotSet.
    """
    before, _ = await managed(work, caller, event_id, etag=etag)
    after = before.published(now)
    await check_capacity(work, after)
    kept = await usecases.keep(work, before, after, now=now)
    work.announce(wire.joint_event_published(kept, now))
    return kept


async def cancel(
    work: Work, caller: Caller, event_id: str, explanation: str, *, etag: str, now: datetime
) -> JointEvent:
    """Calls an event off; those registered are told by a due row. Raises what `managed` does."""
    before, _ = await managed(work, caller, event_id, etag=etag)
    if before.is_public:
        work.schedule(Due(kind=EVENT_CANCELLED, key=event_id, at=now, payload={"explanation": explanation}))
    return await usecases.keep(work, before, before.cancelled(explanation), now=now)


async def managed(
    work: Work, caller: Caller, event_id: str, *, etag: str = "", at_least: Access = Access.MANAGE
) -> tuple[JointEvent, Standing]:
    """An event held to be changed by the caller; raises UnknownEvent, NoAccessToEvent, StaleEtag, EventOver."""
    held, standing = await usecases.standing_held(work, caller, event_id, at_least=at_least)
    check_etag(etag, held.version)
    held.check_open()
    return held, standing


async def check_present(work: Work, structure: str, field: str, now: datetime) -> None:
    """Raises UnknownStructure when a structure is not in the groupement today."""
    if structure not in await structures.present(work, [structure], day_of(now)):
        raise UnknownStructure(field=field)


async def check_capacity(work: Work, event: JointEvent) -> None:
    """Raises CapacityNotSet when the event, or a session that people choose, has no seats."""
    pools = Seats.of(await seats.of_event(work, event.event_id))
    if not pools.size:
        raise CapacityNotSet(field="event_id")
    for session in event.chosen_sessions:
        pool = pools.sessions.get(session.session_id)
        if pool is None or not pool.size:
            raise CapacityNotSet(field="session_id", session=session.title)
