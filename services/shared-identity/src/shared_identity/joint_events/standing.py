"""Standing: in whose name a person acts on a joint event, and how far."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access, Delegate, Organiser
from shared_identity.joint_events.refused import NoAccessToEvent, UnknownEvent

_IN_FULL = frozenset({"DIRECTOR", "EVENT_MANAGER"})
_IN_PART = frozenset({"COMMUNITY_MANAGER", "ADVISOR"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """For whom a person acts, what they may do now, and what was `granted`: more, while an approval is missing."""

    organiser_id: str
    access: Access
    granted: Access

    def check(self, at_least: Access) -> None:
        """Raises NoAccessToEvent when this is too little."""
        if self.access < at_least:
            raise NoAccessToEvent(needed=at_least.name)


def is_staff(roles: Collection[str]) -> bool:
    """Whether these roles give standing on the events of their structure."""
    return bool((_IN_FULL | _IN_PART) & set(roles))


def standing_of(
    event: JointEvent, *, structure: str, roles: Collection[str], delegations: Sequence[Delegate]
) -> Standing | None:
    """The standing of somebody with `roles` at `structure`, invited as said; None when they have none.

    As staff when that gives any, else as the delegate who may do most.
    """
    own = next((held for held in event.organisers if structure and held.structure == structure), None)
    if own is not None:
        standing = _limited(event, own, _staff_limit(roles))
        if standing is not None:
            return standing
    found = [_delegated(event, held) for held in sorted(delegations, key=lambda held: held.organiser_id)]
    return max((held for held in found if held is not None), key=lambda held: held.access, default=None)


def required(event: JointEvent, standing: Standing | None, at_least: Access) -> Standing:
    """The standing, when it is enough; else raises UnknownEvent on what is not public, or NoAccessToEvent."""
    if standing is None:
        raise NoAccessToEvent(needed=at_least.name) if event.is_public else UnknownEvent(field="event_id")
    standing.check(at_least)
    return standing


def _staff_limit(roles: Collection[str]) -> Access:
    if _IN_FULL & set(roles):
        return Access.MANAGE
    return Access.OWN_REGISTRANTS if _IN_PART & set(roles) else Access.NONE


def _delegated(event: JointEvent, delegate: Delegate) -> Standing | None:
    organiser = next((held for held in event.organisers if held.organiser_id == delegate.organiser_id), None)
    return None if organiser is None else _limited(event, organiser, delegate.access)


def _limited(event: JointEvent, organiser: Organiser, limit: Access) -> Standing | None:
    granted = min(organiser.access, limit)
    if granted is Access.NONE:
        return None
    access = min(event.reach(organiser), limit)
    return Standing(organiser_id=organiser.organiser_id, access=access, granted=granted)
