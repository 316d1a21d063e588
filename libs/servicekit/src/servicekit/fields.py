"""How the fields of a request must look; each refusal names the field at fault."""

import re
import unicodedata
from datetime import date

from servicekit.refusals import Invalid

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?[0-9 ().\-/]+")
_MOST_EMAIL = 254
_FEWEST_DIGITS, _MOST_DIGITS = 6, 15
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_WELCOME_CONTROLS = frozenset("\n\t")


class FieldMissing(Invalid):
    """This must be filled in."""


class FieldTooLong(Invalid):
    """This is too long."""


class FieldOutOfRange(Invalid):
    """This number is out of range."""


class TextUnprintable(Invalid):
    """This holds characters that cannot be printed."""


class DayMalformed(Invalid):
    """This is not a day of the calendar, written like 2026-11-30."""


class MonthMalformed(Invalid):
    """This is not a month of the calendar, written like 2026-11."""


class EmailMalformed(Invalid):
    """This does not look like an e-mail address."""


class PhoneMalformed(Invalid):
    """This does not look like a telephone number."""


def one_line(text: str) -> str:
    """A name as we keep it: one line, single spaces, composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def paragraphs(text: str) -> str:
    """A longer text as we keep it: composed letters, plain line ends, nothing around it."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def sort_name(name: str) -> str:
    """A name without case or accents, so that Économie stands between Droit and Finance on both engines."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def check_text(field: str, text: str, *, most: int, required: bool = True) -> None:
    """Refuse a text that is missing, longer than `most` characters or not printable."""
    if required and not text:
        raise FieldMissing(field=field)
    if len(text) > most:
        raise FieldTooLong(field=field, most=str(most))
    if not text.isprintable() and any(
        unicodedata.category(letter) == "Cc" and letter not in _WELCOME_CONTROLS for letter in text
    ):
        raise TextUnprintable(field=field)


def check_range(field: str, number: int, *, least: int, most: int) -> None:
    """Refuse a number outside of `least` to `most`, both included."""
    if not least <= number <= most:
        raise FieldOutOfRange(field=field, least=str(least), most=str(most))


def check_email(field: str, text: str) -> None:
    """Refuse what no mail could reach: only a mail that arrives proves more."""
    check_text(field, text, most=_MOST_EMAIL)
    if not _EMAIL.fullmatch(text):
        raise EmailMalformed(field=field)


def check_phone(field: str, text: str) -> None:
    """Refuse what nobody could dial (E.164: at most 15 digits); empty is fine."""
    digits = sum(letter.isdigit() for letter in text)
    if text and not (_PHONE.fullmatch(text) and _FEWEST_DIGITS <= digits <= _MOST_DIGITS):
        raise PhoneMalformed(field=field)


def day(field: str, text: str) -> date:
    """A day out of its ISO 8601 form; raises FieldMissing or DayMalformed."""
    if not text:
        raise FieldMissing(field=field)
    if not _DAY.fullmatch(text) or not _FIRST_YEAR <= int(text[:4]) <= _LAST_YEAR:
        raise DayMalformed(field=field)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DayMalformed(field=field) from error


def first_of_month(field: str, text: str) -> date:
    """The first day of a month written "2026-11"; raises MonthMalformed."""
    if not _MONTH.fullmatch(text):
        raise MonthMalformed(field=field)
    try:
        return day(field, f"{text}-01")
    except DayMalformed as error:
        raise MonthMalformed(field=field) from error
