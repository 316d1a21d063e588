"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SORT_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its code points, on both engines."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware and in UTC out, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The instant as the engine keeps it; raises TypeError when it says no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"an instant needs its time zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """The instant in UTC, whatever the engine gave."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
