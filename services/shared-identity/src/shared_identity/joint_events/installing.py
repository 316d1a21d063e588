"""An event that an installation brings: made by the same rules, all at once, by nobody in particular."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.sql import Work

from shared_identity.joint_events import storage, usecases, wire
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import (
    Arrangement,
    Challenge,
    Delegate,
    Details,
    Organiser,
    Question,
    Session,
)
from shared_identity.joint_events.preparing import check_capacity, check_present
from shared_identity.joint_events.refused import SlugTaken


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """An event as an installation says it, its parts with their identifiers; `approved` by all who must."""

    event_id: str
    details: Details
    organisers: tuple[Organiser, ...]
    challenges: tuple[Challenge, ...] = ()
    sessions: tuple[Session, ...] = ()
    questions: tuple[Question, ...] = ()
    delegates: tuple[Delegate, ...] = ()
    arrangement: Arrangement | None = None
    approved: bool = False


async def installed(work: Work, event_id: str) -> bool:
    """Whether there is such an event."""
    return await storage.read(work, event_id) is not None


async def install(work: Work, plan: Plan, *, now: datetime) -> JointEvent:
    """Brings an event, a draft; the same refusals as when people make it. The first organiser proposes."""
    for organiser in plan.organisers:
        if organiser.structure:
            await check_present(work, organiser.structure, "organisers", now)
    first, *others = plan.organisers
    bare = JointEvent(event_id=plan.event_id, details=plan.details, organisers=(first,))
    if not await storage.add(work, bare):
        raise SlugTaken(field="slug")
    held = await usecases.held(work, plan.event_id)
    after = _with_parts(held, others, plan)
    if plan.arrangement is not None:
        after = _agreed(after, plan.arrangement, approved=plan.approved)
    kept = await usecases.keep(work, held, after, now=now)
    for delegate in plan.delegates:
        kept.organiser(delegate.organiser_id)
        await storage.put_delegate(work, delegate)
    return kept


async def publish(work: Work, event_id: str, *, now: datetime) -> JointEvent:
    """Shows it to all; raises ArrangementNotApproved, CapacityNotSet, EventOver."""
    held = await usecases.held(work, event_id)
    after = held.published(now)
    await check_capacity(work, after)
    kept = await usecases.keep(work, held, after, now=now)
    work.announce(wire.joint_event_published(kept, now))
    return kept


def _with_parts(event: JointEvent, others: Sequence[Organiser], plan: Plan) -> JointEvent:
    for organiser in others:
        event, _ = event.with_organiser(organiser.known_as(""), organiser.key)
    for challenge in plan.challenges:
        event, _ = event.with_challenge(challenge.known_as(""), challenge.key)
    for session in plan.sessions:
        event, _ = event.with_session(session.known_as(""), session.key)
    for question in plan.questions:
        event, _ = event.with_question(question.known_as(""), question.key)
    return event


def _agreed(event: JointEvent, arrangement: Arrangement, *, approved: bool) -> JointEvent:
    proposed = event.proposing(arrangement, event.organisers[0].organiser_id)
    if proposed.arrangement is None or not approved:
        return proposed
    for organiser in proposed.organisers:
        if organiser.sees_registrants:
            proposed = proposed.approving(proposed.arrangement.version, organiser.organiser_id)
    return proposed
