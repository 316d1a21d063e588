"""Reading joint events: for all, for those who prepare them, and for the slices that rest on them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from servicekit.caller import Caller
from servicekit.identifiers import is_id
from servicekit.sql import Due, Work

from shared_identity.joint_events import storage, wire
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access, Organiser
from shared_identity.joint_events.refused import UnknownEvent
from shared_identity.joint_events.standing import Standing, is_staff, required, standing_of
from shared_identity.people import usecases as people
from shared_identity.structures import usecases as structures

REGISTRANTS_FORGOTTEN = "registrants_forgotten"
"""The due row left by the arrangement in force; its key is the event. Those who registered are forgotten by then."""


async def event(work: Work, event_id: str) -> JointEvent:
    """An event as it is; raises UnknownEvent. To tell whether somebody may see it, ask for their `standing`."""
    return await _found(work, await storage.read(work, _named_right(event_id)))


async def held(work: Work, event_id: str) -> JointEvent:
    """An event that nobody else may change before this work ends; raises UnknownEvent."""
    return await _found(work, await storage.for_update(work, _named_right(event_id)))


async def standing(work: Work, caller: Caller, event_id: str, *, at_least: Access) -> tuple[JointEvent, Standing]:
    """An event, and what the caller may do there; raises UnknownEvent, or NoAccessToEvent when it is too little."""
    found = await event(work, event_id)
    return found, required(found, await _standing(work, caller, found), at_least)


async def standing_held(work: Work, caller: Caller, event_id: str, *, at_least: Access) -> tuple[JointEvent, Standing]:
    """Like `standing`, and nobody else may change the event before this work ends."""
    found = await held(work, event_id)
    return found, required(found, await _standing(work, caller, found), at_least)


async def public(work: Work, slug: str) -> JointEvent:
    """A published event, by its slug or its id, as the public sees it; raises UnknownEvent."""
    found = await storage.by_slug(work, slug) or await storage.read(work, slug)
    if found is None or not found.is_public:
        raise UnknownEvent(field="slug")
    return (await _found(work, found)).as_public()


async def published(
    work: Work, *, now: datetime, past: bool, after: storage.Key | None, limit: int
) -> Sequence[JointEvent]:
    """Published events as the public sees them: those to come, the next first, or those over, the latest first."""
    found = await storage.published(work, now=now, past=past, after=after, limit=limit)
    return [named.as_public() for named in await _named(work, found)]


async def mine(
    work: Work, caller: Caller, *, after: storage.Key | None, limit: int
) -> Sequence[tuple[JointEvent, Standing | None]]:
    """The events that may concern the caller, the latest start first; some leave them no standing after all."""
    structure = caller.acting_for if is_staff(caller.roles) else ""
    email = await people.verified_email(work, caller.person())
    found = await storage.concerning(work, structure=structure, email=email, after=after, limit=limit)
    invited = await storage.delegations(work, email, [each.event_id for each in found]) if email else {}
    return [
        (
            each,
            standing_of(each, structure=structure, roles=caller.roles, delegations=invited.get(each.event_id, ())),
        )
        for each in await _named(work, found)
    ]


async def began(work: Work, since: datetime, until: datetime) -> Sequence[JointEvent]:
    """The events that start in a stretch of time, its end excluded, in their order, with their organisers alone."""
    return await storage.began(work, since, until)


async def close(work: Work, event_id: str, now: datetime) -> JointEvent:
    """An event that has ended becomes final; raises UnknownEvent, EventOver, EventNotOver."""
    before = await held(work, event_id)
    return await keep(work, before, before.closed(now), now=now)


async def keep(work: Work, before: JointEvent, after: JointEvent, *, now: datetime) -> JointEvent:
    """Keeps an event that was held as it became; every structure is told when the public sees something else."""
    if after == before:
        return before
    settled = after.settled(before)
    await storage.save(work, before, settled, now)
    if settled.sequence > before.sequence:
        work.announce(wire.joint_event_changed(settled, now))
    if settled.forgotten_at is not None and settled.forgotten_at != before.forgotten_at:
        work.schedule(Due(kind=REGISTRANTS_FORGOTTEN, key=settled.event_id, at=settled.forgotten_at))
    return settled


async def _standing(work: Work, caller: Caller, found: JointEvent) -> Standing | None:
    email = await people.verified_email(work, caller.person())
    invited = await storage.delegations(work, email, [found.event_id]) if email else {}
    return standing_of(
        found,
        structure=caller.acting_for,
        roles=caller.roles,
        delegations=invited.get(found.event_id, ()),
    )


def _named_right(event_id: str) -> str:
    """An identifier that an event may have: no database is asked for any other. Raises UnknownEvent."""
    if not is_id(event_id, "event"):
        raise UnknownEvent(field="event_id")
    return event_id


async def _found(work: Work, found: JointEvent | None) -> JointEvent:
    if found is None:
        raise UnknownEvent(field="event_id")
    return (await _named(work, [found]))[0]


async def _named(work: Work, events: Sequence[JointEvent]) -> Sequence[JointEvent]:
    """With the names of their structures: each is called as it calls itself today."""
    slugs = {organiser.structure for each in events for organiser in each.organisers if organiser.structure}
    called = {slug: found.name for slug, found in (await structures.several(work, slugs)).items()} if slugs else {}

    def name(organiser: Organiser) -> Organiser:
        return replace(organiser, name=called.get(organiser.structure, organiser.name))

    return [replace(each, organisers=tuple(map(name, each.organisers))) for each in events]
