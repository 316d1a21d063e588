"""How registrations end: the event is closed or called off, somebody walks in, what was needed is forgotten."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.mail.domain import Kind
from shared_identity.registrations import facts, invitation_storage, listing, serving, storage, tickets
from shared_identity.registrations.domain import NEEDS_KEPT, Attendee, Registration, State
from shared_identity.registrations.office import Office
from shared_identity.registrations.registering import NEEDS_FORGOTTEN
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import MOST_SEATS

EVENT_CANCELLED = "event_cancelled"
"""The due row left by whoever called an event off; its key is the event."""

_AT_A_TIME = 100
_LIVE = (State.CONFIRMED, State.OFFERED, State.WAITING, State.HELD)
_SEATLESS = (State.WAITING, State.LAPSED)


async def close(work: Work, office: Office, event_id: str, present: Collection[str], *, now: datetime) -> None:
    """Settles who came, once an event is closed: everybody with a seat, ATTENDED or NO_SHOW.

    Who waited has waited: nobody needs to know any more what they would have needed. The event is read as this work
    left it, and not remembered: the work may yet be undone. A form may be confirmed meanwhile: each is looked at again.
    """
    event = await joint_events.event(work, event_id)
    seats = await pools.lock(work, event_id)
    for found in await listing.of_event(work, event_id, _LIVE, most=MOST_SEATS + _AT_A_TIME):
        held = await storage.locked(work, found.registration_id)
        if held.state is State.CONFIRMED:
            came = held.closed(present=held.registration_id in present)
            await storage.save(work, came, office.codes)
            if came.state is State.ATTENDED:
                facts.attended(work, came, at=now)
        elif held.state is State.HELD:
            await serving.vacate(work, office, seats, held, held.expired())
        elif held.state is State.OFFERED:
            await serving.vacate(work, office, seats, held, held.left())
    await storage.forget_needs(work, event_id, _SEATLESS)
    work.schedule(Due(kind=NEEDS_FORGOTTEN, key=event_id, at=event.ends_at + NEEDS_KEPT))


async def walk_in(
    work: Work, office: Office, event: JointEvent, attendee: Attendee, *, now: datetime
) -> Registration | None:
    """Gives an open seat to somebody who stands at the door; None when none is left.

    They may say no address; one that is registered already is left to whoever registered it.
    """
    held = Registration(
        registration_id=new_id("registration"),
        event_id=event.event_id,
        state=State.CONFIRMED,
        code_id=new_id("code"),
        attendee=attendee,
        created_at=now,
    )
    if attendee.email and not await storage.claim_address(work, event.event_id, attendee.email, held.registration_id):
        held = replace(held, attendee=replace(attendee, email=""))
    taken = await pools.take_open(work, event.event_id)
    if taken is None:
        await storage.free_address(work, held)
        return None
    seated = replace(held, pool_id=taken)
    await storage.add(work, seated, office.codes)
    return seated


async def leave_again(work: Work, office: Office, registration_id: str) -> None:
    """Takes back a seat given at the door by mistake; nobody is offered it, and asking twice changes nothing."""
    found = await storage.find(work, registration_id)
    if found is None:
        return
    seats = await pools.lock(work, found.event_id)
    held = await storage.locked(work, registration_id)
    if held.state is State.CONFIRMED:
        await serving.vacate(work, office, seats, held, held.cancelled())


async def call_off(work: Work, office: Office, event_id: str, said: Mapping[str, str], *, now: datetime) -> None:
    """Tells everybody that an event will not take place and gives their seats back, a hundred at a time."""
    event = await joint_events.event(work, event_id)
    seats = await pools.lock(work, event_id)
    found = await listing.of_event(work, event_id, _LIVE, most=_AT_A_TIME)
    for each in found:
        held = await storage.locked(work, each.registration_id)
        if held.state is State.HELD:
            await serving.vacate(work, office, seats, held, held.expired())
        elif held.is_live:
            why = said.get("explanation", event.explanation)
            await tickets.give_back(work, office, event, seats, held, Kind.EVENT_CANCELLED, now=now, why=why)
    if len(found) == _AT_A_TIME:
        work.schedule(Due(kind=EVENT_CANCELLED, key=event_id, at=now, payload=dict(said)))
    else:
        await storage.forget_needs(work, event_id)


async def forget_registrants(work: Work, event_id: str, *, now: datetime) -> None:
    """Forgets who registered once the time that the arrangement told them is over; how many came stays known."""
    event = await joint_events.event(work, event_id)
    until = event.forgotten_at
    if until is None:
        return
    if now < until:
        work.schedule(Due(kind=joint_events.REGISTRANTS_FORGOTTEN, key=event_id, at=until))
        return
    await storage.forget_registrants(work, event_id)
    await invitation_storage.forget(work, event_id)


async def forget_needs(work: Work, event_id: str, *, now: datetime) -> None:
    """Forgets access needs and diet a week after an event; later, when the event was put off."""
    event = await joint_events.event(work, event_id)
    until = event.ends_at + NEEDS_KEPT
    if now < until:
        work.schedule(Due(kind=NEEDS_FORGOTTEN, key=event_id, at=until))
        return
    await storage.forget_needs(work, event_id)
