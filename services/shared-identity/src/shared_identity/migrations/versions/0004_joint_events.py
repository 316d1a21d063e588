"""Joint events and those who prepare them."""

revision = "0004_joint_events"
down_revision = "0003_directory"


def upgrade() -> None:
    """Makes their tables."""
