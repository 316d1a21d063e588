"""Places, rights, bookings and the door."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime
from servicekit.sql.migrations import create_kit_tables

revision = "0001_from_a_place_to_its_door"
down_revision = None


def upgrade() -> None:
    """Makes the tables of every slice, and the kit's."""
    create_kit_tables(op)
    _membership()
    _place()
    _resource()
    _entitlement()
    _entitlement_month()
    _booking()
    _resource_slot()
    _check_in()
    _usage()
    _revoked_card()


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("membership_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("membership_period")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("membership_pkey")),
    )
    op.create_index("membership_person", "membership", ["person_id", "membership_id"])


def _place() -> None:
    op.create_table(
        "place",
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("opening_hours", sa.JSON(), nullable=False),
        sa.Column("accessibility", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("place_id", name=op.f("place_pkey")),
    )
    op.create_index("place_by_name", "place", ["sort_name", "place_id"])


def _resource() -> None:
    op.create_table(
        "resource",
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("half_day_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("accessibility", sa.JSON(), nullable=False),
        sa.CheckConstraint("half_day_cents >= 0", name=op.f("resource_price")),
        sa.CheckConstraint("units >= 1", name=op.f("resource_units")),
        sa.ForeignKeyConstraint(["place_id"], ["place.place_id"], name=op.f("resource_place_id_fkey")),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("resource_pkey")),
    )
    op.create_index("resource_by_kind", "resource", ["rank", "sort_name", "resource_id"])
    op.create_index("resource_of_place", "resource", ["place_id", "rank", "sort_name", "resource_id"])


def _entitlement() -> None:
    op.create_table(
        "entitlement",
        sa.Column("entitlement_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("resource_kind", sa.Text(), nullable=False),
        sa.Column("half_days_per_month", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("half_days_per_month >= 0", name=op.f("entitlement_quota")),
        sa.PrimaryKeyConstraint("entitlement_id", name=op.f("entitlement_pkey")),
    )
    op.create_index("entitlement_newest", "entitlement", ["changed_at"])
    op.create_index("entitlement_person", "entitlement", ["person_id", "entitlement_id"])


def _entitlement_month() -> None:
    op.create_table(
        "entitlement_month",
        sa.Column("entitlement_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken <= quota", name=op.f("entitlement_month_never_overdrawn")),
        sa.CheckConstraint("taken >= 0", name=op.f("entitlement_month_taken")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.entitlement_id"], name=op.f("entitlement_month_entitlement_id_fkey")
        ),
        sa.PrimaryKeyConstraint("entitlement_id", "month", name=op.f("entitlement_month_pkey")),
        sqlite_with_rowid=False,
    )


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("end_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("coverage", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("entitlement_id", sa.Text()),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(coverage = 'ENTITLEMENT') = (entitlement_id IS NOT NULL)", name=op.f("booking_coverage")),
        sa.CheckConstraint("half_days BETWEEN 1 AND 2", name=op.f("booking_half_days")),
        sa.CheckConstraint("start_at < end_at", name=op.f("booking_span")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.entitlement_id"], name=op.f("booking_entitlement_id_fkey")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.place_id"], name=op.f("booking_place_id_fkey")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.resource_id"], name=op.f("booking_resource_id_fkey")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("booking_pkey")),
    )
    op.create_index("booking_newest", "booking", ["changed_at"])
    op.create_index("booking_of_day", "booking", ["place_id", "day", "start_at", "booking_id"])
    op.create_index("booking_of_person", "booking", ["person_id", "start_at", "booking_id"])
    op.create_index(
        "booking_of_right",
        "booking",
        ["entitlement_id", "day"],
        unique=False,
        sqlite_where=sa.text("entitlement_id IS NOT NULL"),
        postgresql_where=sa.text("entitlement_id IS NOT NULL"),
    )


def _resource_slot() -> None:
    op.create_table(
        "resource_slot",
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "unit", "starts_at", name=op.f("resource_slot_pkey")),
        sqlite_with_rowid=False,
    )


def _check_in() -> None:
    op.create_table(
        "check_in",
        sa.Column("check_in_id", sa.Text(), nullable=False),
        sa.Column("place_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("checked_in_at", UtcDateTime(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.booking_id"], name=op.f("check_in_booking_id_fkey")),
        sa.ForeignKeyConstraint(["place_id"], ["place.place_id"], name=op.f("check_in_place_id_fkey")),
        sa.PrimaryKeyConstraint("check_in_id", name=op.f("check_in_pkey")),
        sa.UniqueConstraint("booking_id", name=op.f("check_in_booking_id_key")),
    )
    op.create_index("check_in_newest", "check_in", ["place_id", "checked_in_at", "check_in_id"])


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("usage_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Text(), nullable=False),
        sa.Column("entitlement_id", sa.Text(), nullable=False),
        sa.Column("half_days", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.booking_id"], name=op.f("usage_booking_id_fkey")),
        sa.ForeignKeyConstraint(
            ["entitlement_id"], ["entitlement.entitlement_id"], name=op.f("usage_entitlement_id_fkey")
        ),
        sa.PrimaryKeyConstraint("usage_id", name=op.f("usage_pkey")),
        sa.UniqueConstraint("booking_id", name=op.f("usage_booking_id_key")),
    )
    op.create_index("usage_of_right", "usage", ["entitlement_id", "day"])


def _revoked_card() -> None:
    op.create_table(
        "revoked_card",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", name=op.f("revoked_card_pkey")),
    )
    op.create_index("revoked_card_newest", "revoked_card", ["revoked_at"])
