"""The waiting list acts by itself: whatever frees a seat serves the list before its transaction ends.

The event's pools are held while the list is served or joined. Whoever frees a seat sees all who joined before; whoever
joins sees every seat freed before: no wake-up is lost, and no newcomer finds a seat that somebody waiting could have.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from servicekit.sql import Due, Work

from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations import choosing, letters, storage
from shared_identity.registrations.domain import Registration, State
from shared_identity.registrations.office import Office
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Seats

HOLD_EXPIRED = "hold_expired"
"""The due row that gives back a seat kept for a form; its key is the registration."""

OFFER_EXPIRED = "offer_expired"
"""The due row that gives back a seat offered; its key is the registration."""

_AT_A_TIME = 50


async def settle(work: Work, office: Office, event: JointEvent, *, now: datetime) -> Seats:
    """The event's seats, held: those kept or offered for too long are given back, and the list is served."""
    seats = await pools.lock(work, event.event_id)
    for late in await storage.overdue(work, event.event_id, now):
        await give_up(work, office, seats, event, late.registration_id, now=now)
    return await serve(work, office, event, now=now)


async def serve(work: Work, office: Office, event: JointEvent, *, now: datetime) -> Seats:
    """Offers what is free to those who wait: to the first whose whole wish fits; the others keep their place.

    Gives the seats, held, as they are then. Nobody is offered a seat once registrations are closed.
    """
    seats = await pools.release_due(work, await pools.lock(work, event.event_id), now=now)
    after: storage.QueueKey | None = None
    while choosing.is_open(event, now) and seats.any_free:
        queue = await storage.waiting(work, event.event_id, after=after, most=_AT_A_TIME)
        for waiter in queue:
            seats = await _offer(work, office, event, seats, waiter, now=now)
        if len(queue) < _AT_A_TIME:
            break
        after = (queue[-1].joined_at or now, queue[-1].registration_id)
    return seats


async def give_up(
    work: Work, office: Office, seats: Seats, event: JointEvent, registration_id: str, *, now: datetime
) -> None:
    """Gives back a seat that was kept or offered for too long, if it still is; the pools are held."""
    held = await storage.locked(work, registration_id)
    if not held.lapsed(now):
        return
    if held.state is State.HELD:
        await vacate(work, office, seats, held, held.expired())
    elif held.state is State.OFFERED:
        lapsed = held.left()
        await vacate(work, office, seats, held, lapsed)
        await letters.offer_lapsed(work, lapsed, event, now=now)


async def vacate(work: Work, office: Office, seats: Seats, before: Registration, after: Registration) -> None:
    """Keeps a registration that has left its seat, or the list; the pools are held, and served by whoever asks."""
    await storage.save(work, after, office.codes)
    await pools.give_back(work, pools_of(seats, before))
    if not after.is_live:
        await storage.free_address(work, before)
    if before.state is State.HELD:
        await work.unschedule(HOLD_EXPIRED, before.registration_id)
    if before.state is State.OFFERED:
        await work.unschedule(OFFER_EXPIRED, before.registration_id)


def pools_of(seats: Seats, held: Registration) -> Collection[str]:
    """The pools in which a registration has a seat."""
    if held.pool_id is None:
        return ()
    rooms = () if held.state is State.HELD else held.session_ids
    return [held.pool_id, *(seats.sessions[session_id].pool_id for session_id in rooms)]


async def _offer(
    work: Work, office: Office, event: JointEvent, seats: Seats, waiter: Registration, *, now: datetime
) -> Seats:
    """The seats after somebody was offered one of those they wish, or could not be."""
    wished = choosing.remaining(waiter.session_ids, event)
    fitting = seats.fit(waiter.claims, wished)
    if fitting is None:
        return seats
    until = min(now + office.terms.offer, event.starts_at)
    offered = replace(waiter.offered(fitting[0].pool_id, until), session_ids=wished)
    await pools.take(work, fitting)
    await storage.save(work, offered, office.codes)
    work.schedule(Due(kind=OFFER_EXPIRED, key=offered.registration_id, at=until))
    await letters.ticket(work, offered, event, now=now)
    return seats.taking(fitting)
