"""Structures, posts, memberships, agreements, the rights they open and the uses they count."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime

revision = "0002_alliance"
down_revision = "0001_people"


def upgrade() -> None:
    """Makes the tables of structures, posts, memberships and agreements."""
    _structures()
    _posts()
    _memberships()
    _staff_roles()
    _agreements()
    _entitlements()
    _usages()


def _structures() -> None:
    op.create_table(
        "groupement", *_texts("slug", "name", "signature"), sa.PrimaryKeyConstraint("slug", name="pk_groupement")
    )
    op.create_table(
        "structure",
        *_texts("slug", "name", "legal_form", "siren", "siret", "rna", "vat_status", "data_contact"),
        sa.Column("brand_hue", sa.Integer(), nullable=False),
        *_days("start_date", "end_date"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_structure"),
        sa.CheckConstraint("siret = '' OR substr(siret, 1, 9) = siren", name="ck_structure_siret_of_siren"),
    )


def _posts() -> None:
    op.create_table(
        "post",
        *_texts("post_id", "title", "person_id", "employer"),
        *_days("start_date", "end_date"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_post"),
        _of_structure("post", "employer"),
    )
    op.create_index("ix_post_person", "post", ["person_id"])
    op.create_index("ix_post_start", "post", ["start_date", "post_id"])
    op.create_table(
        "post_share",
        *_texts("post_id", "structure"),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        *_texts("roles"),
        sa.PrimaryKeyConstraint("post_id", "structure", name="pk_post_share"),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="ck_post_share_part_of_whole"),
        sa.ForeignKeyConstraint(["post_id"], ["post.post_id"], name="fk_post_share_post_id_post"),
        _of_structure("post_share", "structure"),
    )
    op.create_index("ix_post_share_structure", "post_share", ["structure", "post_id"])


def _memberships() -> None:
    op.create_table(
        "membership",
        *_texts("membership_id", "person_id", "structure", "kind"),
        *_days("start_date", "declared_end_date"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ending_date", sa.Date()),
        sa.Column("ending_at_once", sa.Boolean()),
        sa.Column("ending_version", sa.BigInteger()),
        sa.Column("end_date", sa.Date()),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("membership_id", name="pk_membership"),
        _of_structure("membership", "structure"),
    )
    op.create_index("ix_membership_structure", "membership", ["structure", "start_date", "membership_id"])
    op.create_index("ix_membership_person", "membership", ["person_id", "structure", "start_date", "membership_id"])


def _staff_roles() -> None:
    op.create_table(
        "staff_role",
        *_texts("person_id", "structure", "service", "role"),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "structure", "service", "role", name="pk_staff_role"),
        _of_structure("staff_role", "structure"),
    )


def _agreements() -> None:
    op.create_table(
        "agreement",
        *_texts("agreement_id", "grantor", "home"),
        *_days("start_date", "end_date"),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("grantor_signed_at", UtcDateTime()),
        sa.Column("home_signed_at", UtcDateTime()),
        sa.Column("notice_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("agreement_id", name="pk_agreement"),
        sa.CheckConstraint("grantor <> home", name="ck_agreement_two_parties"),
        _of_structure("agreement", "grantor"),
        _of_structure("agreement", "home"),
    )
    op.create_index("ix_agreement_grantor", "agreement", ["grantor", "agreement_id"])
    op.create_index("ix_agreement_home", "agreement", ["home", "agreement_id"])
    op.create_table(
        "agreement_clause",
        *_texts("agreement_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("membership_kind", "resource_kind"),
        sa.Column("half_days_per_month", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agreement_id", "position", name="pk_agreement_clause"),
        sa.UniqueConstraint(
            "agreement_id",
            "membership_kind",
            "resource_kind",
            name="uq_agreement_clause_agreement_id_membership_kind_resource_kind",
        ),
        sa.CheckConstraint("half_days_per_month > 0 AND cents >= 0", name="ck_agreement_clause_something_granted"),
        _of_agreement("agreement_clause"),
    )


def _entitlements() -> None:
    op.create_table(
        "entitlement",
        *_texts("entitlement_id", "person_id", "agreement_id"),
        sa.Column("clause", sa.Integer(), nullable=False),
        *_texts("grantor", "home", "resource_kind"),
        sa.Column("half_days_per_month", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        *_days("start_date", "end_date"),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entitlement_id", name="pk_entitlement"),
        sa.UniqueConstraint("agreement_id", "person_id", "clause", name="uq_entitlement_agreement_id_person_id_clause"),
        sa.ForeignKeyConstraint(
            ["agreement_id", "clause"],
            ["agreement_clause.agreement_id", "agreement_clause.position"],
            name="fk_entitlement_clause",
        ),
    )
    op.create_index("ix_entitlement_person", "entitlement", ["person_id", "entitlement_id"])


def _usages() -> None:
    op.create_table(
        "usage",
        *_texts("usage_id", "entitlement_id"),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("usage_id", name="pk_usage"),
        sa.CheckConstraint("half_days > 0", name="ck_usage_something_used"),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.entitlement_id"], name="fk_usage_entitlement_id_entitlement"
        ),
    )
    op.create_index("ix_usage_entitlement", "usage", ["entitlement_id"])
    op.create_table(
        "usage_count",
        *_texts("month", "agreement_id", "resource_kind", "grantor", "home"),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "agreement_id", "resource_kind", name="pk_usage_count"),
        _of_agreement("usage_count"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _days(first: str, last: str) -> list[sa.Column[object]]:
    return [sa.Column(first, sa.Date(), nullable=False), sa.Column(last, sa.Date())]


def _of_structure(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["structure.slug"], name=f"fk_{table}_{column}_structure")


def _of_agreement(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["agreement_id"], ["agreement.agreement_id"], name=f"fk_{table}_agreement_id_agreement"
    )
