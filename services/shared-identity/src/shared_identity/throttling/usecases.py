"""Counting tries."""

from datetime import datetime

from servicekit.sql import Work

from shared_identity.codes import digest
from shared_identity.throttling import storage
from shared_identity.throttling.domain import Limit, allows, recent


async def take(work: Work, limit: Limit, key: str, *, now: datetime) -> bool:
    """Counts one more try, and whether it is allowed; what is refused is not counted."""
    held = digest(key)
    tries = recent(await storage.tries_for_update(work, limit.kind, held, now), limit, now)
    allowed = allows(tries, limit)
    kept = [*tries, now] if allowed else tries
    await storage.keep(work, limit.kind, held, kept, now + limit.within)
    return allowed


async def clear(work: Work, limit: Limit, key: str) -> None:
    """Forgets the tries: the next one is the first again."""
    await storage.forget(work, limit.kind, digest(key))


async def forget_expired(work: Work, now: datetime) -> None:
    """Forgets what no longer counts."""
    await storage.forget_before(work, now)
