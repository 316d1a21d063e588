"""What of the figures may be told to one structure: its own exactly, of the others and of all nothing below five.

Nor anything from which a smaller number follows: which sums the figures stand in is said here, which of them must be
hidden for that is found by `disclosure`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from shared_identity.days import Period
from shared_identity.disclosure import LEAST_TOLD, Numbers, Sum, Told
from shared_identity.figures.counting import ALL, SHARED
from shared_identity.figures.domain import Cell, EventFigures, Month, MonthFigures
from shared_identity.memberships.domain import MembershipKind
from shared_identity.outcomes.domain import Gathering

KINDS: Sequence[str] = tuple(kind.value for kind in MembershipKind)
_REGISTERED, _ATTENDED = Cell(of="registered"), Cell(of="attended")
_TWICE, _NOWHERE = Cell(of="counted twice"), Cell(of="of no structure")


def month_figures(
    month: Month, counts: Mapping[Cell, int], structures: Mapping[str, Period], reader: str
) -> MonthFigures:
    """What is told of a month."""
    told = dict(tell(counts, present(structures, month.day), reader))
    return MonthFigures(month=month.name, shared=told.pop(SHARED), members=told)


def event_figures(
    gathering: Gathering, members: Mapping[str, int], structures: Mapping[str, Period], reader: str
) -> EventFigures:
    """What is told of a joint event; `members` are those who came, by structure."""
    there = {slug: members.get(slug, 0) for slug in present(structures, gathering.day)}
    told = tell_event(gathering.registered, len(gathering.attended), there, reader)
    return EventFigures(
        gathering=gathering,
        registered=told[_REGISTERED],
        attended=told[_ATTENDED],
        structures={slug: told[Cell(slug)] for slug in there},
    )


def tell(counts: Mapping[Cell, int], structures: Collection[str], reader: str) -> Mapping[Cell, Told]:
    """What may be told of the members on one day."""
    values = {cell: counts.get(cell, 0) for cell in _cells(structures)}
    alone = {Cell(slug, of="alone"): values[Cell(slug)] - values[SHARED] for slug in structures}
    alone = {cell: value for cell, value in alone.items() if value >= 0}
    numbers = Numbers(
        values={**values, **alone},
        sums=[*_sums(structures), *(_apart(cell) for cell in alone)],
        known=frozenset(cell for cell in values if cell.structure == reader),
        untold=frozenset(alone),
    )
    told = numbers.told()
    return {cell: told[cell] for cell in values}


def tell_event(registered: int, attended: int, members: Mapping[str, int], reader: str) -> Mapping[Cell, Told]:
    """What may be told of an event: who came is a member of several structures, of one, or of none.

    Organisers read the two totals exactly in its report: they are taken as known, and hidden only when they are small.
    """
    values = {_REGISTERED: registered, _ATTENDED: attended} | {Cell(slug): many for slug, many in members.items()}
    surplus = sum(members.values()) - attended
    beside = {_TWICE: max(0, surplus), _NOWHERE: max(0, -surplus)}
    numbers = Numbers(
        values=values | beside,
        sums=[Sum(left=(_ATTENDED, _TWICE), right=(*map(Cell, members), _NOWHERE))],
        known=frozenset({_REGISTERED, _ATTENDED, Cell(reader)} & values.keys()),
        untold=frozenset(beside),
    )
    told = numbers.told()
    small = {cell for cell in (_REGISTERED, _ATTENDED) if values[cell] < LEAST_TOLD}
    return {cell: Told(hidden=True) if cell in small else told[cell] for cell in values}


def present(structures: Mapping[str, Period], day: date) -> Sequence[str]:
    """The structures that are in the groupement on a day."""
    return [slug for slug, stay in structures.items() if stay.covers(day)]


def _cells(structures: Collection[str]) -> Sequence[Cell]:
    return [*(Cell(slug, kind) for slug in ("", *structures) for kind in ("", *KINDS)), SHARED]


def _sums(structures: Collection[str]) -> Sequence[Sum[Cell]]:
    """What adds up, for whoever knows who is counted twice."""
    return [
        *(Sum(left=(Cell(slug),), right=tuple(Cell(slug, kind) for kind in KINDS)) for slug in ("", *structures)),
        *(Sum(left=(Cell("", kind),), right=tuple(Cell(slug, kind) for slug in structures)) for kind in KINDS),
        Sum(left=(ALL, SHARED), right=tuple(Cell(slug) for slug in structures)),
    ]


def _apart(alone: Cell) -> Sum[Cell]:
    """Members of a structure are members of several, or of it alone."""
    return Sum(left=(Cell(alone.structure),), right=(SHARED, alone))
