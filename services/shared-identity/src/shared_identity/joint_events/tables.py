"""The tables of joint events: one row an event, and those of its parts."""

from servicekit.sql import UtcDateTime
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from shared_identity.tables import METADATA

joint_event = Table(
    "joint_event",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("venue_name", Text, nullable=False),
    Column("venue_address", Text, nullable=False),
    Column("venue_directions", Text, nullable=False),
    Column("venue_accessibility", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("published_at", UtcDateTime),
    Column("explanation", Text, nullable=False),
    Column("arrangement_in_force", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
    Index("ix_joint_event_start", "starts_at", "event_id"),
    Index("ix_joint_event_end", "ends_at", "event_id"),
)
"""Events. Whoever changes one, or a part of it, holds its row."""

organiser = Table(
    "organiser",
    METADATA,
    Column("organiser_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("structure", Text, ForeignKey("structure.slug")),
    Column("partner", Text, nullable=False),
    Column("website", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("access", Integer, nullable=False),
    # A structure organises an event once; partners have no slug, and NULLs never meet.
    UniqueConstraint("event_id", "structure"),
    CheckConstraint("(structure IS NULL) <> (partner = '')", name="structure_or_partner"),
    Index("ix_organiser_structure", "structure", "event_id"),
)
"""Those who prepare: a structure of the groupement, or an outside partner by its name."""

delegate = Table(
    "delegate",
    METADATA,
    Column("delegate_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("organiser_id", Text, ForeignKey("organiser.organiser_id", ondelete="CASCADE"), nullable=False),
    Column("email", Text, nullable=False),
    Column("access", Integer, nullable=False),
    UniqueConstraint("organiser_id", "email"),
    Index("ix_delegate_email", "email", "event_id"),
    Index("ix_delegate_event", "event_id", "delegate_id"),
)
"""People who act for an organiser without being of its staff, by the address they were invited at."""

event_challenge = Table(
    "event_challenge",
    METADATA,
    Column("challenge_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_event_challenge_event", "event_id"),
)
"""The questions events work on."""

event_session = Table(
    "event_session",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("room", Text, nullable=False),
    Column("challenge_id", Text, ForeignKey("event_challenge.challenge_id")),
    Column("speakers", Text, nullable=False),
    Column("chosen", Boolean, nullable=False),
    CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
    Index("ix_event_session_event", "event_id"),
)
"""Their parts."""

event_question = Table(
    "event_question",
    METADATA,
    Column("question_id", Text, primary_key=True),
    Column("event_id", Text, ForeignKey("joint_event.event_id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("choices", Text, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("session_id", Text, ForeignKey("event_session.session_id")),
    Column("position", Integer, nullable=False),
    Index("ix_event_question_event", "event_id"),
)
"""What is asked at registration; choices as a JSON list."""

arrangement = Table(
    "arrangement",
    METADATA,
    Column("event_id", Text, ForeignKey("joint_event.event_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("outline", Text, nullable=False),
    Column("duties", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("retention_days", Integer, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    CheckConstraint("retention_days >= 0", name="kept_some_days"),
)
"""Arrangements between the organisers, each version for ever as it was proposed; duties as a JSON list."""

arrangement_approval = Table(
    "arrangement_approval",
    METADATA,
    Column("event_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    # Not a foreign key: what an organiser approved stays on record when it is taken away.
    Column("organiser_id", Text, primary_key=True),
    Column("approved_at", UtcDateTime, nullable=False),
)
"""Who approved which version, and when."""
