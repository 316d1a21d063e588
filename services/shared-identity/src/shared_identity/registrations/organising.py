"""What organisers do with seats and registrants: sizes, allocations, their own people by name, letters to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from servicekit.fields import FieldOutOfRange, check_text, one_line, paragraphs
from servicekit.sql import Work

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.refused import UnknownSession
from shared_identity.mail.domain import Kind
from shared_identity.registrations import letters, listing, serving, storage, tickets
from shared_identity.registrations.domain import Registration, State
from shared_identity.registrations.office import Office, PresentAt
from shared_identity.registrations.refused import (
    ReleaseAfterEvent,
    TooManyMessages,
    UnknownRegistration,
)
from shared_identity.registrations.views import Choice, Counts
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Pool
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import Limit

MESSAGES = Limit(kind="event_message", most=5, within=timedelta(days=1))
"""Letters of an organiser to its own registrants of an event."""

REACHABLE = frozenset({State.CONFIRMED, State.OFFERED, State.WAITING})
_MOST_SUBJECT = 150
_MOST_TEXT = 5_000
_AT_A_TIME = 200


async def set_capacity(work: Work, office: Office, event: JointEvent, size: int, *, now: datetime) -> Sequence[Pool]:
    """Sets how many seats an event has; more seats serve the list. Raises EventOver, FieldOutOfRange, SeatsTaken."""
    event.check_open()
    await pools.set_size(work, event.event_id, size)
    return (await serving.serve(work, office, event, now=now)).pools


async def set_session_capacity(
    work: Work, office: Office, event: JointEvent, session_id: str, size: int, *, now: datetime
) -> Sequence[Pool]:
    """Sets how many seats a session has; raises EventOver, FieldOutOfRange, SeatsTaken, UnknownSession."""
    event.check_open()
    if not event.session(session_id).chosen:
        raise UnknownSession(field="session_id")
    await pools.set_session_size(work, event.event_id, session_id, size)
    return (await serving.serve(work, office, event, now=now)).pools


async def set_allocation(
    work: Work,
    office: Office,
    event: JointEvent,
    organiser_id: str,
    size: int,
    *,
    release_at: datetime | None,
    open_to_members: bool,
    now: datetime,
) -> Sequence[Pool]:
    """Sets what an organiser hands out.

    Raises EventOver, UnknownOrganiser, FieldOutOfRange, ReleaseAfterEvent, SeatsTaken.
    """
    event.check_open()
    event.organiser(organiser_id)
    if release_at is not None and release_at > event.starts_at:
        raise ReleaseAfterEvent(field="release_time")
    await pools.allocate(
        work, event.event_id, organiser_id, size, release_at=release_at, open_to_members=open_to_members
    )
    return (await serving.serve(work, office, event, now=now)).pools


async def release(work: Work, office: Office, pool_id: str, *, now: datetime) -> None:
    """The time of an allocation is over: what is left of it goes back to everybody, those who wait first."""
    event_id = await pools.release(work, pool_id, now=now)
    if event_id is not None:
        await serving.serve(work, office, await office.events.event(work, event_id), now=now)


async def counts(work: Work, event_id: str, organiser_id: str) -> Counts:
    """How many are what, as one organiser may know it."""
    return Counts(
        own=await listing.by_state(work, event_id, organiser_id),
        total=await listing.by_state(work, event_id),
        own_profiles=await listing.by_profile(work, event_id, organiser_id),
    )


async def withdraw(
    work: Work,
    office: Office,
    event: JointEvent,
    organiser_id: str,
    registration_id: str,
    *,
    present_at: PresentAt,
    now: datetime,
) -> Registration:
    """Takes a seat back from one of an organiser's own, who is told.

    Raises UnknownRegistration, NoSeat, AlreadyIn.
    """
    own = await listing.one_of_own(work, event.event_id, organiser_id, registration_id)
    if own is None:
        raise UnknownRegistration(field="registration_id")
    await tickets.check_is_outside(work, own, present_at, field="registration_id")
    seats = await pools.lock(work, event.event_id)
    held = await storage.locked(work, registration_id)
    held.check_seat()
    await tickets.give_back(work, office, event, seats, held, Kind.REGISTRATION_WITHDRAWN, now=now)
    await serving.serve(work, office, event, now=now)
    gone = await listing.one_of_own(work, event.event_id, organiser_id, registration_id)
    if gone is None:
        raise UnknownRegistration(field="registration_id")
    return gone


async def write_to_own(
    work: Work,
    event: JointEvent,
    organiser_id: str,
    choice: Choice,
    *,
    subject: str,
    text: str,
    now: datetime,
) -> int:
    """Writes to an organiser's own; gives to how many.

    Raises Invalid naming the field, TooManyMessages after five in a day.
    """
    subject, text = one_line(subject), paragraphs(text)
    check_text("subject", subject, most=_MOST_SUBJECT)
    check_text("text", text, most=_MOST_TEXT)
    if not choice.states or not REACHABLE.issuperset(choice.states):
        raise FieldOutOfRange(field="states")
    if not await tries.take(work, MESSAGES, f"{event.event_id}/{organiser_id}", now=now):
        raise TooManyMessages(field="text")
    name, written, after = event.organiser(organiser_id).name, 0, None
    while True:
        found = await listing.own(work, event.event_id, organiser_id, choice, after=after, most=_AT_A_TIME)
        for held in found:
            await letters.message(work, held, event, organiser=name, subject=subject, text=text, now=now)
        written += len(found)
        if len(found) < _AT_A_TIME:
            return written
        after = listing.name_key(found[-1])
