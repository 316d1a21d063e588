"""Where entries of the directory are kept."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, text

from shared_identity.tables import METADATA

_OWN = text("kind = 'PERSON'")

directory_entry = Table(
    "directory_entry",
    METADATA,
    Column("entry_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person_id", Text),
    Column("structure", Text, ForeignKey("structure.slug")),
    Column("fields", Text, nullable=False),
    Column("belongs", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("(person_id IS NULL) <> (structure IS NULL)", name="one_holder"),
    Index("ix_directory_entry_person", "person_id", "entry_id"),
    Index("ix_directory_entry_structure", "structure", "entry_id"),
    # A person has one entry of their own, however many tries are under way at once.
    Index("uq_directory_entry_own", "person_id", unique=True, sqlite_where=_OWN, postgresql_where=_OWN),
)
"""Entries: what they say as JSON, the structures the holder belongs to as slugs."""
