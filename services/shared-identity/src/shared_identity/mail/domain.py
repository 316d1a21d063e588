"""Letters: what we write to people, to whom, in which language, until when it is of use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=10)


class Kind(StrEnum):
    """What a letter is for."""

    VERIFY_EMAIL = "verify_email"
    ALREADY_REGISTERED = "already_registered"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - not a password
    SIGN_IN_LINK = "sign_in_link"
    REGISTER = "register"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter to an address; `code_id` names the code its link carries, "" when it carries none."""

    letter_id: str
    kind: Kind
    recipient: str
    locale: str
    code_id: str = ""
    made_at: datetime
    lapses_at: datetime
    attempts: int = 0

    def lapsed(self, now: datetime) -> bool:
        """Whether it is of no use any more."""
        return now >= self.lapses_at


def next_try(letter: Letter, now: datetime) -> datetime:
    """When to try again what could not be sent: after 2 s, doubling, ten minutes at most."""
    return now + min(_FIRST_WAIT * (1 << min(letter.attempts, 20)), _LONGEST_WAIT)
