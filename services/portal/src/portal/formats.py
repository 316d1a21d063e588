"""Dates, times and amounts as people write them: "mardi 30 novembre 2021, 18 h 00"."""

from datetime import UTC, date, datetime, time
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from google.protobuf.timestamp_pb2 import Timestamp

from portal.i18n import FRENCH, NO_BREAK, Language

PARIS = "Europe/Paris"


class Amount(Protocol):
    """What money looks like in the contract."""

    cents: int
    currency_code: str


class Stretch(Protocol):
    """What a period looks like in the contract."""

    start_date: str
    end_date: str


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; Paris for one that this machine does not know."""
    try:
        return ZoneInfo(name or PARIS)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(PARIS)


def local(instant: datetime | Timestamp, zone_name: str = PARIS) -> datetime:
    """An instant on the clock of a place."""
    if isinstance(instant, Timestamp):
        instant = instant.ToDatetime(UTC)
    return instant.astimezone(zone(zone_name))


def day_from(text: str) -> date | None:
    """A day out of ISO 8601 text, None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def time_from(text: str) -> time | None:
    """A time of day out of "09:30", None when it is none."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def day(language: Language, when: date | str) -> str:
    """ "mardi 30 novembre 2021"; in French the first of a month is "1er"."""
    return _day(language, when, "EEEE d MMMM y", "EEEE '1er' MMMM y")


def short_day(language: Language, when: date | str) -> str:
    """ "30 novembre 2021"."""
    return _day(language, when, "d MMMM y", "'1er' MMMM y")


def weekday(language: Language, when: date | str) -> str:
    """ "mar. 30 nov."."""
    return _day(language, when, "E d MMM", "E '1er' MMM")


def month(language: Language, text: str) -> str:
    """ "novembre 2026" for "2026-11"."""
    first = day_from(f"{text}-01")
    return format_date(first, "MMMM y", locale=language.locale) if first else text


def short_month(language: Language, when: date) -> str:
    """ "nov."."""
    return format_date(when, "MMM", locale=language.locale)


def number(language: Language, value: float) -> str:
    """ "1 000", "2,5"."""
    return format_decimal(value, locale=language.locale)


def clock(language: Language, when: datetime | time | Timestamp, zone_name: str = PARIS) -> str:
    """ "18 h 00", "18:00" in English."""
    at = when if isinstance(when, time) else local(when, zone_name).time()
    return _clock(language, at.hour, at.minute)


def hour(language: Language, number: int) -> str:
    """ "18 h", "18:00" in English."""
    return f"{number}{NO_BREAK}h" if language.code == FRENCH else f"{number}:00"


def moment(language: Language, when: datetime | Timestamp, zone_name: str = PARIS) -> str:
    """ "mardi 30 novembre 2021, 18 h 00"."""
    at = local(when, zone_name)
    return f"{day(language, at.date())}, {clock(language, at.time())}"


def hours(language: Language, start: datetime | Timestamp, end: datetime | Timestamp, zone_name: str = PARIS) -> str:
    """ "9 h 00 à 13 h 00"; midnight at the end of a day is its hour 24."""
    first, last = local(start, zone_name), local(end, zone_name)
    until = _clock(language, 24, 0) if last.time() == time.min and last > first else clock(language, last, zone_name)
    return language.say("%(first)s à %(last)s", first=clock(language, first, zone_name), last=until)


def span(language: Language, start: datetime | Timestamp, end: datetime | Timestamp, zone_name: str = PARIS) -> str:
    """ "mardi 30 novembre 2021, 9 h 00 à 13 h 00"."""
    return f"{day(language, local(start, zone_name).date())}, {hours(language, start, end, zone_name)}"


def period(language: Language, stretch: Stretch) -> str:
    """ "du 1er janvier 2026 au 30 juin 2026", "depuis le 1er janvier 2026"."""
    start = short_day(language, stretch.start_date)
    if not stretch.end_date:
        return language.say("depuis le %(start)s", start=start)
    return language.say("du %(start)s au %(end)s", start=start, end=short_day(language, stretch.end_date))


def money(language: Language, amount: Amount) -> str:
    """ "12 €", "7,50 €"."""
    digits = "¤#,##0" if amount.cents % 100 == 0 else "¤#,##0.00"
    pattern = digits if language.code != FRENCH else f"{digits[1:]}{NO_BREAK}¤"
    return format_currency(
        amount.cents / 100, amount.currency_code or "EUR", pattern, locale=language.locale, currency_digits=False
    )


def _day(language: Language, when: date | str, pattern: str, first_pattern: str) -> str:
    found = day_from(when) if isinstance(when, str) else when
    if found is None:
        return str(when)
    chosen = first_pattern if found.day == 1 and language.code == FRENCH else pattern
    return format_date(found, chosen, locale=language.locale)


def _clock(language: Language, hours_: int, minutes: int) -> str:
    if language.code == FRENCH:
        return f"{hours_}{NO_BREAK}h{NO_BREAK}{minutes:02}"
    return f"{hours_:02}:{minutes:02}"
