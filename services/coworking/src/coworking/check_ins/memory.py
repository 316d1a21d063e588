"""What a door needs to know, in memory: answers without a query, and while anything else is away.

A process forgets a person as soon as a change of theirs is committed, and reads them again when next asked. What
another process of the same instance committed, `follow` notices within a second.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from servicekit.clock import Clock
from servicekit.refusals import Unavailable
from servicekit.sql import Database, Work

from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking
from coworking.check_ins import storage
from coworking.rights import usecases as rights
from coworking.rights.domain import Right
from coworking.spans import Span

T = TypeVar("T")
_log = structlog.get_logger(__name__)
_AHEAD = timedelta(days=2)
_GOOD_FOR = timedelta(days=1)
_OVERLAP = timedelta(seconds=30)
"""How far back `follow` looks: longer than a transaction lasts, or the clocks of two machines differ."""

_LOOK_EVERY = 1.0
_MOST_FILES = 100_000

Change = tuple[str, int, str]
"""An id, its version, the person it concerns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonFile:
    """What is booked for a person today and tomorrow, and the rights they hold."""

    bookings: tuple[Booking, ...]
    rights: tuple[Right, ...]
    read_at: datetime


class DoorMemory:
    """The files of those who may come, and the cards that open nothing."""

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._files: dict[str, PersonFile] = {}
        self._reading: dict[str, object] = {}
        self._revoked: set[str] = set()
        self._seen: frozenset[Change] = frozenset()
        self._looked_at = clock()

    async def fill(self) -> None:
        """Reads everybody who booked or holds a right, and every revoked card; to be awaited before serving."""
        now = self._clock()
        async with self._db.reading() as work:
            self._revoked.update(await storage.revoked_since(work, datetime.min.replace(tzinfo=now.tzinfo)))
            await self._fill_files(work, now)

    async def file_of(self, person_id: str) -> PersonFile:
        """A person's file, from memory where it can be; raises Unavailable when it cannot and the database is away."""
        now = self._clock()
        known = self._files.get(person_id)
        if known is not None and now - known.read_at < _GOOD_FOR:
            return known
        try:
            return await self._read(person_id, now)
        except Unavailable:
            if known is None:
                raise
            return known

    def is_revoked(self, card_id: str) -> bool:
        """Whether a card opens nothing any more."""
        return card_id in self._revoked

    def forget(self, person_id: str) -> None:
        """Has a person's file read again: something of theirs has changed."""
        self._files.pop(person_id, None)
        self._reading.pop(person_id, None)

    def revoke(self, card_id: str) -> None:
        """Remembers that a card opens nothing any more."""
        self._revoked.add(card_id)

    async def follow(self) -> None:
        """Notices what other processes of this instance have changed, every second, until cancelled.

        Whatever goes wrong, the door answers from what it knows.
        """
        while True:
            try:
                await self.look()
            except Unavailable as trouble:
                _log.warning("door_memory_waits", why=trouble.reason)
            except Exception:
                _log.exception("door_memory_failed")
            await asyncio.sleep(_LOOK_EVERY)

    async def look(self) -> None:
        """Forgets whoever has changed since the last look."""
        now, since = self._clock(), self._looked_at - _OVERLAP
        async with self._db.reading() as work:
            changes = {*await bookings.changed_since(work, since), *await rights.changed_since(work, since)}
            self._revoked.update(await storage.revoked_since(work, since))
        for _, _, person_id in changes - self._seen:
            self.forget(person_id)
        self._seen, self._looked_at = frozenset(changes), now

    async def _read(self, person_id: str, now: datetime) -> PersonFile:
        """Reads a file, and keeps it unless the person changed meanwhile."""
        ticket = self._reading[person_id] = object()
        try:
            async with self._db.reading() as work:
                booked = await bookings.live_bookings(work, person_id, _window(now))
                held = await rights.rights_of(work, person_id)
        finally:
            current = self._reading.get(person_id) is ticket
            if current:
                del self._reading[person_id]
        file = PersonFile(bookings=tuple(booked), rights=tuple(held), read_at=now)
        if current:
            self._keep(person_id, file)
        return file

    async def _fill_files(self, work: Work, now: datetime) -> None:
        booked = _by_person(await bookings.everybodys_live_bookings(work, _window(now)), lambda one: one.person_id)
        held = _by_person(await rights.everybodys_rights(work), lambda one: one.entitlement.person_id)
        for person_id in booked.keys() | held.keys():
            mine, may = tuple(booked.get(person_id, ())), tuple(held.get(person_id, ()))
            self._keep(person_id, PersonFile(bookings=mine, rights=may, read_at=now))

    def _keep(self, person_id: str, file: PersonFile) -> None:
        if len(self._files) >= _MOST_FILES:
            self._files = dict(list(self._files.items())[_MOST_FILES // 2 :])
        self._files[person_id] = file


def _window(now: datetime) -> Span:
    return Span(start=now, end=now + _AHEAD)


def _by_person(items: Iterable[T], person_of: Callable[[T], str]) -> dict[str, list[T]]:
    grouped: dict[str, list[T]] = {}
    for item in items:
        grouped.setdefault(person_of(item), []).append(item)
    return grouped
