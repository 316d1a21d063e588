"""The back door to agreements: memberships that change, rights that are used, rights whose last day is over.

What memberships declare is heard here again: the subscriber takes all that want a fact in one transaction, in the
order of its list, so a membership and the rights it opens are written together. These subscriptions stand after
those of `memberships.subscribers`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from groupement.coworking.v1 import events_pb2 as coworking_events
from groupement.declaration.v1 import events_pb2 as declarations
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.sql import Due, Work

from shared_identity.agreements import usecases, wire


class Follower:
    """Keeps rights in line with what the bus tells and with the days that pass."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def membership_changed(
        self, work: Work, message: declarations.MembershipDeclared | declarations.MembershipEnded, received: Received
    ) -> None:
        """What somebody is to a structure was said again."""
        await usecases.follow_membership(work, received.structure, message.person_id, now=self._clock())

    async def usage_recorded(self, work: Work, message: coworking_events.UsageRecorded, received: Received) -> None:
        """A right was used."""
        await usecases.record_usage(work, wire.usage(message, received), now=self._clock())

    async def entitlement_lapsed(self, work: Work, due: Due) -> None:
        """The last day of a right is over."""
        await usecases.lapse(work, due.key, now=self._clock())


def subscriptions(clock: Clock) -> Sequence[Subscription[Any]]:
    """What agreements listen to, after memberships did."""
    follower = Follower(clock)
    return [
        Subscription(
            stream=FEDERATION, message_type=declarations.MembershipDeclared, handler=follower.membership_changed
        ),
        Subscription(stream=FEDERATION, message_type=declarations.MembershipEnded, handler=follower.membership_changed),
        Subscription(stream=FEDERATION, message_type=coworking_events.UsageRecorded, handler=follower.usage_recorded),
    ]


def due_handlers(clock: Clock) -> Mapping[str, Callable[[Work, Due], Awaitable[None]]]:
    """What agreements put off until later."""
    return {usecases.ENTITLEMENT_LAPSED: Follower(clock).entitlement_lapsed}
