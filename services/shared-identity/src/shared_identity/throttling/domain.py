"""How often something may be tried: so many times in any stretch of a given length."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many times `within` a stretch, whenever it begins."""

    kind: str
    most: int
    within: timedelta


PASSWORDS = Limit(kind="password", most=10, within=_QUARTER)
"""Wrong passwords for an address."""

MAILS = Limit(kind="mail", most=5, within=_QUARTER)
"""Letters to an address that somebody else may have asked for."""


def recent(tries: Sequence[datetime], limit: Limit, now: datetime) -> list[datetime]:
    """The tries that still count, oldest first; those a clock set back left in the future count as made now."""
    return sorted(min(at, now) for at in tries if at > now - limit.within)


def allows(tries: Sequence[datetime], limit: Limit) -> bool:
    """Whether one more is allowed after these."""
    return len(tries) < limit.most
