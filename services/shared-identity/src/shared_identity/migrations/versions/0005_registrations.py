"""Seats, registrations, invitations, and letters that say more."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime

revision = "0005_registrations"
down_revision = "0004_joint_events"


def upgrade() -> None:
    """Makes their tables."""
    _seats()
    _letters()


def _seats() -> None:
    op.create_table(
        "pool",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organiser_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("release_at", UtcDateTime()),
        sa.Column("open_to_members", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", name="pk_pool"),
        sa.UniqueConstraint("event_id", "kind", "organiser_id", "session_id", name="uq_pool_of"),
        sa.CheckConstraint("taken >= 0 AND taken <= size", name="ck_pool_never_oversold"),
    )


def _letters() -> None:
    op.add_column("letter", sa.Column("parameters", sa.Text(), nullable=False, server_default="{}"))
