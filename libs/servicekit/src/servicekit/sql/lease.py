"""Leases: one holder at a time for what only one may do (relay, sweep), taken over when the holder falls silent."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from servicekit.clock import Clock, utc_now
from servicekit.sql.engine import Database
from servicekit.sql.tables import lease

_asked = insert(lease)
_ACQUIRE = _asked.on_conflict_do_update(
    index_elements=[lease.c.name],
    set_={
        "holder": _asked.excluded.holder,
        "until": _asked.excluded.until,
        "term": lease.c.term + 1,
    },
    where=or_(lease.c.holder == _asked.excluded.holder, lease.c.until <= bindparam("now")),
).returning(lease.c.until)
_HOLDER = select(lease.c.holder, lease.c.until).where(lease.c.name == bindparam("of"))
_RELEASE = delete(lease).where(lease.c.name == bindparam("of"), lease.c.holder == bindparam("by"))


class Lease:
    """The right to do `name` alone, for `ttl` at a time; `holder` tells this worker from every other."""

    def __init__(
        self, db: Database, name: str, holder: str, ttl: timedelta = timedelta(seconds=15), *, clock: Clock = utc_now
    ) -> None:
        self.name = name
        self.holder = holder
        self._db = db
        self._ttl = ttl
        self._clock = clock
        self._until: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether the lease is ours at this instant, as far as this worker knows."""
        return self._until is not None and self._clock() < self._until

    async def acquire(self) -> bool:
        """Takes the lease, or keeps it (writing only once a third of it is used up); False when another holds it.

        Raises Unavailable when the database is busy or away.
        """
        now = self._clock()
        if self._until is not None and now < self._until - self._ttl * 2 / 3:
            return True
        if await self._held_by_another(now):
            self._until = None
            return False
        return await self._write(now)

    async def release(self) -> None:
        """Gives the lease up, so that the next one need not wait for it to lapse."""
        self._until = None
        async with self._db.work() as work:
            await work.execute(_RELEASE, {"of": self.name, "by": self.holder})

    async def _held_by_another(self, now: datetime) -> bool:
        async with self._db.reading() as work:
            row = (await work.execute(_HOLDER, {"of": self.name})).first()
        return row is not None and row.holder != self.holder and row.until > now

    async def _write(self, now: datetime) -> bool:
        asked = {"name": self.name, "holder": self.holder, "until": now + self._ttl, "term": 1, "now": now}
        async with self._db.work() as work:
            row = (await work.execute(_ACQUIRE, asked)).first()
        self._until = None if row is None else row.until
        return row is not None
