"""What the database's errors mean to a caller: try again later, say something else, or a mistake in our code."""

import sqlite3

from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.event import listen

from servicekit.fields import TextUnprintable
from servicekit.refusals import Unavailable

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_AWAY = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOLFS}
_POSTGRES_BUSY = ("40001", "40P01", "55P03", "57014", "25P03")
_POSTGRES_AWAY = ("08", "53", "57P0", "58")
_READ_ONLY = "25006"
_NO_TEXT = "22021"
"""A text with a NUL in it: PostgreSQL keeps none, and looks for none."""


class DatabaseBusy(Unavailable):
    """The database is busy with other writes; the same request may succeed later."""


class DatabaseAway(Unavailable):
    """The database cannot be reached or cannot write."""


class WroteWhileReading(RuntimeError):
    """A write was attempted in `Database.reading()`: a mistake in our code."""


def translate_errors(engine: Engine) -> None:
    """Makes an engine raise Unavailable where trying again later may help, WroteWhileReading where it never will.

    And TextUnprintable for a text that it cannot hold: whoever asked may have sent one.
    """
    listen(engine, "handle_error", _translate)


def _translate(context: ExceptionContext) -> None:
    if meaning := _meaning(context):
        raise meaning from context.original_exception


def _meaning(context: ExceptionContext) -> Exception | None:
    error = context.original_exception
    if not isinstance(error, Exception):
        return None  # a cancellation, which also breaks the connection, must stay one
    if context.is_disconnect:
        return DatabaseAway()
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    return _of_postgres(getattr(error, "sqlstate", None) or "")


def _of_sqlite(error: sqlite3.Error) -> Exception | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return DatabaseBusy()
    if code in _SQLITE_AWAY:
        return DatabaseAway()
    return WroteWhileReading() if code == sqlite3.SQLITE_READONLY else None


def _of_postgres(state: str) -> Exception | None:
    if state in _POSTGRES_BUSY:
        return DatabaseBusy()
    if state.startswith(_POSTGRES_AWAY):
        return DatabaseAway()
    if state == _NO_TEXT:
        return TextUnprintable()
    return WroteWhileReading() if state == _READ_ONLY else None
