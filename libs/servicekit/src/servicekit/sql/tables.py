"""The tables every service carries besides its own: what it tells, what it heard, answered, owes and holds."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

from servicekit.sql.columns import UtcDateTime

_kit = MetaData()

outbox = Table(
    "outbox",
    _kit,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("fact_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # A position is never given twice: a relay that lost its lease may still delete the ones it read.
    sqlite_autoincrement=True,
    postgresql_with={"autovacuum_vacuum_scale_factor": 0.0, "autovacuum_vacuum_threshold": 1000},
)
"""Facts announced and not yet told."""

inbox = Table(
    "inbox",
    _kit,
    Column("subscriber", Text, primary_key=True),
    Column("fact_id", Text, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    Index("inbox_received_at", "received_at"),
    sqlite_with_rowid=False,
)
"""Facts a subscriber has already taken in."""

inbox_version = Table(
    "inbox_version",
    _kit,
    Column("subscriber", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    postgresql_with={"fillfactor": 80},
)
"""The latest version of each aggregate a subscriber has taken in."""

answer = Table(
    "answer",
    _kit,
    Column("request_id", Text, primary_key=True),
    Column("method", Text, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("response", LargeBinary),
    Column("answered_at", UtcDateTime, nullable=False),
    Index("answer_answered_at", "answered_at"),
)
"""Answers given to commands, for whoever asks the same again."""

due = Table(
    "due",
    _kit,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("try_at", UtcDateTime, nullable=False),
    Column("payload", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failure", Text, nullable=False),
    Index("due_try_at", "try_at"),
    sqlite_with_rowid=False,
)
"""What must be done later."""

lease = Table(
    "lease",
    _kit,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("term", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Who alone may do what, and until when."""

staff = Table(
    "staff",
    _kit,
    Column("person_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    sqlite_with_rowid=False,
)
"""Who holds which role at this structure, as the structure itself says."""


_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def kit_tables(metadata: MetaData) -> None:
    """Adds the kit's tables to a service's own."""
    for table in _kit.sorted_tables:
        table.to_metadata(metadata)


def kit_metadata() -> MetaData:
    """The kit's tables alone, on a metadata of their own."""
    metadata = MetaData()
    kit_tables(metadata)
    return metadata


def service_metadata() -> MetaData:
    """A metadata for a service's own tables, the kit's among them: constraints get the same names on both engines."""
    metadata = MetaData(naming_convention=_NAMES)
    kit_tables(metadata)
    return metadata
