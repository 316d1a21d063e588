"""The tables of registrations."""

from servicekit.sql import SORT_TEXT, UtcDateTime
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from shared_identity.tables import METADATA

_WAITING = text("state = 'WAITING'")
_KEPT = text("state IN ('HELD', 'OFFERED')")
_HELD = text("state = 'HELD'")

registration = Table(
    "registration",
    METADATA,
    Column("registration_id", Text, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("code_id", Text, nullable=False),
    Column("code_digest", Text, nullable=False, unique=True),
    Column("pool_id", Text, ForeignKey("pool.pool_id")),
    Column("person_id", Text),
    Column("invitation_id", Text),
    Column("given_name", Text, nullable=False),
    Column("family_name", Text, nullable=False),
    Column("sort_name", SORT_TEXT, nullable=False),
    Column("email", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("answers", Text, nullable=False),
    Column("access_needs", Text, nullable=False),
    Column("diet", Text, nullable=False),
    Column("session_ids", Text, nullable=False),
    Column("told", Text, nullable=False),
    Column("visitor", Text, nullable=False),
    Column("arrangement_version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("joined_at", UtcDateTime),
    Column("expires_at", UtcDateTime),
    Column("version", BigInteger, nullable=False),
    Index("ix_registration_list", "event_id", "sort_name", "registration_id"),
    Index("ix_registration_person", "person_id"),
    Index(
        "ix_registration_queue",
        "event_id",
        "joined_at",
        "registration_id",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    Index("ix_registration_kept", "event_id", "expires_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
    Index("ix_registration_visitor", "visitor", sqlite_where=_HELD, postgresql_where=_HELD),
)
"""Seats and wishes; a code is named, and kept as a digest (`shared_identity.codes`)."""

registration_address = Table(
    "registration_address",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("email", Text, primary_key=True),
    # Not a foreign key: an address is claimed before anything is locked, and before its registration is there.
    Column("registration_id", Text, nullable=False),
    Index("ix_registration_address_email", "email"),
)
"""One live registration an event and address, says the primary key."""

registration_basis = Table(
    "registration_basis",
    METADATA,
    Column("registration_id", Text, ForeignKey("registration.registration_id"), primary_key=True),
    Column("organiser_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Index("ix_registration_basis_organiser", "organiser_id"),
)
"""Whose own a registrant is: an organiser without a row here never reads a name."""

invitation = Table(
    "invitation",
    METADATA,
    Column("invitation_id", Text, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("organiser_id", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("code_digest", Text, nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_by", Text),
    UniqueConstraint("organiser_id", "email"),
)
"""Links that organisers gave out; each serves once."""
