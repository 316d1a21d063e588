"""Joint events as figures count them: of each, who had a seat and who came; never their names."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from servicekit.sql import Work

from shared_identity.attendance import usecases as attendance
from shared_identity.days import day_of, start_of
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import State as EventState
from shared_identity.outcomes.domain import Gathering
from shared_identity.registrations import doors
from shared_identity.registrations.domain import State
from shared_identity.seats import usecases as seats

_ONE = timedelta(days=1)


async def gatherings(work: Work, first: date, last: date) -> Sequence[Gathering]:
    """The joint events that began on these days, in their order, but for those that were called off."""
    found = await _began(work, start_of(first), start_of(last + _ONE))
    ids = [event.event_id for event in found]
    if not ids:
        return []
    sizes = await seats.sizes(work, ids)
    present = await attendance.present_at_events(work, ids)
    registered: defaultdict[str, int] = defaultdict(int)
    came: defaultdict[str, list[str]] = defaultdict(list)
    ids_of_those = set[str]()
    closed = {event.event_id for event in found if event.state is EventState.CLOSED}
    for event_id, registration_id, state, person_id in await doors.at_events(work, ids):
        registered[event_id] += 1
        if state is State.ATTENDED if event_id in closed else registration_id in present:
            came[event_id].append(person_id)
            ids_of_those.add(registration_id)
    unnamed = await _unnamed(work, found, ids_of_those)
    return [
        Gathering(
            event_id=event.event_id,
            slug=event.slug,
            title=event.details.title,
            day=day_of(event.starts_at),
            size=sizes.get(event.event_id, 0),
            registered=registered[event.event_id],
            attended=came[event.event_id],
            unnamed=unnamed.get(event.event_id, {}),
        )
        for event in found
    ]


async def _unnamed(work: Work, events: Sequence[JointEvent], came: Collection[str]) -> Mapping[str, Mapping[str, int]]:
    """Of those who came and were forgotten since, how many were members of each structure, by event."""
    structures = {one.organiser_id: one.structure for event in events for one in event.organisers if one.structure}
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event_id, registration_id, organiser_id in await doors.unnamed_members(
        work, [each.event_id for each in events]
    ):
        if registration_id in came and organiser_id in structures:
            counted[event_id][structures[organiser_id]] += 1
    return counted


async def _began(work: Work, since: datetime, until: datetime) -> Sequence[JointEvent]:
    found = await joint_events.began(work, since, until)
    return [event for event in found if event.is_public and event.state is not EventState.CANCELLED]
