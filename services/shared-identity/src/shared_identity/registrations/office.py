"""What handing out seats needs besides a transaction: how long seats are kept, secrets, events at hand."""

from dataclasses import dataclass, field

from shared_identity.codes import Codes
from shared_identity.joint_events.known import KnownEvents
from shared_identity.registrations.domain import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """Who hands out seats: one a process."""

    codes: Codes
    terms: Terms = field(default_factory=Terms)
    events: KnownEvents = field(default_factory=KnownEvents)
