"""Facts that failed and are due again: how often each was tried, and what must wait behind it."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.bus.envelope import Received

BACKOFF = (0.2, 1.0, 5.0, 15.0, 30.0)
"""Seconds to wait after the first failure, the second..."""
_GRACE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Head:
    fact_id: str
    sequence: int
    until: float


class Holding:
    """A later fact of an aggregate waits for an earlier one that failed: taken in first, it would hide it."""

    def __init__(self, backoff: Sequence[float] = BACKOFF) -> None:
        self._backoff = backoff
        self._attempts: Counter[str] = Counter()
        self._heads: dict[tuple[str, str, str, str], _Head] = {}

    def failed(self, fact: Received) -> int:
        """Notes a failure; gives how many there have been."""
        self._attempts[fact.id] += 1
        until = time.monotonic() + self.delay(fact) + _GRACE_SECONDS
        self._heads[_key(fact)] = _Head(fact_id=fact.id, sequence=fact.stream_sequence, until=until)
        return self._attempts[fact.id]

    def delay(self, fact: Received) -> float:
        """Seconds until the fact is worth trying again."""
        return self._backoff[min(max(self._attempts[fact.id], 1), len(self._backoff)) - 1]

    def settled(self, fact: Received) -> None:
        """The fact is taken in or dead: what waited behind it may go."""
        self._attempts.pop(fact.id, None)
        head = self._heads.get(_key(fact))
        if head is not None and head.fact_id == fact.id:
            del self._heads[_key(fact)]

    def waits(self, fact: Received) -> bool:
        """Whether an earlier fact of the same aggregate is still due; one that vanished is not waited for."""
        head = self._heads.get(_key(fact))
        return head is not None and head.sequence < fact.stream_sequence and time.monotonic() < head.until

    @property
    def empty(self) -> bool:
        """Whether nothing failed lately: the usual case."""
        return not self._heads and not self._attempts


def _key(fact: Received) -> tuple[str, str, str, str]:
    return fact.stream, fact.structure, fact.kind, fact.aggregate_id
