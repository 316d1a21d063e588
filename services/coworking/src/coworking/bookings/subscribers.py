"""Back door of bookings: when a right changes, the bookings it no longer carries are given back."""

from collections.abc import Sequence
from typing import Any

from groupement.shared_identity.v1.events_pb2 import EntitlementClosed, EntitlementOpened
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.sql import Work

from coworking.bookings import usecases


class BookingSubscriber:
    """Follows rights, in the transaction that has just kept them."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What this slice listens to, after rights have taken the same facts in."""
        return [
            Subscription(stream=FEDERATION, message_type=EntitlementOpened, handler=self._right_changed),
            Subscription(stream=FEDERATION, message_type=EntitlementClosed, handler=self._right_changed),
        ]

    async def _right_changed(self, work: Work, fact: EntitlementOpened | EntitlementClosed, _: Received) -> None:
        await usecases.give_back_uncovered(work, fact.entitlement_id, now=self._clock())
