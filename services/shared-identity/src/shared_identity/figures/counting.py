"""Who is a member when, each person once: the days on which somebody is in a cell are bits of one number."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from shared_identity.days import Period
from shared_identity.figures.domain import Cell
from shared_identity.memberships.domain import Held, MembershipKind

ALL = Cell()
SHARED = Cell(of="shared")
"""People who are members of several structures."""

_TWO = 2


def count(days: Sequence[date], held: Iterable[Held], structures: Mapping[str, Period]) -> Sequence[Mapping[Cell, int]]:
    """How many people are in each cell on each day; `held` comes person by person, `structures` with their stay.

    People who are in a cell on the same days are counted together: there are few such patterns, and many people.
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


def members_among(people: Iterable[str], held: Mapping[str, Sequence[Held]], day: date) -> Mapping[str, int]:
    """How many of these people are members of each structure on a day; `held` by person."""
    return Counter(
        structure
        for person_id in people
        for structure in {each.structure for each in held.get(person_id, ()) if _counts(each, day)}
    )


def by_person(held: Iterable[Held]) -> Mapping[str, Sequence[Held]]:
    """What each person was to structures; `held` comes person by person."""
    return {person_id: list(theirs) for person_id, theirs in groupby(held, key=lambda each: each.person_id)}


def _counts(held: Held, day: date) -> bool:
    return held.first <= day and (held.last is None or day <= held.last)


def _person(days: Sequence[date], theirs: Iterable[Held], stays: Mapping[str, int]) -> Mapping[Cell, int]:
    """The days, as bits, on which one person is in each cell."""
    by_kind: defaultdict[tuple[str, MembershipKind], int] = defaultdict(int)
    for held in theirs:
        if bits := _bits(days, held.first, held.last) & stays.get(held.structure, 0):
            by_kind[held.structure, held.kind] |= bits
    cells: defaultdict[Cell, int] = defaultdict(int)
    for (structure, kind), bits in by_kind.items():
        for cell in (Cell(structure, kind.value), Cell(structure), Cell("", kind.value), ALL):
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
