"""Joint events and those who prepare them."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime

revision = "0004_joint_events"
down_revision = "0003_directory"


def upgrade() -> None:
    """Makes their tables."""
    _events()
    _organisers()
    _delegates()
    _challenges()
    _sessions()
    _questions()
    _arrangements()


def _events() -> None:
    op.create_table(
        "joint_event",
        *_texts("event_id", "slug", "title", "summary", "description"),
        *_instants("starts_at", "ends_at"),
        *_texts("venue_name", "venue_address", "venue_directions", "venue_accessibility", "state"),
        sa.Column("published_at", UtcDateTime()),
        *_texts("explanation"),
        sa.Column("arrangement_in_force", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_joint_event"),
        sa.UniqueConstraint("slug", name="uq_joint_event_slug"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_joint_event_starts_before_it_ends"),
    )
    op.create_index("ix_joint_event_start", "joint_event", ["starts_at", "event_id"])
    op.create_index("ix_joint_event_end", "joint_event", ["ends_at", "event_id"])


def _organisers() -> None:
    op.create_table(
        "organiser",
        *_texts("organiser_id", "event_id"),
        sa.Column("structure", sa.Text()),
        *_texts("partner", "website", "role"),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("access", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organiser_id", name="pk_organiser"),
        sa.UniqueConstraint("event_id", "structure", name="uq_organiser_event_id_structure"),
        sa.CheckConstraint("(structure IS NULL) <> (partner = '')", name="ck_organiser_structure_or_partner"),
        _of_event("organiser"),
        sa.ForeignKeyConstraint(["structure"], ["structure.slug"], name="fk_organiser_structure_structure"),
    )
    op.create_index("ix_organiser_structure", "organiser", ["structure", "event_id"])


def _delegates() -> None:
    op.create_table(
        "delegate",
        *_texts("delegate_id", "event_id", "organiser_id", "email"),
        sa.Column("access", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("delegate_id", name="pk_delegate"),
        sa.UniqueConstraint("organiser_id", "email", name="uq_delegate_organiser_id_email"),
        _of_event("delegate"),
        sa.ForeignKeyConstraint(
            ["organiser_id"],
            ["organiser.organiser_id"],
            name="fk_delegate_organiser_id_organiser",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_delegate_email", "delegate", ["email", "event_id"])
    op.create_index("ix_delegate_event", "delegate", ["event_id", "delegate_id"])


def _challenges() -> None:
    op.create_table(
        "event_challenge",
        *_texts("challenge_id", "event_id", "title", "description"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_id", name="pk_event_challenge"),
        _of_event("event_challenge"),
    )
    op.create_index("ix_event_challenge_event", "event_challenge", ["event_id"])


def _sessions() -> None:
    op.create_table(
        "event_session",
        *_texts("session_id", "event_id", "title", "description", "format"),
        *_instants("starts_at", "ends_at"),
        *_texts("room"),
        sa.Column("challenge_id", sa.Text()),
        *_texts("speakers"),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_event_session"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_event_session_starts_before_it_ends"),
        _of_event("event_session"),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["event_challenge.challenge_id"], name="fk_event_session_challenge_id_event_challenge"
        ),
    )
    op.create_index("ix_event_session_event", "event_session", ["event_id"])


def _questions() -> None:
    op.create_table(
        "event_question",
        *_texts("question_id", "event_id", "label", "kind", "choices"),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("session_id", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_event_question"),
        _of_event("event_question"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["event_session.session_id"], name="fk_event_question_session_id_event_session"
        ),
    )
    op.create_index("ix_event_question_event", "event_question", ["event_id"])


def _arrangements() -> None:
    op.create_table(
        "arrangement",
        *_texts("event_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("outline", "duties", "contact"),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        *_instants("proposed_at"),
        sa.PrimaryKeyConstraint("event_id", "version", name="pk_arrangement"),
        sa.CheckConstraint("retention_days >= 0", name="ck_arrangement_kept_some_days"),
        _of_event("arrangement"),
    )
    op.create_table(
        "arrangement_approval",
        *_texts("event_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_texts("organiser_id"),
        *_instants("approved_at"),
        sa.PrimaryKeyConstraint("event_id", "version", "organiser_id", name="pk_arrangement_approval"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instants(*names: str) -> list[sa.Column[UtcDateTime]]:
    return [sa.Column(name, UtcDateTime(), nullable=False) for name in names]


def _of_event(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["event_id"], ["joint_event.event_id"], name=f"fk_{table}_event_id_joint_event")
