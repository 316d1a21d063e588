"""Back door of the door: cards revoked elsewhere, and rights that changed, as the memory must know them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from groupement.shared_identity.v1.events_pb2 import CardRevoked, EntitlementClosed, EntitlementOpened
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.sql import Work

from coworking.check_ins import usecases
from coworking.check_ins.memory import DoorMemory
from coworking.rights import usecases as rights


class DoorSubscriber:
    """Keeps the door's memory true to what the groupement tells."""

    def __init__(self, memory: DoorMemory, *, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What this slice listens to, after rights have taken the same facts in."""
        return [
            Subscription(stream=FEDERATION, message_type=CardRevoked, handler=self._revoked),
            Subscription(stream=FEDERATION, message_type=EntitlementOpened, handler=self._right_changed),
            Subscription(stream=FEDERATION, message_type=EntitlementClosed, handler=self._right_changed),
        ]

    async def _revoked(self, work: Work, fact: CardRevoked, _received: Received) -> None:
        await usecases.revoke_card(work, fact.card_id, now=self._clock())
        work.after_commit(partial(self._memory.revoke, fact.card_id))

    async def _right_changed(
        self, work: Work, fact: EntitlementOpened | EntitlementClosed, _received: Received
    ) -> None:
        right = await rights.entitlement(work, fact.entitlement_id)
        if right is not None:
            work.after_commit(partial(self._memory.forget, right.person_id))
