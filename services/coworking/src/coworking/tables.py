"""What this service keeps: one table a noun, with the rules that the database itself holds."""

from servicekit.sql import SORT_TEXT, UtcDateTime, service_metadata
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

METADATA = service_metadata()


membership = Table(
    "membership",
    METADATA,
    Column("membership_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("version", Integer, nullable=False),
    CheckConstraint("ends_on >= starts_on", name="period"),
    Index("membership_person", "person_id", "membership_id"),
)
"""Memberships that this structure declared."""

place = Table(
    "place",
    METADATA,
    Column("place_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sort_name", SORT_TEXT, nullable=False),
    Column("address", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("opening_hours", JSON, nullable=False),
    Column("accessibility", JSON, nullable=False),
    Index("place_by_name", "sort_name", "place_id"),
)
"""Buildings and floors that the structure runs; hours are in minutes after midnight of their own time."""

resource = Table(
    "resource",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("place_id", Text, ForeignKey("place.place_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_name", SORT_TEXT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("half_day_cents", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("accessibility", JSON, nullable=False),
    CheckConstraint("units >= 1", name="units"),
    CheckConstraint("half_day_cents >= 0", name="price"),
    Index("resource_by_kind", "rank", "sort_name", "resource_id"),
    Index("resource_of_place", "place_id", "rank", "sort_name", "resource_id"),
)
"""Spaces that can be booked; `rank` is the place of their kind in lists."""

entitlement = Table(
    "entitlement",
    METADATA,
    Column("entitlement_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("agreement_id", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("resource_kind", Text, nullable=False),
    Column("half_days_per_month", Integer, nullable=False),
    Column("price_cents", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("closed", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("half_days_per_month >= 0", name="quota"),
    Index("entitlement_person", "person_id", "entitlement_id"),
    Index("entitlement_newest", "changed_at"),
)
"""Rights opened to people here, as shared-identity last told them."""

entitlement_month = Table(
    "entitlement_month",
    METADATA,
    Column("entitlement_id", Text, ForeignKey("entitlement.entitlement_id"), primary_key=True),
    Column("month", Text, primary_key=True),
    Column("taken", Integer, nullable=False),
    Column("quota", Integer, nullable=False),
    CheckConstraint("taken >= 0", name="taken"),
    CheckConstraint("taken <= quota", name="never_overdrawn"),
    sqlite_with_rowid=False,
)
"""Half-days that live bookings take of a right, month by month."""

booking = Table(
    "booking",
    METADATA,
    Column("booking_id", Text, primary_key=True),
    Column("resource_id", Text, ForeignKey("resource.resource_id"), nullable=False),
    Column("place_id", Text, ForeignKey("place.place_id"), nullable=False),
    Column("unit", Integer, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("start_at", UtcDateTime, nullable=False),
    Column("end_at", UtcDateTime, nullable=False),
    Column("day", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("coverage", Text, nullable=False),
    Column("price_cents", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("entitlement_id", Text, ForeignKey("entitlement.entitlement_id")),
    Column("half_days", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("start_at < end_at", name="span"),
    CheckConstraint("half_days BETWEEN 1 AND 2", name="half_days"),
    CheckConstraint("(coverage = 'ENTITLEMENT') = (entitlement_id IS NOT NULL)", name="coverage"),
    Index("booking_of_person", "person_id", "start_at", "booking_id"),
    Index("booking_of_day", "place_id", "day", "start_at", "booking_id"),
    Index("booking_newest", "changed_at"),
    Index(
        "booking_of_right",
        "entitlement_id",
        "day",
        sqlite_where=text("entitlement_id IS NOT NULL"),
        postgresql_where=text("entitlement_id IS NOT NULL"),
    ),
)
"""Spaces held for people; `day` is the day at the place."""

resource_slot = Table(
    "resource_slot",
    METADATA,
    Column("resource_id", Text, primary_key=True),
    Column("unit", Integer, primary_key=True),
    Column("starts_at", UtcDateTime, primary_key=True),
    Column("booking_id", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Quarters of an hour that live bookings own: the primary key is what makes a double booking impossible."""

check_in = Table(
    "check_in",
    METADATA,
    Column("check_in_id", Text, primary_key=True),
    Column("place_id", Text, ForeignKey("place.place_id"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("booking_id", Text, ForeignKey("booking.booking_id"), nullable=False, unique=True),
    Column("checked_in_at", UtcDateTime, nullable=False),
    Column("half_days", Integer, nullable=False),
    Index("check_in_newest", "place_id", "checked_in_at", "check_in_id"),
)
"""Presences; one a booking, however many doors saw the card."""

usage = Table(
    "usage",
    METADATA,
    Column("usage_id", Text, primary_key=True),
    Column("booking_id", Text, ForeignKey("booking.booking_id"), nullable=False, unique=True),
    Column("entitlement_id", Text, ForeignKey("entitlement.entitlement_id"), nullable=False),
    Column("half_days", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Index("usage_of_right", "entitlement_id", "day"),
)
"""Uses of rights, counted once a booking and shared with the groupement."""

revoked_card = Table(
    "revoked_card",
    METADATA,
    Column("card_id", Text, primary_key=True),
    Column("revoked_at", UtcDateTime, nullable=False),
    Index("revoked_card_newest", "revoked_at"),
)
"""Cards that no door may accept any more."""
