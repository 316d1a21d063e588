"""Delegates: invited by mail to act for an organiser, listed to those who may invite them, ended at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from servicekit.caller import Caller
from servicekit.sql import Work

from shared_identity.joint_events import storage, usecases
from shared_identity.joint_events.domain import MOST_DELEGATES, JointEvent
from shared_identity.joint_events.parts import Access, Delegate, Organiser
from shared_identity.joint_events.preparing import managed
from shared_identity.joint_events.refused import (
    MoreThanTheOrganiser,
    NoAccessToEvent,
    TooManyParts,
    UnknownDelegate,
)
from shared_identity.joint_events.standing import Standing
from shared_identity.mail import usecases as mail
from shared_identity.mail.domain import Kind
from shared_identity.people import usecases as people
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import Limit

_LETTERS = Limit(kind="delegate_invited", most=5, within=timedelta(minutes=15))
_LETTER_LIFE = timedelta(days=7)


async def listed(work: Work, caller: Caller, event_id: str, *, after: str, limit: int) -> Sequence[Delegate]:
    """Those who act for the caller's organiser, or for all of them with MANAGE."""
    _, standing = await usecases.standing(work, caller, event_id, at_least=Access.OWN_REGISTRANTS)
    own = "" if standing.access is Access.MANAGE else standing.organiser_id
    return await storage.delegates(work, event_id, organiser_id=own, after=after, limit=limit)


async def invite(work: Work, caller: Caller, wish: Delegate, *, now: datetime) -> Delegate:
    """Invites somebody, or changes what they may do; a letter goes out the first time.

    Raises what `managed` does, UnknownOrganiser, MoreThanTheOrganiser, NoAccessToEvent, TooManyParts.
    """
    event, standing = await managed(work, caller, wish.event_id, at_least=Access.OWN_REGISTRANTS)
    organiser = event.organiser(wish.organiser_id)
    _check_may_speak_for(standing, organiser)
    if wish.access > organiser.access:
        raise MoreThanTheOrganiser(field="access")
    _check_no_more_than_ones_own(standing, organiser, wish.access)
    await _check_not_oneself(work, caller, standing, wish)
    held = await storage.invited(work, organiser.organiser_id, wish.email)
    if held is None:
        return await _add(work, event, organiser, wish, now)
    _check_no_more_than_ones_own(standing, organiser, held.access)
    changed = replace(held, access=wish.access)
    await storage.put_delegate(work, changed)
    return changed


async def remove(work: Work, caller: Caller, event_id: str, delegate_id: str) -> Delegate:
    """Ends what a delegate may do, even once the event is over; raises UnknownDelegate, NoAccessToEvent."""
    event, standing = await usecases.standing_held(work, caller, event_id, at_least=Access.DOOR)
    held = await storage.read_delegate(work, event_id, delegate_id)
    if held is None or not await _may_know(work, caller, standing, held):
        raise UnknownDelegate(field="delegate_id")
    if not await _is_oneself(work, caller, held.email):
        organiser = event.organiser(held.organiser_id)
        _check_may_speak_for(standing, organiser)
        _check_no_more_than_ones_own(standing, organiser, held.access)
    await storage.drop_delegate(work, delegate_id)
    return held


async def _add(work: Work, event: JointEvent, organiser: Organiser, wish: Delegate, now: datetime) -> Delegate:
    if await storage.count_delegates(work, event.event_id) >= MOST_DELEGATES:
        raise TooManyParts(most=str(MOST_DELEGATES))
    await storage.put_delegate(work, wish)
    if await tries.take(work, _LETTERS, wish.email, now=now):
        known = await people.by_email(work, wish.email)
        await mail.write(
            work,
            Kind.DELEGATE_INVITED,
            to=wish.email,
            locale="fr" if known is None else known.locale,
            now=now,
            life=_LETTER_LIFE,
            parameters={"event": event.details.title, "organiser": organiser.name},
        )
    return wish


def _check_may_speak_for(standing: Standing, organiser: Organiser) -> None:
    """One speaks for one's own organiser; with MANAGE also for partners, who have nobody else to let them in."""
    own = organiser.organiser_id == standing.organiser_id
    if not own and (organiser.structure or standing.access is not Access.MANAGE):
        raise NoAccessToEvent(needed=Access.MANAGE.name)


def _check_no_more_than_ones_own(standing: Standing, organiser: Organiser, access: Access) -> None:
    if organiser.organiser_id == standing.organiser_id:
        standing.check(access)


async def _check_not_oneself(work: Work, caller: Caller, standing: Standing, wish: Delegate) -> None:
    """Nobody lets themselves in to see another organiser's registrants."""
    if wish.organiser_id != standing.organiser_id and await _is_oneself(work, caller, wish.email):
        raise NoAccessToEvent(needed=wish.access.name)


async def _may_know(work: Work, caller: Caller, standing: Standing, delegate: Delegate) -> bool:
    own = delegate.organiser_id == standing.organiser_id and standing.access >= Access.OWN_REGISTRANTS
    return own or standing.access is Access.MANAGE or await _is_oneself(work, caller, delegate.email)


async def _is_oneself(work: Work, caller: Caller, email: str) -> bool:
    return await people.verified_email(work, caller.person()) == email
