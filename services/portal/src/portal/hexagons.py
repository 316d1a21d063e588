"""The comb: hexagon cells drawn from a word, so that every event has its own and keeps it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from math import atan2, pi, sqrt

SIDE = 40
_WIDTH = SIDE * sqrt(3)
_GAP = 6
_BYTE = 255
_LUCK = 0.42
_GROUND, _FULL = 0.16, 0.74


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One hexagon: its outline, how it is drawn (`fill`, `wash`, `line`, `dash`), and where it stands on the arc from
    the top edge (0) to the right one (1), by which houses share the site."""

    path: str
    kind: str
    arc: float


@dataclass(frozen=True, kw_only=True)
class Comb:
    """Cells in a box of that size."""

    width: int
    height: int
    cells: tuple[Cell, ...]


@cache
def comb(seed: str, columns: int, rows: int, fullness: float = 1.0) -> Comb:
    """A place under construction: built in the top right corner, then drawn, then dotted, then open ground."""
    built = {
        (column, row): _built(seed, column, row, fullness * _near(column, row, columns, rows))
        for row in range(rows)
        for column in range(columns)
    }
    standing = {at for at, much in built.items() if much > _GROUND}
    cells = [
        Cell(path=_outline(*at), kind=_kind(built[at], _draw(seed, *at)), arc=_arc(_draw(seed, *at), at, columns))
        for at in built
        if at in standing and len(standing & _around(*at)) > 1
    ]
    width, height = round((columns + 0.5) * (_WIDTH + _GAP)), round(rows * 1.5 * (SIDE + _GAP / sqrt(3)) + SIDE / 2)
    return Comb(width=width, height=height, cells=tuple(cells))


def _draw(seed: str, column: int, row: int) -> bytes:
    """The lots of one cell."""
    return hashlib.sha256(f"{seed}:{column}:{row}".encode()).digest()


def _near(column: int, row: int, columns: int, rows: int) -> float:
    """How near the top right corner a cell is: one in it, nothing or less in the far one."""
    across, down = (columns - 1 - column) / columns, row / rows
    return 1.05 - sqrt(1.3 * across**2 + 0.7 * down**2)


def _built(seed: str, column: int, row: int, near: float) -> float:
    """How far a cell is built; luck moves the edge of the site a little, so that no two combs are alike."""
    return near + _LUCK * (_draw(seed, column, row)[0] / _BYTE - 0.5)


def _kind(much: float, draw: bytes) -> str:
    """How a cell is drawn: the site goes from dotted ground to full colour, with some light let in."""
    if much > _FULL:
        return "wash" if draw[1] % 3 == 0 else "fill"
    return next(kind for least, kind in ((0.62, "wash"), (0.36, "line"), (_GROUND, "dash")) if much > least)


def _arc(draw: bytes, at: tuple[int, int], columns: int) -> float:
    """The angle of a cell seen from the corner; luck again, where two houses meet."""
    column, row = at
    angle = atan2(row + 0.5, columns - column - 0.5) / (pi / 2)
    return min(0.99, max(0.0, angle + 0.5 * (draw[2] / _BYTE - 0.5)))


def _around(column: int, row: int) -> set[tuple[int, int]]:
    """The six cells that touch one; odd rows stand half a cell to the right."""
    left = column if row % 2 else column - 1
    beside = {(column - 1, row), (column + 1, row)}
    return beside | {(left + step, row + side) for step in (0, 1) for side in (-1, 1)}


def _outline(column: int, row: int) -> str:
    """A pointed hexagon as a path."""
    half = _WIDTH / 2
    x = column * (_WIDTH + _GAP) + (half if row % 2 else 0) + half
    y = row * 1.5 * (SIDE + _GAP / sqrt(3))
    return f"M{x:.0f} {y:.0f}l{half:.1f} {SIDE / 2:g}v{SIDE}l-{half:.1f} {SIDE / 2:g}-{half:.1f}-{SIDE / 2:g}v-{SIDE}z"
