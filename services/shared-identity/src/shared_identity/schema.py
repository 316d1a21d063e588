"""The service's tables, all of them: importing this is what fills `METADATA`."""

from shared_identity.agreements import entitlement_storage
from shared_identity.agreements import storage as agreements
from shared_identity.attendance import storage as attendance
from shared_identity.directory import storage as directory
from shared_identity.joint_events import tables as joint_events
from shared_identity.mail import storage as mail
from shared_identity.memberships import storage as memberships
from shared_identity.oidc import storage as oidc
from shared_identity.outcomes import storage as outcomes
from shared_identity.people import storage as people
from shared_identity.posts import storage as posts
from shared_identity.registrations import tables as registrations
from shared_identity.seats import storage as seats
from shared_identity.sign_in import storage as sign_in
from shared_identity.structures import storage as structures
from shared_identity.tables import METADATA
from shared_identity.throttling import storage as throttling

STORAGES = (
    throttling,
    mail,
    structures,
    people,
    posts,
    memberships,
    agreements,
    entitlement_storage,
    seats,
    joint_events,
    registrations,
    attendance,
    outcomes,
    directory,
    sign_in,
    oidc,
)
"""What keeps rows, in the order of the slices."""

__all__ = ["METADATA", "STORAGES"]
