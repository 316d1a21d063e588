"""Closing an event, and its figures: for those who see registrants, before it is closed too."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from servicekit.caller import Caller
from servicekit.sql import Work

from shared_identity.attendance import usecases as attendance
from shared_identity.attendance.usecases import AtDoor
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access
from shared_identity.joint_events.parts import State as EventState
from shared_identity.outcomes import storage
from shared_identity.outcomes.report import ClosingReport, Guest, SessionFigures, by_organiser, by_profile
from shared_identity.registrations import doors
from shared_identity.registrations import usecases as registrations
from shared_identity.registrations.domain import State
from shared_identity.registrations.doors import Seat
from shared_identity.registrations.office import Office
from shared_identity.seats import usecases as seats
from shared_identity.seats.domain import Pool, Seats


async def close(work: Work, caller: Caller, event_id: str, *, office: Office, now: datetime) -> ClosingReport:
    """Closes an event that has ended: who came is final, and so are its figures.

    Raises UnknownEvent, NoAccessToEvent, EventNotOver, EventOver.
    """
    event, standing = await joint_events.standing_held(work, caller, event_id, at_least=Access.MANAGE)
    closed = await settle(work, event, office=office, now=now)
    return await _report(work, closed, standing.organiser_id)


async def settle(work: Work, event: JointEvent, *, office: Office, now: datetime) -> JointEvent:
    """The event once it is closed, and what became of everybody with it; raises EventNotOver, EventOver."""
    closed = await joint_events.close(work, event.event_id, now)
    present = (await attendance.at_door(work, event)).present
    await registrations.close(work, office, event.event_id, present, now=now)
    return closed


async def report(work: Work, caller: Caller, event_id: str) -> ClosingReport:
    """The figures of an event as one of its organisers may read them; raises UnknownEvent or NoAccessToEvent."""
    event, standing = await joint_events.standing(work, caller, event_id, at_least=Access.OWN_REGISTRANTS)
    return await _report(work, event, standing.organiser_id)


async def _report(work: Work, event: JointEvent, reader: str) -> ClosingReport:
    held = await attendance.at_door(work, event)
    came = _came(held)
    guests = _guests(held.seats, came, await doors.bases(work, event.event_id))
    states = await doors.counts(work, event.event_id)
    pools = Seats.of(await seats.of_event(work, event.event_id))
    names = [organiser.organiser_id for organiser in event.organisers]
    pairs, shared, nobodys = by_organiser(guests, names, reader)
    return ClosingReport(
        event_id=event.event_id,
        final=event.state is EventState.CLOSED,
        size=pools.size,
        registered=len(guests),
        attended=len(came),
        walk_ins=len(came.intersection(held.walked_in)),
        cancelled=states.get(State.CANCELLED, 0),
        waiting=states.get(State.WAITING, 0) + states.get(State.OFFERED, 0),
        organisers=pairs,
        shared=shared,
        nobodys=nobodys,
        profiles=by_profile(guests, reader),
        sessions=_sessions(held, pools.sessions),
        contributions=await storage.counts(work, event.event_id),
    )


def _came(held: AtDoor) -> set[str]:
    """Who came: by what the doors saw, and by what was written down when the event was closed."""
    if held.event.state is EventState.CLOSED:
        return {seat.registration_id for seat in held.seats if seat.state is State.ATTENDED}
    return {seat.registration_id for seat in held.seats if seat.registration_id in held.present}


def _guests(held: Sequence[Seat], came: Collection[str], bases: Sequence[tuple[str, str, object]]) -> Sequence[Guest]:
    own: defaultdict[str, set[str]] = defaultdict(set)
    for registration_id, organiser_id, _ in bases:
        own[registration_id].add(organiser_id)
    return [
        Guest(
            organisers=frozenset(own[seat.registration_id]),
            profile=seat.profile,
            came=seat.registration_id in came,
        )
        for seat in held
    ]


def _sessions(held: AtDoor, rooms: Mapping[str, Pool]) -> Sequence[SessionFigures]:
    return [
        SessionFigures(
            session_id=each.session_id,
            size=rooms[each.session_id].size if each.session_id in rooms else 0,
            registered=each.expected,
            attended=each.present,
        )
        for each in held.counts.sessions
    ]
