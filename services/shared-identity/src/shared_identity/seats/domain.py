"""Pools of seats: how many there are, how many are taken, who may take which. A pool knows no event but its id."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from servicekit.refusals import Conflict, Exhausted

MOST_SEATS = 100_000


class PoolKind(StrEnum):
    """Which seats a pool counts."""

    OPEN = "OPEN"
    ALLOCATION = "ALLOCATION"
    SESSION = "SESSION"


class EventFull(Exhausted):
    """No seat is free at this event."""


class SessionFull(Exhausted):
    """No seat is free at this session."""


class SeatsTaken(Conflict):
    """More seats are taken, or handed out already, than this would leave."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A number of seats and how many are taken; `organiser_id` or `session_id` is "" where it says nothing."""

    pool_id: str
    event_id: str
    kind: PoolKind
    organiser_id: str = ""
    session_id: str = ""
    size: int
    taken: int = 0
    release_at: datetime | None = None
    open_to_members: bool = False

    @property
    def free(self) -> int:
        """How many seats are left."""
        return self.size - self.taken

    def is_due(self, now: datetime) -> bool:
        """Whether what is left of this allocation should have gone back by now."""
        return self.release_at is not None and self.release_at <= now

    def holding(self, more: int) -> "Pool":
        """The pool with so many more seats taken."""
        return replace(self, taken=self.taken + more)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claims:
    """What entitles somebody to more than the open seats: organisers that invited them, or that they are members of."""

    inviters: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seats:
    """All pools of one event, as one transaction sees them."""

    pools: tuple[Pool, ...]

    @classmethod
    def of(cls, pools: Collection[Pool]) -> "Seats":
        """The seats that these pools make."""
        return cls(pools=tuple(pools))

    @property
    def open(self) -> Pool | None:
        """The seats for anybody; None before the event was given any."""
        return next((pool for pool in self.pools if pool.kind is PoolKind.OPEN), None)

    @property
    def allocations(self) -> Sequence[Pool]:
        """What organisers hand out."""
        return [pool for pool in self.pools if pool.kind is PoolKind.ALLOCATION]

    @property
    def sessions(self) -> Mapping[str, Pool]:
        """The seats of sessions, by session."""
        return {pool.session_id: pool for pool in self.pools if pool.kind is PoolKind.SESSION}

    def known_to(self, organiser_id: str) -> "Seats":
        """The seats as one organiser may know them: what the others hand out is one pool, and names none of them."""
        others = [pool for pool in self.allocations if pool.organiser_id != organiser_id]
        if not others:
            return self
        together = Pool(
            pool_id="",
            event_id=others[0].event_id,
            kind=PoolKind.ALLOCATION,
            size=sum(pool.size for pool in others),
            taken=sum(pool.taken for pool in others),
        )
        return Seats(pools=(*(pool for pool in self.pools if pool not in others), together))

    @property
    def size(self) -> int:
        """How many seats the event has: allocating and releasing never changes it."""
        return sum(pool.size for pool in self.pools if pool.kind is not PoolKind.SESSION)

    @property
    def any_free(self) -> bool:
        """Whether somebody could sit at all."""
        return any(pool.free > 0 for pool in self.pools if pool.kind is not PoolKind.SESSION)

    def doors(self, claims: Claims) -> Sequence[Pool]:
        """The pools a seat may come from, the best first: what one was invited on; everybody's; one's structures'."""
        invited = [pool for pool in self.allocations if pool.organiser_id in claims.inviters]
        homes = [pool for pool in self.allocations if pool.open_to_members and pool.organiser_id in claims.homes]
        opened = [] if self.open is None else [self.open]
        return [*invited, *opened, *(pool for pool in homes if pool not in invited)]

    def kept_for(self, claims: Claims) -> int:
        """How many seats are free for somebody besides the open ones."""
        return sum(pool.free for pool in self.doors(claims) if pool.kind is PoolKind.ALLOCATION)

    def fit(self, claims: Claims, session_ids: Collection[str]) -> tuple[Pool, ...] | None:
        """The pools that have room for a whole wish: one seat, and one of each session; None when any is missing."""
        seat = next((pool for pool in self.doors(claims) if pool.free > 0), None)
        rooms = [self.sessions.get(session_id) for session_id in sorted(session_ids)]
        fitting = [room for room in rooms if room is not None and room.free > 0]
        if seat is None or len(fitting) < len(rooms):
            return None
        return (seat, *fitting)

    def taking(self, taken: Collection[Pool]) -> "Seats":
        """The seats once one of each of these pools is taken."""
        ids = {pool.pool_id for pool in taken}
        return Seats(pools=tuple(pool.holding(1) if pool.pool_id in ids else pool for pool in self.pools))
