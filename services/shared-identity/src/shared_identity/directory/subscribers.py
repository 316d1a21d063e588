"""The back door to the directory: where people belong changes, as structures declare it and as days pass.

These subscriptions stand after those of `memberships.subscribers`: a membership and the entries that follow it are
written together.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from groupement.declaration.v1 import events_pb2 as declarations
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.sql import Due, Work

from shared_identity.directory import usecases
from shared_identity.directory.listing import Listing

Said = (
    declarations.MembershipDeclared
    | declarations.MembershipEnded
    | declarations.StaffRoleGranted
    | declarations.StaffRoleRevoked
)


class Follower:
    """Keeps entries in line with where their holders belong."""

    def __init__(self, listing: Listing, clock: Clock) -> None:
        self._listing = listing
        self._clock = clock

    async def belonging_said(self, work: Work, message: Said, _received: Received) -> None:
        """A structure said something of what a person is to it."""
        await self._follow(work, message.person_id)

    async def day_came(self, work: Work, due: Due) -> None:
        """The day came on which a person belongs elsewhere."""
        await self._follow(work, due.key)

    async def _follow(self, work: Work, person_id: str) -> None:
        for entry in await usecases.follow_person(work, person_id, now=self._clock()):
            work.after_commit(partial(self._listing.put, entry))


def subscriptions(listing: Listing, clock: Clock) -> Sequence[Subscription[Any]]:
    """What the directory listens to, after memberships did."""
    heard = Follower(listing, clock).belonging_said
    return [
        Subscription(stream=FEDERATION, message_type=declarations.MembershipDeclared, handler=heard),
        Subscription(stream=FEDERATION, message_type=declarations.MembershipEnded, handler=heard),
        Subscription(stream=FEDERATION, message_type=declarations.StaffRoleGranted, handler=heard),
        Subscription(stream=FEDERATION, message_type=declarations.StaffRoleRevoked, handler=heard),
    ]


def due_handlers(listing: Listing, clock: Clock) -> Mapping[str, Callable[[Work, Due], Awaitable[None]]]:
    """What the directory put off until later."""
    return {usecases.BELONGING_CHANGES: Follower(listing, clock).day_came}
