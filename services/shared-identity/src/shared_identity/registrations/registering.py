"""Registering: a seat kept becomes somebody's, somebody joins the list, a member registers in one go."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.days import day_of
from shared_identity.joint_events.domain import JointEvent
from shared_identity.memberships import usecases as memberships
from shared_identity.people import usecases as people
from shared_identity.registrations import (
    choosing,
    facts,
    holding,
    invitation_storage,
    letters,
    serving,
    storage,
)
from shared_identity.registrations.domain import NEEDS_KEPT, Basis, BasisKind, Registration, State, Wish
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import AlreadyRegistered, InvitationUsed, UnknownHold
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import EventFull, Pool, Seats, SessionFull
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import MAILS

NEEDS_FORGOTTEN = "needs_forgotten"
"""The due row that forgets access needs and diet a week after an event, its key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Who a registrant is to the structures, when they signed in and register themselves."""

    person_id: str | None = None
    structures: frozenset[str] = frozenset()

    def bases(self, event: JointEvent) -> frozenset[Basis]:
        """The organisers whose member they are."""
        return frozenset(
            Basis(organiser_id=held.organiser_id, kind=BasisKind.MEMBER)
            for held in event.organisers
            if held.structure in self.structures
        )


async def confirm(
    work: Work, office: Office, code: str, wish: Wish, *, person_id: str | None, now: datetime
) -> JointEvent:
    """Registers somebody on a seat kept; gives the event, whether or not the address was registered already.

    Raises UnknownHold, Invalid naming the field, InvitationUsed, SessionFull.
    """
    found = await holding.kept(work, office, code, now=now)
    kept, event = found.held, found.event
    if not choosing.is_open(event, now):
        raise UnknownHold(field="code")
    wish = choosing.fitted(wish, event)
    standing = await _standing(work, person_id, wish.attendee.email, now)
    await _check_set_aside_for(work, office, kept, standing.bases(event))
    if not await storage.claim_address(work, event.event_id, wish.attendee.email, kept.registration_id):
        await _refuse_as_anybody(work, kept, wish)
        await remind(work, event, wish.attendee.email, now=now)
        await holding.abandon(work, office, event, kept.registration_id, now=now)
        return event
    bases = standing.bases(event) | await _spend(work, kept.invitation_id, kept.registration_id)
    held = replace(
        kept.confirmed(wish, code_id=new_id("code")),
        person_id=standing.person_id,
        told=standing.structures,
    )
    await pools.take_sessions(work, event.event_id, wish.session_ids)
    if not await storage.confirm(work, held, office.codes, now):
        raise UnknownHold(field="code")
    await storage.add_bases(work, held.registration_id, bases)
    work.call_off(serving.HOLD_EXPIRED, held.registration_id)
    await welcome(work, held, event, now=now)
    return event


async def join(
    work: Work,
    office: Office,
    event_id: str,
    wish: Wish,
    *,
    invitation_code: str,
    person_id: str | None,
    now: datetime,
) -> JointEvent:
    """Joins the list; a seat that fits is offered at once. Gives the event, whether or not the address was known.

    Raises UnknownEvent, RegistrationClosed, UnknownInvitation, InvitationUsed, Invalid naming the field.
    """
    event = await office.events.public(work, event_id)
    choosing.check_open(event, now)
    wish = choosing.fitted(wish, event)
    registration_id = new_id("registration")
    invited = await holding.invited_with(work, event_id, invitation_code)
    if not await storage.claim_address(work, event_id, wish.attendee.email, registration_id):
        await remind(work, event, wish.attendee.email, now=now)
        return event
    invitation_id = None if invited is None else invited.invitation_id
    standing = await _standing(work, person_id, wish.attendee.email, now)
    waiting = _waiting(event, registration_id, wish, standing, now)
    bases = waiting.bases | await _spend(work, invitation_id, registration_id)
    event = await _still_open(work, office, event_id, now)
    await storage.add(work, replace(waiting, bases=bases, invitation_id=invitation_id), office.codes)
    await serving.settle(work, office, event, now=now)
    await _say_if_waiting(work, registration_id, event, now)
    _put_off_forgetting(work, waiting, event)
    return event


async def register_me(
    work: Work,
    office: Office,
    event_id: str,
    wish: Wish,
    *,
    person_id: str,
    invitation_code: str,
    or_wait: bool,
    now: datetime,
) -> Registration:
    """Registers somebody who signed in, under the name and address of their identity; or puts them in the list.

    Raises what `join` raises, AlreadyRegistered, and EventFull or SessionFull when they would not wait.
    """
    event = await office.events.public(work, event_id)
    choosing.check_open(event, now)
    wish = choosing.fitted(await _as_themselves(work, wish, person_id), event)
    registration_id = new_id("registration")
    invited = await holding.invited_with(work, event_id, invitation_code)
    if not await storage.claim_address(work, event_id, wish.attendee.email, registration_id):
        raise AlreadyRegistered(field="event_id")
    invitation_id = None if invited is None else invited.invitation_id
    standing = await _standing(work, person_id, wish.attendee.email, now)
    waiting = _waiting(event, registration_id, wish, standing, now)
    bases = waiting.bases | await _spend(work, invitation_id, registration_id)
    waiting = replace(waiting, bases=bases, invitation_id=invitation_id)
    event = await _still_open(work, office, event_id, now)
    seats = await serving.settle(work, office, event, now=now)
    fitting = seats.fit(waiting.claims, wish.session_ids)
    if fitting is None and not or_wait:
        raise _full(seats, waiting)
    return await _seated_or_waiting(work, office, event, waiting, fitting, now)


async def remind(work: Work, event: JointEvent, email: str, *, now: datetime) -> None:
    """Writes to an address what it holds at an event, if it holds anything; not too often."""
    allowed = await tries.take(work, MAILS, email, now=now)
    registration_id = await storage.registered_at(work, event.event_id, email)
    held = await storage.find(work, registration_id) if allowed and registration_id is not None else None
    if held is not None:
        await letters.ticket(work, held, event, now=now)


async def welcome(work: Work, held: Registration, event: JointEvent, *, now: datetime) -> None:
    """What follows when somebody has a seat: the ticket, the facts, the day on which their needs are forgotten."""
    await letters.ticket(work, held, event, now=now)
    facts.confirmed(work, held, at=now)
    _put_off_forgetting(work, held, event)


async def structures_of(work: Work, person_id: str | None, now: datetime) -> frozenset[str]:
    """The structures to tell of a person's registration."""
    return frozenset() if person_id is None else await memberships.member_of(work, person_id, day_of(now))


async def _standing(work: Work, person_id: str | None, email: str, now: datetime) -> Standing:
    """Nobody for the structures, unless somebody registers under the address of their own identity."""
    if person_id is None or await people.verified_email(work, person_id) != email:
        return Standing()
    return Standing(person_id=person_id, structures=await structures_of(work, person_id, now))


async def _still_open(work: Work, office: Office, event_id: str, now: datetime) -> JointEvent:
    """The event once its seats are held: it may have been called off while we waited. Raises RegistrationClosed."""
    await pools.lock(work, event_id)
    event = await office.events.public(work, event_id)
    choosing.check_open(event, now)
    return event


async def _check_set_aside_for(work: Work, office: Office, kept: Registration, bases: Collection[Basis]) -> None:
    """Raises UnknownHold when a seat that an organiser set aside would go to neither its member nor its invitee.

    It is looked at before the address is: who is registered already is not to be told from who is not.
    """
    organiser_id = await office.pools.set_aside_by(work, kept.pool_id or "")
    if not organiser_id or organiser_id in {basis.organiser_id for basis in bases}:
        return
    invited = await invitation_storage.find(work, kept.invitation_id) if kept.invitation_id else None
    if invited is None and kept.invitation_id:
        raise InvitationUsed(field="invitation_code")
    if invited is None or invited.organiser_id != organiser_id:
        raise UnknownHold(field="code")


async def _refuse_as_anybody(work: Work, kept: Registration, wish: Wish) -> None:
    """Refuses an address that is known what it would be refused if it were not: a refusal must not tell which it is."""
    invited = await invitation_storage.find(work, kept.invitation_id) if kept.invitation_id else None
    if kept.invitation_id and (invited is None or invited.used_by is not None):
        raise InvitationUsed(field="invitation_code")
    rooms = Seats.of(await pools.of_event(work, kept.event_id)).sessions
    for session_id in wish.session_ids:
        if session_id not in rooms or not rooms[session_id].free:
            raise SessionFull(field="session_ids", session=session_id)


async def _spend(work: Work, invitation_id: str | None, registration_id: str) -> frozenset[Basis]:
    if invitation_id is None:
        return frozenset()
    if not await invitation_storage.use(work, invitation_id, registration_id):
        raise InvitationUsed(field="invitation_code")
    spent = await invitation_storage.find(work, invitation_id)
    organisers: Collection[str] = () if spent is None else (spent.organiser_id,)
    return frozenset(Basis(organiser_id=organiser_id, kind=BasisKind.INVITED) for organiser_id in organisers)


def _waiting(event: JointEvent, registration_id: str, wish: Wish, standing: Standing, now: datetime) -> Registration:
    return Registration(
        registration_id=registration_id,
        event_id=event.event_id,
        state=State.WAITING,
        code_id=new_id("code"),
        attendee=wish.attendee,
        session_ids=wish.session_ids,
        person_id=standing.person_id,
        bases=standing.bases(event),
        arrangement_version=wish.arrangement_version,
        created_at=now,
        joined_at=now,
    )


async def _seated_or_waiting(
    work: Work,
    office: Office,
    event: JointEvent,
    waiting: Registration,
    fitting: Collection[Pool] | None,
    now: datetime,
) -> Registration:
    if not fitting:
        await storage.add(work, waiting, office.codes)
        await letters.ticket(work, waiting, event, now=now)
        _put_off_forgetting(work, waiting, event)
        return waiting
    told = await structures_of(work, waiting.person_id, now)
    held = replace(waiting, state=State.CONFIRMED, pool_id=next(iter(fitting)).pool_id, joined_at=None, told=told)
    await pools.take(work, fitting)
    await storage.add(work, held, office.codes)
    await welcome(work, held, event, now=now)
    return held


async def _as_themselves(work: Work, wish: Wish, person_id: str) -> Wish:
    person = await people.myself(work, person_id)
    attendee = replace(
        wish.attendee,
        given_name=person.given_name,
        family_name=person.family_name,
        email=person.email,
        locale=person.locale,
    )
    return replace(wish, attendee=attendee)


async def _say_if_waiting(work: Work, registration_id: str, event: JointEvent, now: datetime) -> None:
    """Writes to whoever joined that they wait; who was offered a seat at once knows already."""
    held = await storage.find(work, registration_id)
    if held is not None and held.state is State.WAITING:
        await letters.ticket(work, held, event, now=now)


def _full(seats: Seats, wish: Registration) -> EventFull | SessionFull:
    """What is missing: a seat at all, or one of a session."""
    some = seats.fit(wish.claims, ())
    return EventFull(field="event_id") if some is None else SessionFull(field="session_ids")


def _put_off_forgetting(work: Work, held: Registration, event: JointEvent) -> None:
    if held.attendee.has_needs:
        work.schedule(Due(kind=NEEDS_FORGOTTEN, key=event.event_id, at=event.ends_at + NEEDS_KEPT))
