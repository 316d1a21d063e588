"""Ratios: what a limit took and what we took, slice by slice, and whether the goal is met."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, quantiles
from typing import Literal

Slice = Sequence[float]
"""Seconds, one number for each thing done."""

Side = Callable[[int], Awaitable[Slice]]
"""Does the slice of that number and gives what each thing took."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """`least`: our speed over the limit's, at least that. `most`: our time over the limit's, at most that."""

    sense: Literal["least", "most"]
    value: float

    def ratio(self, limit: float, ours: float) -> float:
        """The ratio that this goal speaks of, from two durations."""
        return limit / ours if self.sense == "least" else ours / limit

    def met(self, ratio: float) -> bool:
        """Whether a ratio reaches the goal."""
        return ratio >= self.value if self.sense == "least" else ratio <= self.value


def at_least(value: float) -> Goal:
    """A goal on speed."""
    return Goal(sense="least", value=value)


def at_most(value: float) -> Goal:
    """A goal on time."""
    return Goal(sense="most", value=value)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured of one row on one engine: the limit's slices and ours, which took turns."""

    limit: Sequence[Slice]
    ours: Sequence[Slice]
    middle: Literal["mean", "median"] = "mean"

    def ratios(self, goal: Goal) -> Sequence[float]:
        """One ratio a pair of slices."""
        return [goal.ratio(self._of(limit), self._of(ours)) for limit, ours in zip(self.limit, self.ours, strict=True)]

    def ratio(self, goal: Goal) -> float:
        """The median over the slices."""
        return median(self.ratios(goal))

    def spread(self, goal: Goal) -> tuple[float, float]:
        """The first and third quartiles over the slices."""
        ratios = self.ratios(goal)
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        return low, high

    def percentile(self, side: Literal["limit", "ours"], percent: int) -> float:
        """Seconds that so many percent of the things done stayed under."""
        every = sorted(took for each in getattr(self, side) for took in each)
        return every[min(len(every) - 1, len(every) * percent // 100)]

    def usual(self, side: Literal["limit", "ours"]) -> float:
        """Seconds a thing takes: the median over the slices."""
        return median(self._of(each) for each in getattr(self, side))

    def _of(self, of: Slice) -> float:
        return fmean(of) if self.middle == "mean" else median(of)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. Without a goal it is for information; `single`: things were timed one by one."""

    what: str
    against: str
    source: str
    goal: Goal | None
    figures: Mapping[str, Figure] = field(default_factory=dict)
    sense: Goal = field(default_factory=lambda: at_least(1.0))
    single: bool = True

    @property
    def judged_by(self) -> Goal:
        """The goal, or how to read a row that has none."""
        return self.goal or self.sense

    def met(self) -> bool | None:
        """Whether every engine reaches the goal; None when there is none."""
        if self.goal is None:
            return None
        return all(self.goal.met(figure.ratio(self.goal)) for figure in self.figures.values())


async def take_turns(rounds: int, *sides: Side) -> Sequence[Sequence[Slice]]:
    """Limit, ours, limit, ours... in short slices; gives the slices of each side. The first round only warms up."""
    taken: list[list[Slice]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for side, slices in zip(sides, taken, strict=True):
            took = await side(number)
            if number:
                slices.append(took)
    return taken
