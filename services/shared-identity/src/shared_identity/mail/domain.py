"""Letters: what we write to people, to whom, in which language, until when it is of use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    TICKET = "ticket"
    WAITING = "waiting"
    OFFER = "offer"
    OFFER_LAPSED = "offer_lapsed"
    REGISTRATION_CANCELLED = "registration_cancelled"
    REGISTRATION_WITHDRAWN = "registration_withdrawn"
    TICKET_TRANSFERRED = "ticket_transferred"
    EVENT_CHANGED = "event_changed"
    EVENT_CANCELLED = "event_cancelled"
    EVENT_MESSAGE = "event_message"
    INVITATION = "invitation"
    DELEGATE_INVITED = "delegate_invited"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter to an address; `code_id` names the code its link carries, "" when it carries none.

    `parameters` are what the words of its kind leave open (`shared_identity.mail.texts`).
    """

    letter_id: str
    kind: Kind
    recipient: str
    locale: str
    code_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    made_at: datetime
    lapses_at: datetime
    attempts: int = 0

    def lapsed(self, now: datetime) -> bool:
        """Whether it is of no use any more."""
        return now >= self.lapses_at


def next_try(letter: Letter, now: datetime) -> datetime:
    """When to try again what could not be sent: after 2 s, doubling, ten minutes at most."""
    return now + min(_FIRST_WAIT * (1 << min(letter.attempts, 20)), _LONGEST_WAIT)
