"""`--since` reads as people write it."""

from datetime import UTC, datetime

import pytest
from groupement_cli.exits import Trouble
from groupement_cli.facts import parse_since

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("15m", datetime(2026, 11, 22, 11, 45, tzinfo=UTC)),
        ("2h", datetime(2026, 11, 22, 10, 0, tzinfo=UTC)),
        ("7d", datetime(2026, 11, 15, 12, 0, tzinfo=UTC)),
        ("2026-11-22T09:00", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        ("2026-11-22T10:00+01:00", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_understood(text: str, moment: datetime) -> None:
    assert parse_since(text, NOW) == moment


def test_nothing_asked_means_from_now_on() -> None:
    assert parse_since("", NOW) is None


@pytest.mark.parametrize("text", ["yesterday", "2x", "m", "-3h"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Trouble, match="--since takes"):
        parse_since(text, NOW)
