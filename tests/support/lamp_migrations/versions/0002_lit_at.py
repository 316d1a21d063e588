"""When a lamp was lit, and one more for every run of this migration: it must be only one."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds the column."""
    with op.batch_alter_table("lamp") as lamp:
        lamp.add_column(sa.Column("lit_at", UtcDateTime))
    op.execute("UPDATE lamp SET level = level + 1")
