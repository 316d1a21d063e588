"""Registrations that an installation brings: by the same rules, at the times it says, and without a letter.

Whoever is brought in was not there to ask: what they would have been written is of no use. What happens to them from
then on is written to them as to anybody.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.documents import EntryMalformed
from shared_identity.joint_events.domain import JointEvent
from shared_identity.people import usecases as people
from shared_identity.registrations import choosing, facts, invitation_storage, serving, storage
from shared_identity.registrations.domain import (
    NEEDS_KEPT,
    Basis,
    BasisKind,
    Invitation,
    Registration,
    State,
    Wish,
    address,
)
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import (
    AlreadyRegistered,
    InvitationUsed,
    RegistrationClosed,
)
from shared_identity.registrations.registering import NEEDS_FORGOTTEN
from shared_identity.seats import usecases as pools


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """Somebody who registered at an instant: invited by an organiser, a member of an organiser's, or neither ("").

    They gave it back, or left the list, at `left_at`.
    """

    wish: Wish
    at: datetime
    invited_by: str = ""
    member_of: str = ""
    left_at: datetime | None = None


async def register(work: Work, office: Office, event: JointEvent, arrival: Arrival) -> Registration:
    """Registers somebody as they would have been then: with a seat, or in the list when none fits their wish.

    Raises RegistrationClosed, AlreadyRegistered, UnknownOrganiser, InvitationUsed, Invalid naming the field, among them
    EntryMalformed for a member without an identity here.
    """
    _check_open(event, arrival.at)
    wish = choosing.fitted(arrival.wish, event)
    new = replace(_waiting(event, wish, arrival.at), person_id=await _person(work, wish.attendee.email))
    if not await storage.claim_address(work, event.event_id, wish.attendee.email, new.registration_id):
        raise AlreadyRegistered(field="attendee.email")
    held = await _seated(work, await _of_whom(work, office, event, new, arrival))
    await storage.add(work, held, office.codes)
    if held.state is State.CONFIRMED:
        facts.confirmed(work, held, at=arrival.at)
    if held.attendee.has_needs:
        work.schedule(Due(kind=NEEDS_FORGOTTEN, key=event.event_id, at=event.ends_at + NEEDS_KEPT))
    return held if arrival.left_at is None else await _left(work, office, held, arrival.left_at)


async def invite(
    work: Work, office: Office, event: JointEvent, organiser_id: str, email: str, *, at: datetime
) -> Invitation:
    """Invites an address in an organiser's name, once; raises UnknownOrganiser, EmailMalformed, RegistrationClosed."""
    _check_open(event, at)
    wish = Invitation(
        invitation_id=new_id("invitation"),
        event_id=event.event_id,
        organiser_id=event.organiser(organiser_id).organiser_id,
        email=address("emails", email),
        created_at=at,
    )
    if await invitation_storage.add(work, wish, office.codes):
        return wish
    return await invitation_storage.at_address(work, organiser_id, wish.email) or wish


async def settle(work: Work, office: Office, event: JointEvent, *, now: datetime) -> None:
    """Once all are there: a seat that is free now is offered to whoever waits for it, and they are written to."""
    await serving.serve(work, office, event, now=now)


def _check_open(event: JointEvent, at: datetime) -> None:
    """Raises RegistrationClosed when nobody could register then."""
    choosing.check_open(event, at)
    if event.published_at is None or at < event.published_at:
        raise RegistrationClosed(field="day")


def _waiting(event: JointEvent, wish: Wish, at: datetime) -> Registration:
    return Registration(
        registration_id=new_id("registration"),
        event_id=event.event_id,
        state=State.WAITING,
        code_id=new_id("code"),
        attendee=wish.attendee,
        session_ids=wish.session_ids,
        arrangement_version=0 if event.in_force is None else event.in_force.version,
        created_at=at,
        joined_at=at,
    )


async def _person(work: Work, email: str) -> str | None:
    known = await people.by_email(work, email)
    return None if known is None or not known.email_verified else known.person_id


async def _of_whom(work: Work, office: Office, event: JointEvent, new: Registration, arrival: Arrival) -> Registration:
    """With whose own they are; an organiser's member is known here, and its structure is told of them."""
    bases = set[Basis]()
    if arrival.invited_by:
        sent = await invite(work, office, event, arrival.invited_by, new.attendee.email, at=arrival.at)
        if not await invitation_storage.use(work, sent.invitation_id, new.registration_id):
            raise InvitationUsed(field="invited_by")
        bases.add(Basis(organiser_id=arrival.invited_by, kind=BasisKind.INVITED))
        new = replace(new, invitation_id=sent.invitation_id)
    if arrival.member_of:
        structure = event.organiser(arrival.member_of).structure
        if new.person_id is None or not structure:
            raise EntryMalformed("A member is a person of this installation, and a structure's.", field="member_of")
        bases.add(Basis(organiser_id=arrival.member_of, kind=BasisKind.MEMBER))
        new = replace(new, told=frozenset({structure}))
    return replace(new, bases=frozenset(bases))


async def _seated(work: Work, new: Registration) -> Registration:
    """With a seat, when one fits the whole wish."""
    seats = await pools.lock(work, new.event_id)
    fitting = seats.fit(new.claims, new.session_ids)
    if fitting is None:
        return new
    await pools.take(work, fitting)
    return replace(new, state=State.CONFIRMED, pool_id=fitting[0].pool_id, joined_at=None)


async def _left(work: Work, office: Office, held: Registration, at: datetime) -> Registration:
    """Given back; nobody is served before all are there."""
    gone = held.cancelled()
    await serving.vacate(work, office, await pools.lock(work, held.event_id), held, gone)
    if held.state is State.CONFIRMED:
        facts.cancelled(work, gone, at=at)
    return gone
