"""How long a statement keeps SQLite busy: one that has shown itself quick runs where it is asked, without a hop.

A hop to the connection's thread and back costs more than a statement that finds its row by a key: two threads wake each
other, and on a busy machine each waits for its turn. But nothing else happens while a statement runs on the loop.
"""

QUICK = 0.000_2
"""Seconds a quick statement takes at most."""

_PROOFS = 8
"""So many quick runs in a row on the thread show that a statement is quick; after a slow one it must show it again."""


class Pace:
    """What is known of one statement."""

    __slots__ = ("_quick_runs",)

    def __init__(self) -> None:
        self._quick_runs = 0

    @property
    def is_quick(self) -> bool:
        """Whether it may run on the loop."""
        return self._quick_runs >= _PROOFS

    def note(self, seconds: float) -> None:
        """Notes how long it took."""
        self._quick_runs = self._quick_runs + 1 if seconds <= QUICK else 0
