"""Where state is kept: SQLite or PostgreSQL, with the same promises."""

from sqlalchemy.dialects.postgresql import insert

from servicekit.sql.answers import Command, RequestIdReused
from servicekit.sql.columns import SORT_TEXT, UtcDateTime
from servicekit.sql.due import Due
from servicekit.sql.engine import Database
from servicekit.sql.lease import Lease
from servicekit.sql.rows import Rows
from servicekit.sql.sweeper import Sweeper
from servicekit.sql.tables import kit_metadata, kit_tables, service_metadata
from servicekit.sql.trouble import DatabaseAway, DatabaseBusy, WroteWhileReading
from servicekit.sql.work import Work, insert_if_absent

__all__ = [
    "SORT_TEXT",
    "Command",
    "Database",
    "DatabaseAway",
    "DatabaseBusy",
    "Due",
    "Lease",
    "RequestIdReused",
    "Rows",
    "Sweeper",
    "UtcDateTime",
    "Work",
    "WroteWhileReading",
    "insert",
    "insert_if_absent",
    "kit_metadata",
    "kit_tables",
    "service_metadata",
]
