"""When an event takes place at another time or place: what people knew is noted, and told apart from what is, once.

What is changed several times within a few minutes is told once: the first change says what people knew.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from servicekit.sql import Due, Work

from shared_identity.joint_events import storage
from shared_identity.joint_events.domain import JointEvent

EVENT_CHANGED = "event_changed"
"""Kind of the due row that tells everybody registered; its key is the event, its payload what they knew, and since when
it is different (`changed`)."""


def time_and_place(event: JointEvent) -> Mapping[str, str]:
    """When and where an event takes place, as letters say it: instants, and a line for the place."""
    venue = event.details.venue
    return {
        "start": event.starts_at.isoformat(),
        "end": event.ends_at.isoformat(),
        "place": ", ".join(part for part in (venue.name, venue.address) if part),
    }


async def put_off(work: Work, before: JointEvent, after: JointEvent, *, wait: timedelta, now: datetime) -> None:
    """Puts off telling of a change of a published event, if it is one; what was changed back is not told."""
    then = time_and_place(after)
    if not before.is_public or time_and_place(before) == then:
        return
    waiting = await storage.put_off(work, EVENT_CHANGED, after.event_id)
    knew = {name: (waiting or time_and_place(before)).get(name, "") for name in then}
    if knew == then:
        await work.unschedule(EVENT_CHANGED, after.event_id)
        return
    said = {**knew, "changed": now.isoformat()}
    work.schedule(Due(kind=EVENT_CHANGED, key=after.event_id, at=now + wait, payload=said))
