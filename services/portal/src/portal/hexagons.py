"""The comb: hexagon cells drawn from a word, so that every event has its own and keeps it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from math import sqrt

SIDE = 40
_WIDTH = SIDE * sqrt(3)
_GAP = 6
_KINDS = ("fill", "line", "wash", "dash", "wash", "line")
_BYTE = 255


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One hexagon: its outline, how it is drawn (`fill`, `wash`, `line`, `dash`), and a number to share houses out."""

    path: str
    kind: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Comb:
    """Cells in a box of that size."""

    width: int
    height: int
    cells: tuple[Cell, ...]


@cache
def comb(seed: str, columns: int, rows: int, fullness: float = 1.0) -> Comb:
    """Cells grow from the top right corner and thin out towards the left and the bottom."""
    cells = []
    for row in range(rows):
        for column in range(columns):
            draw = hashlib.sha256(f"{seed}:{column}:{row}".encode()).digest()
            if draw[0] / _BYTE < fullness * _likely(column, row, columns, rows):
                kind = _KINDS[draw[1] % len(_KINDS)]
                cells.append(Cell(path=_outline(column, row), kind=kind, number=draw[2]))
    width, height = round((columns + 0.5) * (_WIDTH + _GAP)), round(rows * 1.5 * (SIDE + _GAP / sqrt(3)) + SIDE / 2)
    return Comb(width=width, height=height, cells=tuple(cells))


def _likely(column: int, row: int, columns: int, rows: int) -> float:
    """How likely a cell is: sure in the top right corner, none in the far one."""
    across, down = (columns - 1 - column) / columns, row / rows
    return max(0.0, 1.05 - sqrt(1.3 * across**2 + 0.7 * down**2))


def _outline(column: int, row: int) -> str:
    """A pointed hexagon as a path."""
    half = _WIDTH / 2
    x = column * (_WIDTH + _GAP) + (half if row % 2 else 0) + half
    y = row * 1.5 * (SIDE + _GAP / sqrt(3))
    return f"M{x:.0f} {y:.0f}l{half:.1f} {SIDE / 2:g}v{SIDE}l-{half:.1f} {SIDE / 2:g}-{half:.1f}-{SIDE / 2:g}v-{SIDE}z"
