"""Memberships in the database."""

from servicekit.sql import Work, insert_if_absent

from coworking.memberships.domain import Membership
from coworking.tables import membership


async def add(work: Work, new: Membership) -> bool:
    """Keeps a membership; False when one of that id is there already."""
    row = {
        "membership_id": new.membership_id,
        "person_id": new.person_id,
        "kind": new.kind.value,
        "starts_on": new.starts_on,
        "ends_on": new.ends_on,
        "version": new.version,
    }
    return bool(await insert_if_absent(work, membership, row))
