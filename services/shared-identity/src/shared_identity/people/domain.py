"""People: the identity, what its parts must look like, the card."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from servicekit.refusals import Invalid, NotFound

LOCALES = ("fr", "en")
CODE_LIFE = timedelta(days=1)
CARD_LIFE = timedelta(days=365)
CARD_RENEWAL = timedelta(days=30)
MOST_NAMES = 200
_SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 256
_FEWEST_LETTERS = 5
_LONGEST_NAME = 100
_LONGEST_EMAIL = 254
_LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class MalformedEmail(Invalid):
    """This is not an e-mail address."""


class NameMissing(Invalid):
    """A name is needed."""


class NameMalformed(Invalid):
    """A name has at most 100 characters, on one line."""


class UnknownLocale(Invalid):
    """Mails and pages are in French (fr) or English (en)."""


class WeakPassword(Invalid):
    """A password needs twelve characters and must not be among those everybody tries first."""


class PasswordTooLong(Invalid):
    """A password has at most 256 characters."""


class UnknownCode(NotFound):
    """This code is unknown, already used, or too old: ask for another."""


class UnknownPerson(NotFound):
    """There is no such person."""


class TooManyNames(Invalid):
    """At most 200 people at a time."""


class MaskUnknown(Invalid):
    """The mask names a field that cannot be changed."""


class Purpose(StrEnum):
    """What a mailed code does."""

    VERIFY = "verify"
    RESET = "reset"


@dataclass(frozen=True, kw_only=True)
class Names:
    """How somebody is called."""

    given_name: str
    family_name: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """A human with one identity; sessions of an older `epoch` are over."""

    person_id: str
    email: str
    given_name: str
    family_name: str
    locale: str
    email_verified: bool = False
    password_hash: str = ""
    epoch: int = 1
    created_at: datetime
    version: int = 1

    @property
    def usable_password_hash(self) -> str:
        """The password that signs in: none before the address is proved."""
        return self.password_hash if self.email_verified else ""

    def proved(self) -> "Person":
        """The same, the address proved."""
        return replace(self, email_verified=True, version=self.version + 1)

    def registered_as(self, names: Names, password_hash: str) -> "Person":
        """The same, proved by the letter of one registration: only what that one asked for counts."""
        return replace(
            self.proved(), given_name=names.given_name, family_name=names.family_name, password_hash=password_hash
        )

    def with_password(self, password_hash: str) -> "Person":
        """The same with a new password: the address is proved by the way, every session is over."""
        return replace(
            self, email_verified=True, password_hash=password_hash, epoch=self.epoch + 1, version=self.version + 1
        )


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What somebody who registers says; `password_hash` is "" for who signs in by link."""

    email: str
    names: Names
    locale: str
    password_hash: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody changes of themselves; None leaves it as it is."""

    given_name: str | None = None
    family_name: str | None = None
    locale: str | None = None

    def applied_to(self, person: Person) -> Person:
        """The person, changed."""
        return replace(
            person,
            given_name=person.given_name if self.given_name is None else self.given_name,
            family_name=person.family_name if self.family_name is None else self.family_name,
            locale=person.locale if self.locale is None else self.locale,
            version=person.version + 1,
        )


@dataclass(frozen=True, kw_only=True)
class Card:
    """The member card; its code is signed again from this each time, by the key `kid`."""

    card_id: str
    person_id: str
    kid: str
    issued_at: datetime
    expires_at: datetime

    @classmethod
    def new(cls, card_id: str, person_id: str, kid: str, now: datetime) -> "Card":
        """A card for a year, in whole seconds: that is what its code says."""
        issued_at = now.replace(microsecond=0)
        return cls(card_id=card_id, person_id=person_id, kid=kid, issued_at=issued_at, expires_at=issued_at + CARD_LIFE)

    def is_fresh(self, kids: Collection[str], now: datetime) -> bool:
        """Whether its code stands: its key is still ours and it has more than 30 days left."""
        return self.kid in kids and now < self.expires_at - CARD_RENEWAL

    def renewed(self, kid: str, now: datetime) -> "Card":
        """The same card for another year: revoking it revokes every code it ever had."""
        return Card.new(self.card_id, self.person_id, kid, now)


def email_address(text: str) -> str:
    """An address as we keep it: NFKC, small letters, the domain in ASCII (RFC 5891); raises MalformedEmail."""
    local, at, domain = unicodedata.normalize("NFKC", text).strip().lower().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if domain else ""
    except UnicodeError as error:
        raise MalformedEmail(field="email") from error
    address = f"{local}{at}{domain}"
    fits = len(local) <= _LONGEST_LOCAL and len(address) <= _LONGEST_EMAIL
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise MalformedEmail(field="email")
    return address


def name(text: str, field: str) -> str:
    """A given or family name, trimmed; raises NameMissing or NameMalformed."""
    trimmed = unicodedata.normalize("NFC", text).strip()
    if not trimmed:
        raise NameMissing(field=field)
    if len(trimmed) > _LONGEST_NAME or any(unicodedata.category(letter).startswith("C") for letter in trimmed):
        raise NameMalformed(field=field)
    return trimmed


def locale(text: str, field: str = "locale") -> str:
    """A language we write in, French unless said otherwise; raises UnknownLocale."""
    if text and text not in LOCALES:
        raise UnknownLocale(field=field)
    return text or LOCALES[0]


def check_password(password: str, common: Collection[str]) -> None:
    """Refuses a password that would be guessed (NIST SP 800-63B, §5.1.1.2); raises WeakPassword, PasswordTooLong."""
    if len(password) > _LONGEST_PASSWORD:
        raise PasswordTooLong(field="password")
    easy = password.casefold() in common or len(set(password)) < _FEWEST_LETTERS
    if len(password) < _SHORTEST_PASSWORD or easy:
        raise WeakPassword(field="password")
