"""The staff record at the door: read once a person, kept in memory, forgotten when it changes."""

import time
from collections.abc import Callable

from servicekit import staff
from servicekit.sql import Database

FRESH_SECONDS = 10.0
"""How long another replica of the instance may go on with what it read."""

_MOST_PERSONS = 10_000


class StaffRoles:
    """A `StaffLookup` over an instance's own record. `StaffRpc(..., on_change=roles.forget)` keeps it true."""

    def __init__(
        self, db: Database, *, fresh: float = FRESH_SECONDS, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._fresh = fresh
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, frozenset[str]]] = {}
        self._changes = 0

    async def __call__(self, person_id: str) -> frozenset[str]:
        """The roles a person holds here; raises Unavailable when it must be read and the database is away."""
        known = self._known.get(person_id)
        if known is not None and known[0] > self._monotonic():
            return known[1]
        return await self._read(person_id)

    def forget(self, _person_id: str = "") -> None:
        """Read roles again when next asked: everyone's, a change is rare and one of them may be read right now."""
        self._changes += 1
        self._known = {}

    async def _read(self, person_id: str) -> frozenset[str]:
        changes = self._changes
        async with self._db.reading() as work:
            roles = await staff.roles_of(work, person_id)
        if len(self._known) >= _MOST_PERSONS:
            self._known = {}
        if changes == self._changes:
            self._known[person_id] = self._monotonic() + self._fresh, roles
        return roles
