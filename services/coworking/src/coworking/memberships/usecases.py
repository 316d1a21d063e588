"""What is done with memberships: they are declared."""

from datetime import datetime

from servicekit.sql import Work

from coworking.memberships import domain, storage, wire
from coworking.memberships.domain import Membership


async def declare(work: Work, membership: Membership, *, now: datetime) -> bool:
    """Declares a membership to the groupement; False when it was declared already. Raises PeriodUpsideDown."""
    domain.check_membership(membership)
    if not await storage.add(work, membership):
        return False
    work.announce(wire.membership_declared(membership, at=now))
    return True
