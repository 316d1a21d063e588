"""What is shown of registrations: a seat kept, a ticket, a choice of registrants, how many are what."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations.domain import Profile, Registration, State

_FEWEST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """A seat kept, its event, and who invited, in words."""

    held: Registration
    event: JointEvent
    invited_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A registration, its event, and the place in the list, 0 when it waits for nothing."""

    held: Registration
    event: JointEvent
    position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which of an organiser's own registrants: in these states, at this session ("" for any), called like this."""

    states: Collection[State]
    session_id: str = ""
    query: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many are what: an organiser's own, and all; of all, None where fewer than five would be picked out."""

    own: Mapping[State, int]
    total: Mapping[State, int]
    own_profiles: Mapping[Profile, int]
    total_profiles: Mapping[Profile, int | None]


def hidden(total: Mapping[Profile, int], own: Mapping[Profile, int]) -> Mapping[Profile, int | None]:
    """The totals an organiser may see: none below five, nor one that it could work out by taking its own away.

    What others have of a profile is the total less one's own: between one and four of those, and somebody is picked
    out. A total hidden alone would follow from the number of all seats taken: then the next smallest is hidden too.
    """
    shown: dict[Profile, int | None] = {
        profile: None if 0 < many < _FEWEST or 0 < many - own.get(profile, 0) < _FEWEST else many
        for profile, many in total.items()
    }
    left = [(many, profile) for profile, many in shown.items() if many]
    if sum(many is None for many in shown.values()) == 1 and left:
        shown[min(left)[1]] = None
    return shown
