"""The figures of the groupement: people who are members at each month's end, each once, and what may be told of it.

What is the reader's structure's own is exact. Of the others, and of all together, no number below five is told, nor one
from which such a number follows (`disclosure`).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from servicekit.refusals import Invalid

from shared_identity.days import Period
from shared_identity.disclosure import Numbers, Sum
from shared_identity.memberships.domain import Held, MembershipKind

MOST_MONTHS = 36
_ONE = timedelta(days=1)
_TWO = 2


class EndsBeforeItStarts(Invalid):
    """The last month is the first, or a later one."""


class TooLong(Invalid):
    """Figures are given of thirty-six months at most."""


class Cell(NamedTuple):
    """What a number of people counts: those of a structure, in a quality; "" for all of either, each person once."""

    structure: str = ""
    kind: str = ""
    of: str = "people"


SHARED = Cell(of="shared")
"""People who are members of several structures."""

KINDS: Sequence[str] = tuple(kind.value for kind in MembershipKind)
_ALL = Cell()


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A calendar month, and the day on which its members are counted: its last, or today when it is under way."""

    first: date
    day: date

    @property
    def name(self) -> str:
        """As it is written: "2026-11"."""
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A number of people as it is told: nothing when it is hidden."""

    value: int
    hidden: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthFigures:
    """What is told of one month."""

    month: str
    members: Mapping[Cell, Told]

    @property
    def shared(self) -> Told:
        """Members of several structures."""
        return self.members[SHARED]


def months(first: date, last: date, today: date) -> Sequence[Month]:
    """The months that have begun, from the first day of one to that of another; raises EndsBeforeItStarts, TooLong."""
    if last < first:
        raise EndsBeforeItStarts(field="last_month")
    firsts = [first]
    while firsts[-1] < last:
        firsts.append(_next(firsts[-1]))
        if len(firsts) > MOST_MONTHS:
            raise TooLong(field="last_month")
    return [Month(first=day, day=min(_next(day) - _ONE, today)) for day in firsts if day <= today]


def month_figures(
    asked: Sequence[Month], held: Iterable[Held], structures: Mapping[str, Period], reader: str
) -> Sequence[MonthFigures]:
    """What a reader's structure is told of each month; `held` comes person by person, `structures` with their stay."""
    days = [month.day for month in asked]
    counted = count(days, held, structures)
    return [
        MonthFigures(
            month=month.name,
            members=tell(counts, [slug for slug, stay in structures.items() if stay.covers(month.day)], reader),
        )
        for month, counts in zip(asked, counted, strict=True)
    ]


def count(days: Sequence[date], held: Iterable[Held], structures: Mapping[str, Period]) -> Sequence[Mapping[Cell, int]]:
    """How many people are in each cell on each day, the days in their order.

    The days on which somebody is in a cell are bits of a number; people of the same days are counted together.
    """
    alike: defaultdict[Cell, Counter[int]] = defaultdict(Counter)
    stays = {slug: _bits(days, stay.start, stay.end) for slug, stay in structures.items()}
    for _, theirs in groupby(held, key=lambda each: each.person_id):
        for cell, bits in _person(days, theirs, stays).items():
            alike[cell][bits] += 1
    counts: Sequence[Counter[Cell]] = [Counter() for _ in days]
    for cell, people in alike.items():
        for bits, number in people.items():
            for place in _places(bits):
                counts[place][cell] += number
    return counts


def tell(counts: Mapping[Cell, int], structures: Collection[str], reader: str) -> Mapping[Cell, Told]:
    """What a reader's structure may be told of one day."""
    values = {cell: counts.get(cell, 0) for cell in _cells(structures)}
    only = {Cell(slug, of="only"): values[Cell(slug)] - values[SHARED] for slug in structures}
    only = {cell: value for cell, value in only.items() if value >= 0}
    numbers = Numbers(
        values={**values, **only},
        sums=[*_sums(structures), *(_apart(cell.structure) for cell in only)],
        known=frozenset(cell for cell in values if cell.structure == reader),
        untold=frozenset(only),
    )
    hidden = numbers.hidden()
    return {cell: Told(value=0 if cell in hidden else value, hidden=cell in hidden) for cell, value in values.items()}


def _cells(structures: Collection[str]) -> Sequence[Cell]:
    return [*(Cell(slug, kind) for slug in ("", *structures) for kind in ("", *KINDS)), SHARED]


def _sums(structures: Collection[str]) -> Sequence[Sum[Cell]]:
    """What adds up, for whoever knows who is counted twice."""
    return [
        *(Sum(left=(Cell(slug),), right=tuple(Cell(slug, kind) for kind in KINDS)) for slug in ("", *structures)),
        *(Sum(left=(Cell("", kind),), right=tuple(Cell(slug, kind) for slug in structures)) for kind in KINDS),
        Sum(left=(_ALL, SHARED), right=tuple(Cell(slug) for slug in structures)),
    ]


def _apart(structure: str) -> Sum[Cell]:
    """Members of a structure are those of several and those of it alone."""
    return Sum(left=(Cell(structure),), right=(SHARED, Cell(structure, of="only")))


def _person(days: Sequence[date], theirs: Iterable[Held], stays: Mapping[str, int]) -> Mapping[Cell, int]:
    """The days, as bits, on which one person is in each cell."""
    cells: defaultdict[Cell, int] = defaultdict(int)
    for held in theirs:
        if bits := _bits(days, held.first, held.last) & stays.get(held.structure, 0):
            for cell in (Cell(held.structure, held.kind.value), Cell(held.structure), Cell("", held.kind.value), _ALL):
                cells[cell] |= bits
    if several := _several([bits for cell, bits in cells.items() if cell.structure and not cell.kind]):
        cells[SHARED] = several
    return cells


def _several(each: Sequence[int]) -> int:
    """The bits that stand in two of these numbers or more."""
    if len(each) < _TWO:
        return 0
    once = several = 0
    for bits in each:
        several |= once & bits
        once |= bits
    return several


def _bits(days: Sequence[date], first: date, last: date | None) -> int:
    until = len(days) if last is None else bisect_right(days, last)
    since = bisect_left(days, first)
    return (1 << until) - (1 << since) if until > since else 0


def _places(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _next(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
