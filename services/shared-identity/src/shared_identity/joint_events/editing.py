"""What is done about the parts of an event: saved and taken away, one at a time; the arrangement agreed upon."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from servicekit.caller import Caller
from servicekit.sql import Work

from shared_identity.joint_events import usecases
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access, Arrangement, Challenge, Organiser, Question, Session
from shared_identity.joint_events.preparing import check_present, managed
from shared_identity.joint_events.refused import (
    ChallengeHasContributions,
    NoAccessToEvent,
    OrganiserHasSeats,
    SessionHasSeats,
)
from shared_identity.seats import usecases as seats
from shared_identity.seats.domain import Seats

Asked = Callable[[Work, str], Awaitable[bool]]
"""Whether something that a later slice keeps hangs on this part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bonds:
    """What the slices built on this one know: contributions to a challenge, registrants of an organiser."""

    has_contributions: Asked
    has_registrants: Asked


async def save_organiser(
    work: Work, caller: Caller, event_id: str, wish: Organiser, *, fresh_id: str, now: datetime
) -> tuple[JointEvent, Organiser]:
    """Adds or changes an organiser; raises what `managed` does, UnknownStructure, and what the domain refuses."""
    before, _ = await managed(work, caller, event_id)
    if wish.structure and not wish.organiser_id:
        await check_present(work, wish.structure, "organiser.structure", now)
    after, saved = before.with_organiser(wish, fresh_id)
    kept = await usecases.keep(work, before, after, now=now)
    event = await usecases.event(work, event_id) if wish.structure else kept
    return event, event.organiser(saved.organiser_id)


async def remove_organiser(
    work: Work, caller: Caller, event_id: str, organiser_id: str, *, bonds: Bonds, now: datetime
) -> JointEvent:
    """Takes an organiser away, with its delegates; raises also OrganiserHasSeats."""
    before, _ = await managed(work, caller, event_id)
    after = before.without_organiser(organiser_id)
    if await bonds.has_registrants(work, organiser_id):
        raise OrganiserHasSeats(field="organiser_id")
    for pool in Seats.of(await seats.of_event(work, event_id)).allocations:
        if pool.organiser_id == organiser_id and (pool.size or not await seats.drop(work, pool.pool_id)):
            raise OrganiserHasSeats(field="organiser_id")
    return await usecases.keep(work, before, after, now=now)


async def save_challenge(
    work: Work, caller: Caller, event_id: str, wish: Challenge, *, fresh_id: str, now: datetime
) -> tuple[JointEvent, Challenge]:
    """Adds or changes a challenge."""
    before, _ = await managed(work, caller, event_id)
    after, saved = before.with_challenge(wish, fresh_id)
    return await usecases.keep(work, before, after, now=now), saved


async def remove_challenge(
    work: Work, caller: Caller, event_id: str, challenge_id: str, *, bonds: Bonds, now: datetime
) -> JointEvent:
    """Takes a challenge away; raises also ChallengeHasContributions."""
    before, _ = await managed(work, caller, event_id)
    after = before.without_challenge(challenge_id)
    if await bonds.has_contributions(work, challenge_id):
        raise ChallengeHasContributions(field="challenge_id")
    return await usecases.keep(work, before, after, now=now)


async def save_session(
    work: Work, caller: Caller, event_id: str, wish: Session, *, fresh_id: str, now: datetime
) -> tuple[JointEvent, Session]:
    """Adds or changes a session; raises also SessionHasSeats when people chose what is to be chosen no more."""
    before, _ = await managed(work, caller, event_id)
    after, saved = before.with_session(wish, fresh_id)
    if not saved.chosen:
        await _drop_seats(work, event_id, saved.session_id)
    return await usecases.keep(work, before, after, now=now), saved


async def remove_session(work: Work, caller: Caller, event_id: str, session_id: str, *, now: datetime) -> JointEvent:
    """Takes a session away; raises also SessionHasSeats."""
    before, _ = await managed(work, caller, event_id)
    after = before.without_session(session_id)
    await _drop_seats(work, event_id, session_id)
    return await usecases.keep(work, before, after, now=now)


async def save_question(
    work: Work, caller: Caller, event_id: str, wish: Question, *, fresh_id: str, now: datetime
) -> tuple[JointEvent, Question]:
    """Adds or changes a question."""
    before, _ = await managed(work, caller, event_id)
    after, saved = before.with_question(wish, fresh_id)
    return await usecases.keep(work, before, after, now=now), saved


async def remove_question(work: Work, caller: Caller, event_id: str, question_id: str, *, now: datetime) -> JointEvent:
    """Takes a question away; what was answered stays with who answered."""
    before, _ = await managed(work, caller, event_id)
    return await usecases.keep(work, before, before.without_question(question_id), now=now)


async def propose_arrangement(
    work: Work, caller: Caller, event_id: str, wish: Arrangement, *, now: datetime
) -> JointEvent:
    """Proposes a version of the arrangement, approved by the caller's organiser; raises also UnknownOrganiser."""
    before, standing = await managed(work, caller, event_id)
    return await usecases.keep(work, before, before.proposing(wish, standing.organiser_id), now=now)


async def approve_arrangement(work: Work, caller: Caller, event_id: str, version: int, *, now: datetime) -> JointEvent:
    """Approves a version for the caller's organiser; raises also ArrangementChanged.

    Whoever will see registrants once their organiser has approved may approve: else nobody new ever could.
    """
    before, standing = await managed(work, caller, event_id, at_least=Access.DOOR)
    if standing.granted < Access.OWN_REGISTRANTS:
        raise NoAccessToEvent(needed=Access.OWN_REGISTRANTS.name)
    return await usecases.keep(work, before, before.approving(version, standing.organiser_id), now=now)


async def _drop_seats(work: Work, event_id: str, session_id: str) -> None:
    """Takes the seats of a session away; raises SessionHasSeats when somebody has one."""
    pool = Seats.of(await seats.of_event(work, event_id)).sessions.get(session_id)
    if pool is not None and not await seats.drop(work, pool.pool_id):
        raise SessionHasSeats(field="session_id")
