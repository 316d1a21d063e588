"""People, their card, how they sign in, the mail they get."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime
from servicekit.sql.migrations import create_kit_tables

revision = "0001_people"
down_revision = None


def upgrade() -> None:
    """Makes the tables of mail, throttling, people, sign_in and oidc, and the kit's."""
    create_kit_tables(op)
    _letters()
    _people()
    _sign_in()
    _oidc()


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("letter_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("code_id", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("try_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lapses_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name="pk_letter"),
    )
    op.create_index("ix_letter_try_at", "letter", ["try_at"])
    op.create_table(
        "throttle",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries", sa.Text(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_throttle"),
    )
    op.create_index("ix_throttle_until", "throttle", ["until"])


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
    )
    op.create_table(
        "person_code",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_person_code"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name="fk_person_code_person_id_person", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_person_code_person_id", "person_code", ["person_id"])
    op.create_index("ix_person_code_expires_at", "person_code", ["expires_at"])
    op.create_table(
        "card",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("card_id", name="pk_card"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name="fk_card_person_id_person", ondelete="CASCADE"
        ),
    )
    live = sa.text("revoked_at IS NULL")
    op.create_index("ix_card_live", "card", ["person_id"], unique=True, sqlite_where=live, postgresql_where=live)


def _sign_in() -> None:
    op.create_table(
        "sign_in_challenge",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("login_hint", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.Text()),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcDateTime()),
        sa.Column("resume_digest", sa.Text()),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_challenge"),
        sa.UniqueConstraint("resume_digest", name="uq_sign_in_challenge_resume_digest"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name="fk_sign_in_challenge_person_id_person", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sign_in_challenge_expires_at", "sign_in_challenge", ["expires_at"])
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("challenge_digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_link"),
        sa.ForeignKeyConstraint(
            ["challenge_digest"],
            ["sign_in_challenge.digest"],
            name="fk_sign_in_link_challenge_digest_sign_in_challenge",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name="fk_sign_in_link_person_id_person", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_sign_in_link_challenge_digest", "sign_in_link", ["challenge_digest"])
    op.create_index("ix_sign_in_link_expires_at", "sign_in_link", ["expires_at"])


def _oidc() -> None:
    op.create_table(
        "login",
        sa.Column("login_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("refresh_digest", sa.Text()),
        sa.PrimaryKeyConstraint("login_id", name="pk_login"),
        sa.UniqueConstraint("refresh_digest", name="uq_login_refresh_digest"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.person_id"], name="fk_login_person_id_person", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_login_person_id", "login", ["person_id"])
    op.create_index("ix_login_expires_at", "login", ["expires_at"])
    op.create_table(
        "authorization_code",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("login_id", sa.Text(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("digest", name="pk_authorization_code"),
        sa.ForeignKeyConstraint(
            ["login_id"], ["login.login_id"], name="fk_authorization_code_login_id_login", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_authorization_code_login_id", "authorization_code", ["login_id"])
    op.create_index("ix_authorization_code_expires_at", "authorization_code", ["expires_at"])
