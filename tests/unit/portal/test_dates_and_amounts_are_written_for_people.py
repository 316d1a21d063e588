"""Dates, times and amounts as people write them, in both languages."""

from datetime import UTC, datetime

import pytest
from groupement.type.v1.money_pb2 import Money
from groupement.type.v1.period_pb2 import Period
from portal import formats
from portal.i18n import language

FR, EN = language("fr"), language("en")
EVENING = datetime(2021, 11, 30, 17, 0, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_moment_is_day_and_hour_at_the_place() -> None:
    assert plain(formats.moment(FR, EVENING)) == "mardi 30 novembre 2021, 18 h 00"
    assert plain(formats.moment(EN, EVENING)) == "Tuesday 30 November 2021, 18:00"


def test_a_moment_elsewhere_is_on_the_clock_there() -> None:
    assert plain(formats.moment(FR, EVENING, "Indian/Reunion")) == "mardi 30 novembre 2021, 21 h 00"


def test_an_hour_never_breaks_over_a_line() -> None:
    assert " " not in formats.clock(FR, EVENING)


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert formats.short_day(FR, "2026-12-01") == "1er décembre 2026"
    assert formats.day(FR, "2026-12-01") == "mardi 1er décembre 2026"
    assert formats.short_day(EN, "2026-12-01") == "1 December 2026"


def test_a_stretch_says_its_day_once() -> None:
    said = plain(formats.span(FR, EVENING, EVENING.replace(hour=20)))
    assert said == "mardi 30 novembre 2021, 18 h 00 à 21 h 00"


def test_midnight_ends_a_day_as_its_hour_24() -> None:
    said = plain(formats.hours(FR, EVENING, EVENING.replace(hour=23)))
    assert said == "18 h 00 à 24 h 00"


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [(1200, "12 €", "€12"), (750, "7,50 €", "€7.50"), (0, "0 €", "€0"), (123456, "1 234,56 €", "€1,234.56")],
)
def test_amounts_show_cents_only_when_there_are_some(cents: int, french: str, english: str) -> None:
    amount = Money(cents=cents, currency_code="EUR")
    assert plain(formats.money(FR, amount)) == french
    assert plain(formats.money(EN, amount)) == english


def test_a_period_without_end_began_some_day() -> None:
    assert formats.period(FR, Period(start_date="2026-01-01")) == "depuis le 1er janvier 2026"
    assert formats.period(FR, Period(start_date="2026-01-02", end_date="2026-06-30")) == (
        "du 2 janvier 2026 au 30 juin 2026"
    )


@pytest.mark.parametrize("text", ["", "hier", "2026-02-30", "2026-13-01"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert formats.day_from(text) is None


def test_a_zone_nobody_knows_is_paris() -> None:
    assert formats.zone("Mars/Olympus").key == formats.zone("../../etc/passwd").key == "Europe/Paris"
