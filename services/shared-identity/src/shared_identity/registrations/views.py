"""What is shown of registrations: a seat kept, a ticket, a choice of registrants, how many are what."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations.domain import Profile, Registration, State


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
    """How many are in each state, an organiser's own and all; and who its own say they are.

    Who the others say they are is told by the closing report alone: told in two places, each hiding other small
    numbers than the other, they could be computed.
    """

    own: Mapping[State, int]
    total: Mapping[State, int]
    own_profiles: Mapping[Profile, int]
