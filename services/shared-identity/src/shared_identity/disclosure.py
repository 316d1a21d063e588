"""Which numbers of people may be told: none below five, nor one from which such a number could be computed.

What is told about groups of people is a set of numbers and the sums they stand in (Conseil national de l'information
statistique, secret statistique; primary and complementary suppression). A number that the reader has anyhow is known;
a number that is never told but follows from told ones is kept in sight all the same: it belongs to the sums as well.
Sums over people who may be counted twice are taken at their strictest, as if the reader knew who was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

LEAST_TOLD = 5
"""The smallest number of people that is told."""

_K = TypeVar("_K")
_PRIME = (1 << 61) - 1
"""Larger than any minor of the small matrices of 0 and 1 that stand here: counting modulo it is exact."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum(Generic[_K]):
    """Two sides that come to the same: a total first, with what is counted twice on the other side; and its parts."""

    left: tuple[_K, ...]
    right: tuple[_K, ...]

    @property
    def keys(self) -> tuple[_K, ...]:
        """All of it, the total first."""
        return self.left + self.right

    def side(self, hidden: Collection[_K]) -> tuple[_K, ...]:
        """The hidden numbers of this sum, when all stand on one side: their sum can be computed."""
        left, right = (tuple(key for key in side if key in hidden) for side in (self.left, self.right))
        return () if left and right else left or right


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A number of people as it is told: nothing when it is hidden."""

    value: int = 0
    hidden: bool = False


@dataclass(frozen=True, kw_only=True)
class Numbers(Generic[_K]):
    """Numbers of people, the sums they stand in, those the reader knows anyhow, those that are never told."""

    values: Mapping[_K, int]
    sums: Sequence[Sum[_K]]
    known: frozenset[_K] = frozenset()
    untold: frozenset[_K] = frozenset()

    def told(self) -> Mapping[_K, Told]:
        """Every number as it may be told."""
        hidden = self.hidden()
        return {key: Told(hidden=True) if key in hidden else Told(value=value) for key, value in self.values.items()}

    def hidden(self) -> frozenset[_K]:
        """The numbers that may not be told: those below five, and as few and as small others as that takes."""
        small = {key for key, value in self.values.items() if value < LEAST_TOLD} - self.known
        hidden = small | self.untold
        guarded = small - self._computable(set(self.values) - self.known)
        while exposed := guarded & self._computable(hidden):
            hidden.add(self._next(exposed, hidden))
        return frozenset(hidden)

    def _next(self, exposed: Collection[_K], hidden: set[_K]) -> _K:
        """What is to be hidden next, in a sum with what must not be computed: a part sooner than a total, small first.

        Sums that share a hidden number are one: whatever is told in one of them tells of the other.
        """
        near = set(exposed)
        while True:
            lines = [line for line in self.sums if not near.isdisjoint(line.keys)]
            told = {key for line in lines for key in line.keys} - self.known - hidden
            if parts := told & {key for line in lines for key in line.keys[1:]}:
                return self._smallest(parts)
            further = {key for line in lines for key in line.keys if key in hidden} - near
            if not further:
                return self._smallest(told)
            near |= further

    def _smallest(self, keys: Collection[_K]) -> _K:
        return min((key for key in self.values if key in keys), key=lambda key: self.values[key])

    def _computable(self, hidden: Collection[_K]) -> set[_K]:
        """The hidden numbers that can be computed from the others, or known to be of a sum below five."""
        found = _determined(self.sums, hidden)
        for line in self.sums:
            together = line.side(hidden)
            if sum(self.values[key] for key in together) < LEAST_TOLD:
                found |= set(together)
        return found


def _determined(sums: Sequence[Sum[_K]], hidden: Collection[_K]) -> set[_K]:
    """The hidden numbers that the sums determine: alone in a row once the rows are reduced (Gauss, Jordan)."""
    reduced: list[tuple[_K, dict[_K, int]]] = []
    for line in sums:
        row = _row(line, hidden)
        for pivot, other in reduced:
            row = _without(row, pivot, other)
        if row:
            pivot = next(iter(row))
            row = _scaled(row, pow(row[pivot], -1, _PRIME))
            reduced = [(held, _without(other, pivot, row)) for held, other in reduced]
            reduced.append((pivot, row))
    return {pivot for pivot, row in reduced if len(row) == 1}


def _row(line: Sum[_K], hidden: Collection[_K]) -> dict[_K, int]:
    row = {key: 1 for key in line.left if key in hidden}
    return row | {key: _PRIME - 1 for key in line.right if key in hidden}


def _scaled(row: Mapping[_K, int], factor: int) -> dict[_K, int]:
    return {key: value * factor % _PRIME for key, value in row.items()}


def _without(row: dict[_K, int], pivot: _K, other: Mapping[_K, int]) -> dict[_K, int]:
    """A row with a pivot taken out by means of another row in which it is one."""
    factor = row.get(pivot, 0)
    if not factor:
        return row
    keys = [*row, *(key for key in other if key not in row)]
    made = {key: (row.get(key, 0) - factor * other.get(key, 0)) % _PRIME for key in keys}
    return {key: value for key, value in made.items() if value}
