"""What is kept no longer than it is of use: codes, challenges, logins, tries; swept every ten minutes."""

from datetime import timedelta

from servicekit import forgetting as kit
from servicekit.clock import Clock
from servicekit.sql.sweeper import Handler

from shared_identity.oidc import usecases as oidc
from shared_identity.people import usecases as people
from shared_identity.sign_in import usecases as sign_in
from shared_identity.throttling import usecases as throttling

_EVERY = timedelta(minutes=10)


def forgetting(clock: Clock) -> Handler:
    """The handler of the due row that forgets, and comes back ten minutes later."""
    slices = (throttling, people, sign_in, oidc)
    return kit.forgetting(clock, *(each.forget_expired for each in slices), every=_EVERY)
