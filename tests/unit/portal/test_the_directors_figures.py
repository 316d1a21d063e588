"""The director's figures: what is hidden stays hidden, on the page and in the spreadsheet."""

import re
from datetime import date

import pytest
from groupement.declaration.v1.events_pb2 import MEMBERSHIP_KIND_COWORKER, MEMBERSHIP_KIND_INCUBATED
from groupement.shared_identity.v1.figure_service_pb2 import (
    EventFigure,
    GetFiguresResponse,
    MemberFigure,
    SharedMembersFigure,
    StructureCount,
    UsageFigure,
)
from groupement.shared_identity.v1.outcome_service_pb2 import HiddenCount
from portal.assets import Assets
from portal.i18n import language
from portal.pages.agreements.proposing import cents
from portal.pages.direction import month_label, sheets
from portal.pages.direction.months import Stretch, stretch_from
from portal.pages.direction.tables import Figures, figures
from portal.rendering import Templates
from portal.showcase import House

TODAY = date(2026, 11, 22)
FRENCH = language("fr")
HOUSES = {"nord": House(slug="nord", name="Nord"), "sud": House(slug="sud", name="=Sud()")}
HIDDEN = HiddenCount(hidden=True)


@pytest.fixture
def told() -> Figures:
    """Two months of two structures, one number hidden in each table."""
    return figures(
        GetFiguresResponse(
            members=[
                MemberFigure(month="2026-10", structure="nord", people=HiddenCount(value=7)),
                MemberFigure(month="2026-11", structure="nord", people=HiddenCount(value=9)),
                MemberFigure(
                    month="2026-11", structure="nord", kind=MEMBERSHIP_KIND_INCUBATED, people=HiddenCount(value=9)
                ),
                MemberFigure(month="2026-11", structure="nord", kind=MEMBERSHIP_KIND_COWORKER, people=HiddenCount()),
                MemberFigure(month="2026-11", structure="sud", people=HIDDEN),
                MemberFigure(month="2026-11", people=HiddenCount(value=12)),
            ],
            shared=[SharedMembersFigure(month="2026-11", people=HIDDEN)],
            usages=[
                UsageFigure(month="2026-10", grantor="sud", home="nord", half_days=3),
                UsageFigure(month="2026-11", grantor="sud", home="nord", half_days=4),
            ],
            events=[
                EventFigure(
                    event_id="event_1",
                    slug="plus",
                    title="+20",
                    date="2026-11-30",
                    size=150,
                    registered=HiddenCount(value=120),
                    attended=HIDDEN,
                    structures=[StructureCount(structure="nord", people=HiddenCount(value=20))],
                )
            ],
        ),
        ["2026-10", "2026-11", "2026-12"],
        ["nord", "sud"],
    )


def test_a_hidden_number_is_never_a_zero(told: Figures) -> None:
    assert told.over_time("sud") == [0, None]
    assert told.now("sud") is None
    assert told.shared_over_time() == [0, None]
    assert told.events[0].attended is None
    assert told.hides


def test_months_that_have_not_begun_are_left_out(told: Figures) -> None:
    assert told.months == ["2026-10", "2026-11"]


def test_qualities_that_nobody_has_are_left_out(told: Figures) -> None:
    assert told.kinds_now("nord") == [(MEMBERSHIP_KIND_INCUBATED, 9)]


def test_half_days_add_up_over_the_period(told: Figures) -> None:
    assert [(flow.grantor, flow.home, flow.total) for flow in told.flows] == [("sud", "nord", 7)]


def test_nothing_at_all_still_makes_a_page() -> None:
    empty = figures(GetFiguresResponse(), ["2026-11"], ["nord"])
    assert (empty.now("nord"), empty.now(), empty.hides, empty.flows, empty.events) == (0, 0, False, [], [])


@pytest.mark.parametrize("name", sheets.SHEETS)
def test_a_spreadsheet_says_hidden_numbers_in_words_and_computes_nothing(told: Figures, name: str) -> None:
    text = sheets.SHEETS[name](FRENCH, told, HOUSES).decode("utf-8-sig")
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in text.splitlines() for cell in line.split(";"))
    assert ("masqué" in text) == (name != "utilisations")


def test_a_spreadsheet_opens_with_its_accents_in_columns(told: Figures) -> None:
    content = sheets.members(FRENCH, told, HOUSES)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[2] == "2026-11;9;masqué;12;masqué"


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-01", "2026-06", ("2026-01", "2026-06")),
        ("", "", ("2025-12", "2026-11")),
        ("2026-06", "2026-01", ("2025-12", "2026-11")),
        ("2026-13", "2026-14", ("2025-12", "2026-11")),
        ("2026-10", "2027-04", ("2026-10", "2026-11")),
        ("2027-03", "2027-04", ("2026-11", "2026-11")),
        ("2010-01", "2026-11", ("2023-12", "2026-11")),
        ("drop", "table", ("2025-12", "2026-11")),
    ],
)
def test_any_address_names_a_stretch_of_three_years_at_most(first: str, last: str, found: tuple[str, str]) -> None:
    stretch = stretch_from(first, last, TODAY)
    assert (stretch.first, stretch.last) == found
    assert 1 <= len(stretch.months()) <= 36


def test_a_stretch_names_every_month() -> None:
    assert Stretch(first="2025-11", last="2026-02").months() == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_months_stand_short_under_a_chart() -> None:
    assert month_label(FRENCH, "2026-11") == "nov. 26"
    assert month_label(language("en"), "2026-11") == "Nov '26"


@pytest.mark.parametrize(
    ("typed", "found"), [("6", 600), ("6,50", 650), ("6.5", 650), (" 12 € ", 1200), ("", 0), ("0", 0)]
)
def test_an_amount_is_read_as_people_type_it(typed: str, found: int) -> None:
    assert cents(typed) == found


@pytest.mark.parametrize("typed", ["six", "6,505", "-1", "NaN", "Infinity", "1e9", "10000,01", "6,5,0"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    assert cents(typed) is None


def test_half_days_are_drawn_in_all_and_told_month_by_month(told: Figures) -> None:
    values = {"figures": told, "houses": HOUSES, "house": HOUSES["nord"], "kept": {}}
    html = Templates(Assets()).render("direction/half_days.html", FRENCH, values)
    assert "Nord chez =Sud()" in html
    assert ">7</text>" in html
    assert re.findall(r'usages\?mois=(2026-\d\d)".*?data-label="[^"]+">(\d+)<', html) == [
        ("2026-11", "4"),
        ("2026-10", "3"),
    ]


def test_a_period_without_half_days_says_where_they_come_from() -> None:
    empty = figures(GetFiguresResponse(), ["2026-11"], ["nord"])
    values = {"figures": empty, "houses": HOUSES, "house": HOUSES["nord"], "kept": {}}
    assert "Les conventions disent" in Templates(Assets()).render("direction/half_days.html", FRENCH, values)
