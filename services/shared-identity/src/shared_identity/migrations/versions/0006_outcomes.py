"""Scans at the door, contributions."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime

revision = "0006_outcomes"
down_revision = "0005_registrations"


def upgrade() -> None:
    """Makes their tables."""
    op.create_table(
        "scan",
        *_texts("scan_id", "event_id", "session_id"),
        sa.Column("registration_id", sa.Text()),
        *_texts("kind"),
        sa.Column("walk_in", sa.Boolean(), nullable=False),
        *_texts("undone_scan_id", "device_id"),
        *_instants("at", "said_at", "received_at"),
        *_texts("outcome"),
        sa.PrimaryKeyConstraint("scan_id", name="pk_scan"),
        sa.ForeignKeyConstraint(["event_id"], ["joint_event.event_id"], name="fk_scan_event_id_joint_event"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.registration_id"],
            name="fk_scan_registration_id_registration",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_scan_registration", "scan", ["event_id", "registration_id", "session_id"])
    op.create_index("ix_scan_of", "scan", ["registration_id"])
    op.create_index("ix_scan_undone", "scan", ["undone_scan_id"])
    op.create_table(
        "contribution",
        *_texts("contribution_id", "event_id", "challenge_id", "kind", "title", "text", "carrier"),
        sa.Column("owner_organiser_id", sa.Text()),
        *_texts("state"),
        *_instants("created_at"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_contribution"),
        sa.ForeignKeyConstraint(["event_id"], ["joint_event.event_id"], name="fk_contribution_event_id_joint_event"),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["event_challenge.challenge_id"], name="fk_contribution_challenge_id_event_challenge"
        ),
        sa.ForeignKeyConstraint(
            ["owner_organiser_id"],
            ["organiser.organiser_id"],
            name="fk_contribution_owner_organiser_id_organiser",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_contribution_event", "contribution", ["event_id", "created_at", "contribution_id"])
    op.create_index("ix_contribution_challenge", "contribution", ["challenge_id"])
    op.create_index("ix_contribution_owner", "contribution", ["owner_organiser_id"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instants(*names: str) -> list[sa.Column[UtcDateTime]]:
    return [sa.Column(name, UtcDateTime(), nullable=False) for name in names]
