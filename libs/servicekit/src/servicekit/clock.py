"""The clock, as a value that is handed in."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC."""


def utc_now() -> datetime:
    """The machine's clock: aware, in UTC."""
    return datetime.now(UTC)
