"""What handing out seats needs besides a transaction: how long seats are kept, secrets, events and pools at hand."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from servicekit.sql import Work

from shared_identity.codes import Codes
from shared_identity.joint_events.known import KnownEvents
from shared_identity.registrations.domain import Terms
from shared_identity.seats.known import KnownPools

PresentAt = Callable[[Work, str, Collection[str]], Awaitable[Collection[str]]]
"""Tells which of these registrations are in at the door of an event: `attendance` knows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """Who hands out seats: one a process."""

    codes: Codes
    terms: Terms = field(default_factory=Terms)
    events: KnownEvents = field(default_factory=KnownEvents)
    pools: KnownPools = field(default_factory=KnownPools)
