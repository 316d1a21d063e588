"""An event takes place at another time or place: everybody with a seat, an offer or a place in the list is told."""

from collections.abc import Mapping
from datetime import datetime

from servicekit.sql import Due, Work

from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.parts import State as EventState
from shared_identity.joint_events.telling import EVENT_CHANGED, time_and_place
from shared_identity.registrations import letters, listing
from shared_identity.registrations.domain import State

CHANGE_TOLD = "change_told"
"""The due row by which telling goes on; its key is the event and the version it was told of, its payload that of the
first, and who was told last (`after`)."""

__all__ = ["CHANGE_TOLD", "EVENT_CHANGED", "tell"]

_AT_A_TIME = 100
_CONCERNED = (State.CONFIRMED, State.OFFERED, State.WAITING)


async def tell(work: Work, event_id: str, said: Mapping[str, str], *, now: datetime, most: int = _AT_A_TIME) -> None:
    """Writes to everybody who knew something else what was and what is, at `most` so many at a time.

    Nobody is told of what was changed back, of an event that was called off, or of one that has begun.
    """
    event = await joint_events.event(work, event_id)
    knew = {name: said.get(name, "") for name in time_and_place(event)}
    if event.state is not EventState.PUBLISHED or event.starts_at <= now or knew == time_and_place(event):
        return
    changed_at = datetime.fromisoformat(said["changed"])
    found = await listing.of_event(work, event_id, _CONCERNED, most=most, after=said.get("after", ""))
    for held in found:
        if held.created_at < changed_at:
            await letters.changed(work, held, event, knew, now=now)
    if len(found) == most:
        more = {**said, "event_id": event_id, "after": found[-1].registration_id}
        work.schedule(Due(kind=CHANGE_TOLD, key=f"{event_id}/{said['changed']}", at=now, payload=more))
