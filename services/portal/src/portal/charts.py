"""Where the marks of a figure stand: shares of the width in percent, heights in pixels; templates draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

ROW, BAR = 46, 16
"""Pixels: a row of a bar chart, and its bar."""

HEIGHT, TOP, FOOT = 200, 24, 28
"""Pixels: a line chart, the room over its highest point, the room of its dates."""

_WIDEST = 100.0
"""Percent: the longest bar goes all the way; its value stands over it."""

_ROUND_STEPS = (1, 2, 2.5, 5, 10)
_SHADES = 5
_MOST_LABELS = 7


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One value: `at` and `size` are percents of the width, `y` pixels from the top; `dated` has its label drawn."""

    label: str
    at: float = 0.0
    size: float = 0.0
    y: float = 0.0
    shade: int = 0
    hidden: bool = False
    dated: bool = True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A line across, with its value."""

    value: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing of that height."""

    height: int
    marks: tuple[Mark, ...]
    rules: tuple[Rule, ...] = ()
    trace: str = ""


Value = tuple[str, float | None] | tuple[str, float | None, str]
"""A label, its value (None where it is hidden), the address of the list behind it."""


def bars(values: Sequence[Value]) -> Chart:
    """One bar a value, under one another, the longest across the whole width."""
    most = max((_known(value) for value in values), default=0) or 1
    marks = tuple(
        Mark(label=value[0], size=round(_WIDEST * _known(value) / most, 2), y=row * ROW)
        for row, value in enumerate(values)
    )
    return Chart(height=len(values) * ROW, marks=marks)


def stack(values: Sequence[Value]) -> Chart:
    """One bar shared out among the values, each with a shade of its own."""
    total = sum(_known(value) for value in values) or 1
    marks: list[Mark] = []
    at = 0.0
    for shade, value in enumerate(values):
        size = round(100 * _known(value) / total, 2)
        marks.append(Mark(label=value[0], at=round(at, 2), size=size, shade=shade % _SHADES))
        at += size
    return Chart(height=BAR * 2, marks=tuple(marks))


def line(values: Sequence[Value]) -> Chart:
    """A line through the values that are told, broken where one is hidden, with three rules.

    `trace` is a path in a box of 100 by the chart's height. At most seven labels are drawn, the last among them.
    """
    step = _step(max((_known(value) for value in values), default=0))
    most = 2 * step
    drawn = HEIGHT - TOP - FOOT
    every = ceil(len(values) / _MOST_LABELS) or 1
    marks = tuple(
        Mark(
            label=value[0],
            at=_across(number, len(values)),
            y=round(TOP + drawn * (1 - _known(value) / most), 1),
            hidden=value[1] is None,
            dated=(len(values) - 1 - number) % every == 0,
        )
        for number, value in enumerate(values)
    )
    rules = tuple(Rule(value=n * step, y=round(TOP + drawn * (1 - n / 2), 1)) for n in range(3))
    return Chart(height=HEIGHT, marks=marks, rules=rules, trace=_trace(marks))


def _trace(marks: Sequence[Mark]) -> str:
    """A path from each mark that is told to the next one, when nothing is hidden between them."""
    path = ""
    for at, mark in enumerate(marks):
        if not mark.hidden:
            after_a_told_one = at > 0 and not marks[at - 1].hidden
            path += f"{'L' if after_a_told_one else 'M'}{mark.at:g},{mark.y:g}"
    return path


def _across(number: int, many: int) -> float:
    """From 6 to 96 percent of the width, so that no label is cut off."""
    return round(6 + 90 * number / max(1, many - 1), 2)


def _step(most: float) -> float:
    """Half of the scale: the round number at or over half of the largest value."""
    half = max(most, 1) / 2
    power = 10.0 ** floor(log10(half)) if half >= 1 else 1.0
    return next(step * power for step in _ROUND_STEPS if step * power >= half) if half >= 1 else float(ceil(half))


def _known(value: Value) -> float:
    """What is drawn of a value: nothing where it is hidden."""
    return value[1] or 0
