"""Login challenges: raised by a client, answered by a person, resumed by their browser, each once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from servicekit.refusals import Exhausted, NotFound, Unauthenticated

CHALLENGE_LIFE = timedelta(minutes=10)
LINK_LIFE = timedelta(minutes=20)
RESUME_LIFE = timedelta(minutes=2)


class UnknownChallenge(NotFound):
    """This sign-in is unknown, over, or took too long: start again."""


class WrongCredentials(Unauthenticated):
    """The address or the password is wrong."""


class TooManyTries(Exhausted):
    """Too many tries for this address: wait a quarter of an hour."""


class Method(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105 - not a password
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a client asks of whoever answers; `request` is the client's own business, kept as it is."""

    client_id: str
    client_name: str
    login_hint: str
    request: str


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """A challenge that waits for an answer; `digest` is what is kept of its secret."""

    digest: str
    asked: Asked
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Who answered, how and when; `epoch` is their sessions' at that moment."""

    person_id: str
    method: Method
    epoch: int
    answered_at: datetime
