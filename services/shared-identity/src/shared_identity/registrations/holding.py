"""A seat kept while a form is filled: taken at once, given back by time unless it is confirmed."""

from datetime import datetime

from servicekit.fields import check_text
from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.codes import digest
from shared_identity.days import day_of
from shared_identity.joint_events.domain import JointEvent
from shared_identity.memberships import usecases as memberships
from shared_identity.registrations import choosing, invitation_storage, serving, storage
from shared_identity.registrations.domain import Invitation, Registration, State
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import InvitationUsed, TooManyHolds, UnknownHold, UnknownInvitation
from shared_identity.registrations.views import Hold
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Claims, EventFull, Seats

_LONGEST_VISITOR = 200


async def hold(
    work: Work,
    office: Office,
    event_id: str,
    *,
    visitor: str,
    invitation_code: str,
    person_id: str | None,
    now: datetime,
) -> Hold:
    """Keeps a seat for a while; whoever comes again with an invitation gets the seat that is kept with it.

    Raises UnknownEvent, RegistrationClosed, UnknownInvitation, InvitationUsed, TooManyHolds, EventFull. Two requests
    of one visitor at the same moment may both pass the limit: it protects from greed, the pools from overselling.
    """
    check_text("visitor", visitor, most=_LONGEST_VISITOR, required=False)
    event = await office.events.public(work, event_id)
    choosing.check_open(event, now)
    invited = await invited_with(work, event_id, invitation_code, locked=True)
    if invited is not None and (earlier := await storage.held_with(work, event_id, invited.invitation_id, now)):
        return Hold(held=earlier, event=event, invited_by=_inviter(event, invited))
    if visitor and await storage.holds_of(work, visitor, now) >= office.terms.most_holds:
        raise TooManyHolds(field="visitor")
    claims = await claims_of(work, event, invited, person_id, now=now)
    held = Registration(
        registration_id=new_id("registration"),
        event_id=event_id,
        state=State.HELD,
        code_id=new_id("code"),
        pool_id=await _seat(work, office, event, claims, now),
        invitation_id=None if invited is None else invited.invitation_id,
        visitor=visitor,
        created_at=now,
        expires_at=now + office.terms.hold,
    )
    await storage.add(work, held, office.codes)
    work.schedule(Due(kind=serving.HOLD_EXPIRED, key=held.registration_id, at=now + office.terms.hold))
    return Hold(held=held, event=event, invited_by=_inviter(event, invited))


async def kept(work: Work, office: Office, code: str, *, now: datetime) -> Hold:
    """A seat kept; raises UnknownHold once its time is over, swept or not."""
    held = await storage.by_code(work, digest(code))
    if held is None or held.state is not State.HELD or held.lapsed(now):
        raise UnknownHold(field="code")
    event = await office.events.event(work, held.event_id)
    invited = await invitation_storage.find(work, held.invitation_id) if held.invitation_id else None
    return Hold(held=held, event=event, invited_by=_inviter(event, invited))


async def release(work: Work, office: Office, code: str, *, now: datetime) -> str:
    """Gives a seat kept back; gives the word that names the event, "" when there was nothing to give back."""
    held = await storage.by_code(work, digest(code))
    if held is None or held.state is not State.HELD:
        return ""
    event = await office.events.event(work, held.event_id)
    await abandon(work, office, event, held.registration_id, now=now)
    return event.slug


async def abandon(work: Work, office: Office, event: JointEvent, registration_id: str, *, now: datetime) -> None:
    """Gives back a seat kept, before its time; the list is served."""
    seats = await pools.lock(work, event.event_id)
    held = await storage.locked(work, registration_id)
    if held.state is not State.HELD:
        return
    await serving.vacate(work, office, seats, held, held.expired())
    await serving.serve(work, office, event, now=now)


async def lapse(work: Work, office: Office, registration_id: str, *, now: datetime) -> None:
    """The time of a seat kept or offered is over: it is given back, and the list is served."""
    held = await storage.find(work, registration_id)
    if held is None:
        return
    event = await office.events.event(work, held.event_id)
    seats = await pools.lock(work, event.event_id)
    await serving.give_up(work, office, seats, event, registration_id, now=now)
    await serving.serve(work, office, event, now=now)


async def invited_with(work: Work, event_id: str, code: str, *, locked: bool = False) -> Invitation | None:
    """The invitation of a code, "" for none; raises UnknownInvitation, InvitationUsed."""
    if not code:
        return None
    found = await invitation_storage.by_code(work, digest(code), locked=locked)
    if found is None or found.event_id != event_id:
        raise UnknownInvitation(field="invitation_code")
    if found.used_by is not None:
        raise InvitationUsed(field="invitation_code")
    return found


async def claims_of(
    work: Work, event: JointEvent, invited: Invitation | None, person_id: str | None, *, now: datetime
) -> Claims:
    """Which seats besides the open ones somebody may take: by an invitation, by memberships in force."""
    homes = frozenset[str]()
    if person_id is not None:
        structures = await memberships.member_of(work, person_id, day_of(now))
        homes = frozenset(held.organiser_id for held in event.organisers if held.structure in structures)
    return Claims(inviters=frozenset() if invited is None else frozenset({invited.organiser_id}), homes=homes)


async def _seat(work: Work, office: Office, event: JointEvent, claims: Claims, now: datetime) -> str:
    """The pool a seat was taken from; raises EventFull.

    An open seat is taken by one statement: any that is free is for the taking, since those who wait are served first.
    """
    if not claims.inviters and (taken := await pools.take_open(work, event.event_id)) is not None:
        return taken
    if not await _may_fit(work, event, claims, now):
        raise EventFull(field="event_id")
    seats = await serving.settle(work, office, event, now=now)
    fitting = seats.fit(claims, ())
    if fitting is None:
        raise EventFull(field="event_id")
    await pools.take(work, fitting)
    return fitting[0].pool_id


async def _may_fit(work: Work, event: JointEvent, claims: Claims, now: datetime) -> bool:
    """Whether it is worth holding up everybody else: a look, without holding anything."""
    seats = Seats.of(await pools.of_event(work, event.event_id))
    if seats.fit(claims, ()) is not None or any(pool.is_due(now) and pool.free for pool in seats.allocations):
        return True
    return bool(await storage.overdue(work, event.event_id, now))


def _inviter(event: JointEvent, invited: Invitation | None) -> str:
    organisers = {held.organiser_id: held.name for held in event.organisers}
    return "" if invited is None else organisers.get(invited.organiser_id, "")
