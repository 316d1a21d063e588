"""Events kept in memory for as long as they do not change: a hundred people registering read one row, not ten."""

from collections import OrderedDict

from servicekit.sql import Work

from shared_identity.joint_events import storage, usecases
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.refused import UnknownEvent

_MOST = 200


class KnownEvents:
    """The events read last; each is read again once the database says it has another version."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, JointEvent] = OrderedDict()

    async def event(self, work: Work, event_id: str) -> JointEvent:
        """An event as it is in this transaction; raises UnknownEvent. How structures call themselves may be older."""
        version = await storage.version_of(work, event_id)
        if version is None:
            self._events.pop(event_id, None)
            raise UnknownEvent(field="event_id")
        known = self._events.get(event_id)
        if known is None or known.version != version:
            known = await usecases.event(work, event_id)
        self._keep(known)
        return known

    async def public(self, work: Work, event_id: str) -> JointEvent:
        """An event that was published; raises UnknownEvent."""
        event = await self.event(work, event_id)
        if not event.is_public:
            raise UnknownEvent(field="event_id")
        return event

    def _keep(self, event: JointEvent) -> None:
        self._events[event.event_id] = event
        self._events.move_to_end(event.event_id)
        if len(self._events) > _MOST:
            self._events.popitem(last=False)
