"""The page: the tables of a run, put into what is written by hand around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from string import Template

from bench.figures import Figure, Goal, Row
from bench.house import ENGINES

TEMPLATE = Path(__file__).with_name("performance.md.in")
_HEAD = ("what", "against", "source of the limit", "goal", "SQLite", "PostgreSQL", "met?")
_ABSOLUTE = (
    "what",
    "engine",
    "limit",
    "ours",
    "limit p50",
    "limit p95",
    "limit p99",
    "ours p50",
    "ours p95",
    "ours p99",
)


def page(rows: Sequence[Row], *, machine: Iterable[str], when: datetime, lasted: float, command: str) -> str:
    """The whole page."""
    judged, informing = [row for row in rows if row.goal], [row for row in rows if row.goal is None]
    return Template(TEMPLATE.read_text()).substitute(
        when=when.strftime("%d %B %Y, %H:%M UTC"),
        lasted=f"{lasted:.0f}",
        command=command,
        machine="\n".join(f"- {line}" for line in machine),
        goals=table(_HEAD, map(_line, judged)),
        summary=summary(judged),
        information=table(_HEAD[:3] + _HEAD[4:6], (_without_goal(row) for row in informing)),
        absolute=table(_ABSOLUTE, (line for row in rows for line in _absolute(row))),
    )


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    every = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in every)


def summary(judged: Sequence[Row]) -> str:
    """How many goals are met, and which are not."""
    missed = [row.what for row in judged if not row.met()]
    if not missed:
        return f"All {len(judged)} goals were met, on both engines."
    return f"{len(judged) - len(missed)} of {len(judged)} goals were met on both engines. Missed: {'; '.join(missed)}."


def ratio(figure: Figure | None, goal: Goal) -> str:
    """A ratio with its quartiles: `0.83 (0.80 to 0.86)`."""
    if figure is None:
        return "n/a"
    low, high = figure.spread(goal)
    return f"{figure.ratio(goal):.2f} ({low:.2f} to {high:.2f})"


def seconds(duration: float) -> str:
    """A duration in the unit that suits it."""
    return f"{duration * 1e3:.2f} ms" if duration >= 1e-3 else f"{duration * 1e6:.0f} µs"


def _line(row: Row) -> Sequence[str]:
    goal = row.judged_by
    sign = "≥" if goal.sense == "least" else "≤"
    return [row.what, row.against, f"`{row.source}`", f"{sign} {goal.value:g}", *_ratios(row), _verdict(row)]


def _without_goal(row: Row) -> Sequence[str]:
    return [row.what, row.against, f"`{row.source}`", *_ratios(row)]


def _ratios(row: Row) -> Sequence[str]:
    return [ratio(row.figures.get(engine), row.judged_by) for engine in ENGINES]


def _verdict(row: Row) -> str:
    """`yes`, `no`, or the engine where it is."""
    goal = row.judged_by
    met = {engine: goal.met(figure.ratio(goal)) for engine, figure in row.figures.items()}
    if len(set(met.values())) == 1:
        return "yes" if all(met.values()) else "**no**"
    return "**no** on " + ", ".join(_named(engine) for engine, reached in met.items() if not reached)


def _absolute(row: Row) -> Iterator[Sequence[str]]:
    for engine, figure in row.figures.items():
        yield [_full_name(row), _named(engine), *_usual(figure), *_percentiles(row, figure)]


def _full_name(row: Row) -> str:
    return row.what if row.goal else f"{row.what} (against {row.against})"


def _usual(figure: Figure) -> Sequence[str]:
    return [seconds(figure.usual("limit")), seconds(figure.usual("ours"))]


def _percentiles(row: Row, figure: Figure) -> Sequence[str]:
    if not row.single:
        return [""] * 6
    return [seconds(figure.percentile(side, percent)) for side in ("limit", "ours") for percent in (50, 95, 99)]


def _named(engine: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]


def merged(rows: Mapping[str, Row], figures: Mapping[str, Mapping[str, Figure]]) -> Sequence[Row]:
    """The rows with their figures; `figures` are by engine, then by row."""
    return [
        Row(
            what=row.what,
            against=row.against,
            source=row.source,
            goal=row.goal,
            sense=row.sense,
            single=row.single,
            figures={engine: measured[name] for engine, measured in figures.items() if name in measured},
        )
        for name, row in rows.items()
    ]
