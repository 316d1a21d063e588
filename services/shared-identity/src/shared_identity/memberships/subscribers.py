"""The back door to memberships: what structures declare. The account a fact came from is the structure it speaks for.

Rights follow memberships: `agreements.subscribers` listens to the same facts and must stand after these in the list
handed to the subscriber, which takes all that want a fact in one transaction, in their order.
"""

from collections.abc import Sequence
from typing import Any

from groupement.declaration.v1 import events_pb2
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.sql import Work

from shared_identity.memberships import usecases, wire


async def membership_declared(work: Work, message: events_pb2.MembershipDeclared, received: Received) -> None:
    """Somebody is something to a structure."""
    await usecases.declare(work, wire.declaration(message, received))


async def membership_ended(work: Work, message: events_pb2.MembershipEnded, received: Received) -> None:
    """It is over, or will be."""
    await usecases.end(work, wire.ending(message, received))


async def staff_role_granted(work: Work, message: events_pb2.StaffRoleGranted, received: Received) -> None:
    """A staff record gives a role."""
    await usecases.note_staff_role(work, wire.staff_role(message, received))


async def staff_role_revoked(work: Work, message: events_pb2.StaffRoleRevoked, received: Received) -> None:
    """A staff record no longer gives it."""
    await usecases.note_staff_role(work, wire.staff_role(message, received))


def subscriptions() -> Sequence[Subscription[Any]]:
    """What memberships listen to."""
    return [
        Subscription(stream=FEDERATION, message_type=events_pb2.MembershipDeclared, handler=membership_declared),
        Subscription(stream=FEDERATION, message_type=events_pb2.MembershipEnded, handler=membership_ended),
        Subscription(stream=FEDERATION, message_type=events_pb2.StaffRoleGranted, handler=staff_role_granted),
        Subscription(stream=FEDERATION, message_type=events_pb2.StaffRoleRevoked, handler=staff_role_revoked),
    ]
