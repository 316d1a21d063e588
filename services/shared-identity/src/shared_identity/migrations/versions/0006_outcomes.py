"""Scans at the door, contributions."""

revision = "0006_outcomes"
down_revision = "0005_registrations"


def upgrade() -> None:
    """Makes their tables."""
