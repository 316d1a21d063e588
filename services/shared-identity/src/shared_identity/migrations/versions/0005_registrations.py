"""Seats, registrations, invitations, and letters that say more."""

revision = "0005_registrations"
down_revision = "0004_joint_events"


def upgrade() -> None:
    """Makes their tables."""
