"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

SORT_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its code points, on both engines."""

_LENGTH = len("2026-11-26 17:30:00.000000")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware and in UTC out, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], datetime | str | None]:
        """Gives the instant as the driver takes it; raises TypeError when it says no time zone."""
        return _as_text if dialect.name == "sqlite" else _in_utc

    def result_processor(
        self,
        dialect: Dialect,
        coltype: object,  # noqa: ARG002
    ) -> Callable[[Any], datetime | None]:
        """Gives the instant in UTC, whatever the driver gave."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise TypeError(f"an instant needs its time zone: {value!r}")
    return value.astimezone(UTC)


@lru_cache(maxsize=1000)
def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it: `2026-11-26 17:30:00.000000`. One command writes the same instant several times."""
    utc = _in_utc(value)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:_LENGTH]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)
