"""Back door of rights: shared-identity opens and closes them by facts addressed to this structure."""

from collections.abc import Sequence
from typing import Any

from groupement.shared_identity.v1.events_pb2 import EntitlementClosed, EntitlementOpened
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.sql import Work

from coworking.rights import usecases, wire


class RightsSubscriber:
    """Keeps rights as they are told. Slices above that follow rights must be subscribed after it."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What this slice listens to."""
        return [
            Subscription(stream=FEDERATION, message_type=EntitlementOpened, handler=self._opened),
            Subscription(stream=FEDERATION, message_type=EntitlementClosed, handler=self._closed),
        ]

    async def _opened(self, work: Work, fact: EntitlementOpened, received: Received) -> None:
        await usecases.keep(work, wire.opened(fact, received.version), now=self._clock())

    async def _closed(self, work: Work, fact: EntitlementClosed, received: Received) -> None:
        last_day, now = wire.last_day(fact), self._clock()
        await usecases.close(work, fact.entitlement_id, last_day=last_day, version=received.version, now=now)
