"""What is done about what came out of an event: captured, followed up, listed."""

from collections.abc import Sequence
from datetime import datetime

from servicekit.caller import Caller
from servicekit.etags import check_etag
from servicekit.identifiers import is_id, new_id
from servicekit.sql import Work

from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access
from shared_identity.joint_events.refused import UnknownEventChallenge, UnknownOrganiser
from shared_identity.outcomes import storage
from shared_identity.outcomes.domain import (
    Contribution,
    ContributionKind,
    ContributionState,
    UnknownContribution,
    Words,
)

Key = storage.Key


async def capture(work: Work, caller: Caller, event_id: str, words: Words, *, now: datetime) -> Contribution:
    """Keeps what came out of a challenge; the event is held, so that the challenge stays.

    Raises UnknownEvent, NoAccessToEvent, UnknownEventChallenge or UnknownOrganiser.
    """
    event, _ = await joint_events.standing_held(work, caller, event_id, at_least=Access.DOOR)
    return await keep(work, event, words, ContributionState.CAPTURED, now=now)


async def keep(work: Work, event: JointEvent, words: Words, state: ContributionState, *, now: datetime) -> Contribution:
    """Keeps what came out of an event that is held; raises UnknownEventChallenge or UnknownOrganiser."""
    _check(event, words)
    captured = Contribution(
        contribution_id=new_id("contribution"), event_id=event.event_id, words=words, state=state, created_at=now
    )
    await storage.add(work, captured)
    return captured


async def update(
    work: Work,
    caller: Caller,
    event_id: str,
    contribution_id: str,
    words: Words,
    state: ContributionState,
    *,
    etag: str,
) -> Contribution:
    """Changes a contribution, after the event too: that is when it is followed up.

    Raises UnknownContribution, StaleEtag, and as `capture` does.
    """
    event, _ = await joint_events.standing_held(work, caller, event_id, at_least=Access.OWN_REGISTRANTS)
    named = is_id(contribution_id, "contribution")
    held = await storage.read(work, event.event_id, contribution_id) if named else None
    if held is None:
        raise UnknownContribution(field="contribution.contribution_id")
    check_etag(etag, held.version)
    _check(event, words)
    after = held.changed(words, state)
    if after is not held:
        await storage.write(work, after)
    return after


async def contributions(
    work: Work,
    caller: Caller,
    event_id: str,
    *,
    challenge_id: str,
    kind: ContributionKind | None,
    after: Key | None,
    limit: int,
) -> Sequence[Contribution]:
    """What came out of an event, the latest first; raises UnknownEvent or NoAccessToEvent."""
    event, _ = await joint_events.standing(work, caller, event_id, at_least=Access.DOOR)
    if challenge_id and not is_id(challenge_id, "challenge"):
        return []
    return await storage.page(work, event.event_id, challenge_id=challenge_id, kind=kind, after=after, limit=limit)


async def has_contributions(work: Work, challenge_id: str) -> bool:
    """Whether something came out of a challenge: then it stays."""
    return await storage.any_of(work, challenge_id)


def _check(event: JointEvent, words: Words) -> None:
    """Raises UnknownEventChallenge or UnknownOrganiser on what is not this event's."""
    if not any(challenge.challenge_id == words.challenge_id for challenge in event.challenges):
        raise UnknownEventChallenge(field="contribution.challenge_id")
    owner = words.owner_organiser_id
    if owner and not any(organiser.organiser_id == owner for organiser in event.organisers):
        raise UnknownOrganiser(field="contribution.owner_organiser_id")
