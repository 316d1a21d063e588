"""Seats, registrations, invitations, and letters that say more."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import SORT_TEXT, UtcDateTime

revision = "0005_registrations"
down_revision = "0004_joint_events"


def upgrade() -> None:
    """Makes their tables."""
    _seats()
    _registrations()
    _addresses_and_bases()
    _invitations()
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


def _registrations() -> None:
    op.create_table(
        "registration",
        *_texts("registration_id", "event_id", "state", "code_id", "code_digest"),
        sa.Column("pool_id", sa.Text()),
        sa.Column("person_id", sa.Text()),
        sa.Column("invitation_id", sa.Text()),
        *_texts("given_name", "family_name"),
        sa.Column("sort_name", SORT_TEXT, nullable=False),
        *_texts("email", "locale", "profile", "organisation", "answers", "access_needs", "diet", "session_ids"),
        *_texts("told", "visitor"),
        sa.Column("arrangement_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("joined_at", UtcDateTime()),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", name="pk_registration"),
        sa.UniqueConstraint("code_digest", name="uq_registration_code_digest"),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.pool_id"], name="fk_registration_pool_id_pool"),
    )
    op.create_index("ix_registration_list", "registration", ["event_id", "sort_name", "registration_id"])
    op.create_index("ix_registration_person", "registration", ["person_id"])
    _index_some("ix_registration_queue", ["event_id", "joined_at", "registration_id"], "state = 'WAITING'")
    _index_some("ix_registration_kept", ["event_id", "expires_at"], "state IN ('HELD', 'OFFERED')")
    _index_some("ix_registration_visitor", ["visitor"], "state = 'HELD'")


def _addresses_and_bases() -> None:
    op.create_table(
        "registration_address",
        *_texts("event_id", "email", "registration_id"),
        sa.PrimaryKeyConstraint("event_id", "email", name="pk_registration_address"),
    )
    op.create_index("ix_registration_address_email", "registration_address", ["email"])
    op.create_table(
        "registration_basis",
        *_texts("registration_id", "organiser_id", "kind"),
        sa.PrimaryKeyConstraint("registration_id", "organiser_id", "kind", name="pk_registration_basis"),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.registration_id"],
            name="fk_registration_basis_registration_id_registration",
        ),
    )
    op.create_index("ix_registration_basis_organiser", "registration_basis", ["organiser_id"])


def _invitations() -> None:
    op.create_table(
        "invitation",
        *_texts("invitation_id", "event_id", "organiser_id", "email", "code_digest"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_by", sa.Text()),
        sa.PrimaryKeyConstraint("invitation_id", name="pk_invitation"),
        sa.UniqueConstraint("code_digest", name="uq_invitation_code_digest"),
        sa.UniqueConstraint("organiser_id", "email", name="uq_invitation_organiser_id_email"),
    )


def _letters() -> None:
    op.add_column("letter", sa.Column("parameters", sa.Text(), nullable=False, server_default="{}"))


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _index_some(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "registration", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
