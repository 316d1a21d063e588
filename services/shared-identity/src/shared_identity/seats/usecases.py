"""What is done with seats: taken, given back, shared out among organisers, released. The event's size is a constant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from servicekit.fields import check_range
from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.seats import storage
from shared_identity.seats.domain import MOST_SEATS, EventFull, Pool, PoolKind, Seats, SeatsTaken, SessionFull

ALLOCATION_RELEASED = "allocation_released"
"""The due row that gives back what is left of an allocation; its key is the pool."""


async def of_event(work: Work, event_id: str) -> Sequence[Pool]:
    """The pools of an event: open, allocations, sessions; none before it was given a size."""
    return await storage.of_event(work, event_id)


async def sizes(work: Work, event_ids: Collection[str]) -> Mapping[str, int]:
    """How many seats each of these events has."""
    return await storage.sizes(work, event_ids)


async def lock(work: Work, event_id: str) -> Seats:
    """All seats of an event, that nobody else takes, gives back or waits for until this work ends."""
    return Seats.of(await storage.lock(work, event_id))


async def drop(work: Work, pool_id: str) -> bool:
    """Forgets a pool nobody has a seat of; an allocation goes back to everybody. False when seats are taken."""
    gone = await storage.find(work, pool_id)
    if gone is None:
        return True
    seats = await lock(work, gone.event_id)
    if not await storage.drop(work, pool_id):
        return False
    size = next((pool.size for pool in seats.pools if pool.pool_id == pool_id), 0)
    if gone.kind is PoolKind.ALLOCATION and seats.open is not None:
        await storage.resize(work, seats.open.pool_id, size)
    await work.unschedule(ALLOCATION_RELEASED, pool_id)
    return True


async def take_open(work: Work, event_id: str) -> str | None:
    """Takes a seat for anybody by one statement, and gives its pool; None when none is free."""
    return await storage.take_open(work, event_id)


async def take_sessions(work: Work, event_id: str, session_ids: Collection[str]) -> None:
    """Takes a seat of each session; raises SessionFull, and the work that asked must not be kept then."""
    for session_id in sorted(session_ids):
        if not await storage.take_session(work, event_id, session_id):
            raise SessionFull(field="session_ids", session=session_id)


async def take(work: Work, pools: Collection[Pool]) -> None:
    """Takes a seat of each of these pools, which were locked: raises EventFull or SessionFull should one be gone."""
    for pool in pools:
        if not await storage.take(work, pool.pool_id):
            raise SessionFull(session=pool.session_id) if pool.kind is PoolKind.SESSION else EventFull()


async def give_back(work: Work, pool_ids: Collection[str]) -> None:
    """Gives a seat of each of these pools back; raises SeatsTaken when one had none: a mistake in our code."""
    for pool_id in pool_ids:
        if not await storage.give_back(work, pool_id):
            raise SeatsTaken(pool=pool_id)


async def set_size(work: Work, event_id: str, size: int) -> None:
    """Sets how many seats the event has, allocations included; raises FieldOutOfRange, SeatsTaken."""
    check_range("size", size, least=1, most=MOST_SEATS)
    seats = await _having(work, event_id, PoolKind.OPEN)
    await _resize(work, seats.open, size - seats.size)


async def set_session_size(work: Work, event_id: str, session_id: str, size: int) -> None:
    """Sets how many seats a session has; raises FieldOutOfRange, SeatsTaken."""
    check_range("size", size, least=1, most=MOST_SEATS)
    seats = await _having(work, event_id, PoolKind.SESSION, session_id=session_id)
    room = seats.sessions[session_id]
    await _resize(work, room, size - room.size)


async def allocate(
    work: Work, event_id: str, organiser_id: str, size: int, *, release_at: datetime | None, open_to_members: bool
) -> None:
    """Sets how many of the event's seats an organiser hands out, out of the open ones; none takes back what is left.

    Raises FieldOutOfRange, SeatsTaken when the open seats, or those handed out already, do not allow it.
    """
    check_range("size", size, least=0, most=MOST_SEATS)
    seats = await _having(work, event_id, PoolKind.ALLOCATION, organiser_id=organiser_id)
    held = next(pool for pool in seats.allocations if pool.organiser_id == organiser_id)
    await _move(work, seats.open, held, (size or held.taken) - held.size)
    await storage.rule(work, held.pool_id, release_at=release_at, open_to_members=open_to_members)
    await _put_off_release(work, held.pool_id, release_at)


async def release(work: Work, pool_id: str, *, now: datetime) -> str | None:
    """Gives what is left of an allocation back to everybody, if its time has come; gives its event then."""
    pool = await storage.find(work, pool_id)
    if pool is None:
        return None
    seats = await lock(work, pool.event_id)
    return pool.event_id if await _release(work, seats, pool_id, now) else None


async def release_due(work: Work, seats: Seats, *, now: datetime) -> Seats:
    """The locked seats of an event, allocations whose time has come released."""
    if not seats.any_free or not any(pool.is_due(now) and pool.free for pool in seats.allocations):
        return seats
    for pool in seats.allocations:
        await _release(work, seats, pool.pool_id, now)
    return await lock(work, seats.pools[0].event_id)


async def _release(work: Work, seats: Seats, pool_id: str, now: datetime) -> bool:
    pool = next((held for held in seats.allocations if held.pool_id == pool_id), None)
    if pool is None or not pool.is_due(now) or not pool.free:
        return False
    await _move(work, seats.open, pool, -pool.free)
    return True


async def _move(work: Work, opened: Pool | None, held: Pool, more: int) -> None:
    """Moves seats from the open ones to an allocation, or back by a negative number."""
    if opened is None:
        raise SeatsTaken(field="size")
    await _resize(work, opened, -more)
    await _resize(work, held, more)


async def _resize(work: Work, pool: Pool | None, more: int) -> None:
    if pool is None or (more and not await storage.resize(work, pool.pool_id, more)):
        raise SeatsTaken(field="size")


async def _having(work: Work, event_id: str, kind: PoolKind, *, organiser_id: str = "", session_id: str = "") -> Seats:
    """The locked seats of an event, with this pool among them: of no seats when it is new."""
    pool = Pool(
        pool_id=new_id("pool"), event_id=event_id, kind=kind, organiser_id=organiser_id, session_id=session_id, size=0
    )
    seats = await lock(work, event_id)
    if any((held.kind, held.organiser_id, held.session_id) == (kind, organiser_id, session_id) for held in seats.pools):
        return seats
    await storage.add(work, pool)
    return await lock(work, event_id)


async def _put_off_release(work: Work, pool_id: str, release_at: datetime | None) -> None:
    if release_at is None:
        await work.unschedule(ALLOCATION_RELEASED, pool_id)
    else:
        work.schedule(Due(kind=ALLOCATION_RELEASED, key=pool_id, at=release_at))
