"""What the holder of a ticket does with it: takes the seat offered, leaves, moves, hands over, gives back."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.codes import digest
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.mail.domain import Kind
from shared_identity.people import usecases as people
from shared_identity.registrations import choosing, facts, letters, listing, registering, serving, storage
from shared_identity.registrations.domain import LISTED, Attendee, Registration, State
from shared_identity.registrations.office import Office, PresentAt
from shared_identity.registrations.refused import AlreadyIn, NotLapsed, OfferLapsed, UnknownTicket
from shared_identity.registrations.views import Ticket
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Seats, SessionFull


async def ticket(work: Work, office: Office, code: str, *, now: datetime) -> Ticket:
    """The ticket of a code; an offer whose time is over is lapsed, swept or not. Raises UnknownTicket."""
    held = await _found(work, code)
    event = await office.events.event(work, held.event_id)
    return await as_seen(work, held, event, now=now)


async def as_seen(work: Work, held: Registration, event: JointEvent, *, now: datetime) -> Ticket:
    """A registration as its holder sees it now."""
    held = held.by_now(now)
    if held.state is not State.WAITING or held.joined_at is None:
        return Ticket(held=held, event=event)
    ahead = await storage.ahead_of(work, held.event_id, (held.joined_at, held.registration_id))
    return Ticket(held=held, event=event, position=ahead + 1)


async def mine(work: Work, office: Office, person_id: str, *, upcoming_only: bool, now: datetime) -> Sequence[Ticket]:
    """Somebody's tickets: those of their identity and those of its address; the next event first, past ones after.

    A person has few: they are put in order here.
    """
    email = await people.verified_email(work, person_id)
    held = [each for each in await listing.of_person(work, person_id, email) if each.state in LISTED]
    found = [await as_seen(work, each, await office.events.event(work, each.event_id), now=now) for each in held]
    coming = [each for each in found if each.event.ends_at > now and (each.held.is_live or not upcoming_only)]
    past = [] if upcoming_only else [each for each in found if each.event.ends_at <= now]
    return [*sorted(coming, key=_start), *sorted(past, key=_start, reverse=True)]


async def accept(work: Work, office: Office, code: str, *, now: datetime) -> Ticket:
    """Takes the seat offered; accepting twice changes nothing. Raises UnknownTicket, OfferLapsed."""
    event, _, held = await _held(work, office, code)
    if held.state is State.CONFIRMED:
        return Ticket(held=held, event=event)
    if not choosing.is_open(event, now):
        raise OfferLapsed(field="code")
    told = await registering.structures_of(work, held.person_id, now)
    accepted = replace(held.accepted(now), told=told)
    await storage.save(work, accepted, office.codes)
    await work.unschedule(serving.OFFER_EXPIRED, held.registration_id)
    await registering.welcome(work, accepted, event, now=now)
    return Ticket(held=accepted, event=event)


async def decline(work: Work, office: Office, code: str, *, now: datetime) -> Ticket:
    """Leaves the seat offered, or the list; the next one is offered it. Raises UnknownTicket, NotWaiting."""
    event, seats, held = await _held(work, office, code)
    left = held.left()
    await serving.vacate(work, office, seats, held, left)
    await serving.serve(work, office, event, now=now)
    return Ticket(held=left, event=event)


async def rejoin(work: Work, office: Office, code: str, *, now: datetime) -> Ticket:
    """Joins the list again, at its end; a seat that fits is offered at once.

    An offer whose time is over is given back by this: its address is still its own, and no letter says what they know.
    Raises UnknownTicket, NotLapsed, RegistrationClosed.
    """
    found = await _found(work, code)
    event = await office.events.event(work, found.event_id)
    found.by_now(now).rejoined(now)
    choosing.check_open(event, now)
    email = found.attendee.email
    await storage.claim_address(work, event.event_id, email, found.registration_id)
    event, seats, held = await _held(work, office, code)
    choosing.check_open(event, now)
    if await storage.registered_at(work, event.event_id, email) != held.registration_id:
        raise NotLapsed(field="code")
    await serving.vacate(work, office, seats, held, held.by_now(now).rejoined(now))
    await serving.settle(work, office, event, now=now)
    joined = await as_seen(work, await _found(work, code), event, now=now)
    if joined.position:
        await letters.ticket(work, joined.held, event, now=now)
    return joined


async def change_sessions(
    work: Work, office: Office, code: str, session_ids: Collection[str], *, now: datetime
) -> Ticket:
    """Changes sessions, all or nothing; those left are offered to whoever waits.

    Raises UnknownTicket, SessionsOverlap, UnknownChoiceOfSession, RegistrationClosed, NoSeat, SessionFull.
    """
    event, seats, held = await _held(work, office, code)
    choosing.check_open(event, now)
    held.check_seat()
    chosen = choosing.sessions(session_ids, event)
    if chosen == held.session_ids:
        return Ticket(held=held, event=event)
    moved = held.moved(chosen)
    await _move(work, seats, set(held.session_ids), set(chosen))
    await storage.save(work, moved, office.codes)
    facts.confirmed(work, moved, at=now)
    await letters.ticket(work, moved, event, now=now)
    await serving.serve(work, office, event, now=now)
    return Ticket(held=moved, event=event)


async def transfer(
    work: Work, office: Office, code: str, attendee: Attendee, *, present_at: PresentAt, now: datetime
) -> JointEvent:
    """Hands a seat to somebody else, under a code of their own; the old one opens nothing.

    Whoever has a seat already, or was offered one, keeps that one, and this one goes back: the answer is the same, so
    that nobody learns who comes. Raises UnknownTicket, Invalid naming the field, RegistrationClosed, NoSeat, AlreadyIn.
    """
    found = await _found(work, code)
    await check_is_outside(work, found, present_at)
    attendee = replace(attendee.without_needs(), answers={}).tidied()
    heir_id = new_id("registration")
    is_new = await storage.claim_address(work, found.event_id, attendee.email, heir_id)
    event, seats, held = await _held(work, office, code)
    choosing.check_open(event, now)
    held.check_seat()
    gone = held.cancelled(code_id=new_id("code"))
    await storage.free_address(work, held)
    if is_new or await _leave_list(work, office, seats, event, attendee.email, heir_id):
        await storage.save(work, gone, office.codes)
        await _inherit(work, office, event, held, attendee, heir_id, now)
    else:
        await serving.vacate(work, office, seats, held, gone)
        await serving.serve(work, office, event, now=now)
    facts.cancelled(work, gone, at=now)
    await letters.gone(work, Kind.TICKET_TRANSFERRED, gone, event, now=now)
    return event


async def cancel(work: Work, office: Office, code: str, *, present_at: PresentAt, now: datetime) -> Ticket:
    """Gives a seat back, or leaves the list; twice changes nothing.

    Raises UnknownTicket, RegistrationClosed, AlreadyIn.
    """
    await check_is_outside(work, await _found(work, code), present_at)
    event, seats, held = await _held(work, office, code)
    if not held.is_live:
        return Ticket(held=held, event=event)
    choosing.check_open(event, now)
    gone = await give_back(work, office, event, seats, held, Kind.REGISTRATION_CANCELLED, now=now)
    await serving.serve(work, office, event, now=now)
    return Ticket(held=gone, event=event)


async def give_back(
    work: Work,
    office: Office,
    event: JointEvent,
    seats: Seats,
    held: Registration,
    kind: Kind,
    *,
    now: datetime,
    why: str = "",
) -> Registration:
    """Ends a live registration and tells those concerned; the pools are held, and served by whoever asks."""
    gone = held.cancelled()
    await serving.vacate(work, office, seats, held, gone)
    if held.state is State.CONFIRMED:
        facts.cancelled(work, gone, at=now)
    await letters.gone(work, kind, gone, event, now=now, why=why)
    return gone


async def _found(work: Work, code: str) -> Registration:
    held = await storage.by_code(work, digest(code))
    if held is None or held.state in (State.HELD, State.EXPIRED):
        raise UnknownTicket(field="code")
    return held


async def check_is_outside(work: Work, found: Registration, present_at: PresentAt, *, field: str = "code") -> None:
    """Raises AlreadyIn once somebody came in with this seat.

    The event is held, as it is while a door's scans are taken in: nobody comes in before this work ends. It is held
    before an address is claimed, as walk-ins do.
    """
    await joint_events.held(work, found.event_id)
    if await present_at(work, found.event_id, [found.registration_id]):
        raise AlreadyIn(field=field)


async def _held(work: Work, office: Office, code: str) -> tuple[JointEvent, Seats, Registration]:
    """The event of a ticket, its seats and the ticket, that nobody else changes until this work ends."""
    found = await _found(work, code)
    seats = await pools.lock(work, found.event_id)
    event = await office.events.event(work, found.event_id)
    await _found(work, code)
    return event, seats, await storage.locked(work, found.registration_id)


async def _move(work: Work, seats: Seats, before: set[str], after: set[str]) -> None:
    rooms = seats.sessions
    for session_id in sorted(after - before):
        if session_id not in rooms or not rooms[session_id].free:
            raise SessionFull(field="session_ids", session=session_id)
    await pools.give_back(work, [rooms[session_id].pool_id for session_id in sorted(before - after)])
    await pools.take(work, [rooms[session_id] for session_id in sorted(after - before)])


async def _leave_list(work: Work, office: Office, seats: Seats, event: JointEvent, email: str, heir_id: str) -> bool:
    """Takes an address out of the list for a seat handed to it; False when it has a seat, or was offered one."""
    known = await storage.registered_at(work, event.event_id, email)
    waiting = None if known is None else await storage.locked(work, known)
    if waiting is not None:
        if waiting.state is not State.WAITING:
            return False
        await serving.vacate(work, office, seats, waiting, waiting.cancelled())
    return await storage.claim_address(work, event.event_id, email, heir_id)


async def _inherit(
    work: Work, office: Office, event: JointEvent, held: Registration, attendee: Attendee, heir_id: str, now: datetime
) -> None:
    """The seat, as somebody else's: a registration of its own, that is nobody's member's nor invitee's."""
    heir = Registration(
        registration_id=heir_id,
        event_id=event.event_id,
        state=State.CONFIRMED,
        code_id=new_id("code"),
        attendee=attendee,
        session_ids=held.session_ids,
        pool_id=held.pool_id,
        arrangement_version=held.arrangement_version,
        created_at=now,
    )
    await storage.add(work, heir, office.codes)
    await letters.ticket(work, heir, event, now=now)


def _start(found: Ticket) -> tuple[datetime, str]:
    return found.event.starts_at, found.held.registration_id
