"""The page: every row with its ratio, its spread and its verdict, misses named in words."""

from datetime import UTC, datetime

from bench import report
from bench.figures import Figure, Row, at_least, at_most

EVEN = Figure(limit=[[0.002]], ours=[[0.002]])
SLOW = Figure(limit=[[0.0005]], ours=[[0.002]])
MET = Row(what="Quick", against="a limit", source="here.py", goal=at_least(0.8), figures={"sqlite": EVEN})
BOTH = {"sqlite": EVEN, "postgresql": SLOW}
MISSED = Row(what="Slow", against="a limit", source="here.py", goal=at_most(2), figures=BOTH)
TOLD = Row(what="Aside", against="a limit", source="here.py", goal=None, figures={"sqlite": SLOW})


def the_page() -> str:
    when = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    return report.page([MET, MISSED, TOLD], machine=["a machine"], when=when, lasted=12.3, command="make bench")


def test_a_table_is_markdown() -> None:
    assert report.table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_a_row_shows_goal_ratio_and_spread() -> None:
    assert "| Quick | a limit | `here.py` | ≥ 0.8 | 1.00 (1.00 to 1.00) | n/a | yes |" in the_page()


def test_a_miss_says_on_which_engine() -> None:
    line = next(line for line in the_page().splitlines() if line.startswith("| Slow |"))
    assert line.endswith("| 1.00 (1.00 to 1.00) | 4.00 (4.00 to 4.00) | **no** on PostgreSQL |")


def test_the_summary_names_what_was_missed() -> None:
    assert "1 of 2 goals were met on both engines. Missed: Slow." in the_page()
    assert report.summary([MET]) == "All 1 goals were met, on both engines."


def test_a_row_without_a_goal_is_for_information_only() -> None:
    goals, information = the_page().split("## For information")
    assert "| Aside |" not in goals
    assert "| Aside | a limit | `here.py` | 0.25 (0.25 to 0.25) | n/a |" in information


def test_durations_have_the_unit_that_suits_them() -> None:
    assert (report.seconds(0.0123), report.seconds(0.000456)) == ("12.30 ms", "456 µs")


def test_the_machine_and_the_day_are_named() -> None:
    assert "- a machine" in the_page()
    assert "22 November 2026, 09:00 UTC" in the_page()
