"""Where state is kept: SQLite or PostgreSQL, with the same promises."""

from sqlalchemy.dialects.postgresql import insert

from servicekit.sql.answers import Command, RequestIdReused
from servicekit.sql.columns import UtcDateTime
from servicekit.sql.due import Due
from servicekit.sql.engine import Database
from servicekit.sql.lease import Lease
from servicekit.sql.sweeper import Sweeper
from servicekit.sql.tables import kit_metadata, kit_tables
from servicekit.sql.trouble import DatabaseAway, DatabaseBusy, WroteWhileReading
from servicekit.sql.work import Work, insert_if_absent

__all__ = [
    "Command",
    "Database",
    "DatabaseAway",
    "DatabaseBusy",
    "Due",
    "Lease",
    "RequestIdReused",
    "Sweeper",
    "UtcDateTime",
    "Work",
    "WroteWhileReading",
    "insert",
    "insert_if_absent",
    "kit_metadata",
    "kit_tables",
]
