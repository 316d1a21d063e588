"""Which pools are set aside, kept in memory: whose a pool is never changes."""

from collections import OrderedDict

from servicekit.sql import Work

from shared_identity.seats import storage

_MOST = 1000


class KnownPools:
    """The pools asked for last."""

    def __init__(self) -> None:
        self._organisers: OrderedDict[str, str] = OrderedDict()

    async def set_aside_by(self, work: Work, pool_id: str) -> str:
        """The organiser that hands out the seats of a pool; "" when they are anybody's, or when there is no such."""
        known = self._organisers.get(pool_id)
        if known is None:
            found = await storage.find(work, pool_id)
            known = self._organisers[pool_id] = "" if found is None else found.organiser_id
        self._organisers.move_to_end(pool_id)
        if len(self._organisers) > _MOST:
            self._organisers.popitem(last=False)
        return known
