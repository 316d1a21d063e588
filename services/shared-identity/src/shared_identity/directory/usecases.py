"""What is done about entries: written by their holders, read back by them, kept in step with where holders belong.

Whoever changes entries holds their holder first, so that an entry written and a membership ended at the same instant
know of each other. What others see changes with a fact; what only the holder sees does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from servicekit.etags import check_etag
from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.days import day_of, start_of
from shared_identity.directory import storage, wire
from shared_identity.directory.domain import (
    INSIDE,
    MOST_ENTRIES,
    NOT_SHOWN,
    PUBLIC,
    STAFF,
    Entry,
    EntryExists,
    Field,
    Holder,
    KindFixed,
    NotYourStructure,
    TooManyEntries,
    UnknownEntry,
    Viewer,
    Views,
    at,
    holder_of,
    new_entry,
)
from shared_identity.directory.vocabulary import EntryKind
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships.domain import Belonging
from shared_identity.people import usecases as people
from shared_identity.structures import usecases as structures

BELONGING_CHANGES = "directory.belonging_changes"
"""The kind of due row for the day on which time changes where a holder belongs."""

_KINDS = list(EntryKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """Somebody at work on entries, and the structure they act for with these roles."""

    person_id: str
    structure: str
    roles: frozenset[str]

    def holds(self, holder: Holder) -> bool:
        """Whether they may read and write what this holder holds."""
        return holder == Holder(person_id=self.person_id) or (holder.structure in self.structures)

    @property
    def structures(self) -> tuple[str, ...]:
        """The structure whose entries are theirs to write, if any."""
        return (self.structure,) if self.roles & STAFF else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """An entry as it shall be: a new one without `entry_id`."""

    entry_id: str
    kind: EntryKind
    fields: tuple[Field, ...]
    etag: str = ""


async def save(work: Work, wish: Wish, writer: Writer, *, now: datetime) -> Entry:
    """Makes an entry or replaces what one says.

    Raises UnknownEntry, StaleEtag, KindFixed, EntryExists, TooManyEntries, NotYourStructure, StructureNotYours.
    """
    if not wish.entry_id:
        return await _make(work, wish, writer, now)
    before = await _held(work, wish.entry_id, writer)
    check_etag(wish.etag, before.version)
    if before.kind is not wish.kind:
        raise KindFixed(field="kind")
    after = before.saying(wish.fields, await _belonging_on(work, before.holder, now))
    await _keep(work, before.views(), after, now)
    return after


async def install(
    work: Work, entry_id: str, kind: EntryKind, holder: Holder, fields: tuple[Field, ...], *, now: datetime
) -> bool:
    """Adds an entry an installation begins with; False when it is there already.

    Where its holder belongs may be declared later. Raises UnknownPerson, UnknownStructure or EntryExists.
    """
    if await storage.read(work, entry_id) is not None:
        return False
    await _hold(work, holder)
    belongs = await _belonging_on(work, holder, now)
    await _add(work, Entry(entry_id=entry_id, kind=kind, holder=holder, fields=fields, belongs=belongs), now)
    return True


async def withdraw(work: Work, entry_id: str, etag: str, writer: Writer, *, now: datetime) -> Entry:
    """Takes an entry out for good; gives the version that is no more. Raises UnknownEntry or StaleEtag."""
    before = await _held(work, entry_id, writer)
    check_etag(etag, before.version)
    gone = replace(before, version=before.version + 1)
    await storage.remove(work, entry_id)
    if before.views().any:
        work.announce(wire.entry_withdrawn(gone, now))
    return gone


async def mine(work: Work, entry_id: str, writer: Writer) -> Entry:
    """An entry somebody holds; raises UnknownEntry."""
    entry = await storage.read(work, entry_id)
    if entry is None or not writer.holds(entry.holder):
        raise UnknownEntry(field="entry_id")
    return entry


async def all_mine(work: Work, writer: Writer) -> Sequence[Entry]:
    """What somebody holds: their own, then their structure's, by kind, oldest first."""
    held = await storage.held(work, writer.person_id, writer.structures)
    return sorted(held, key=lambda each: (bool(each.holder.structure), _KINDS.index(each.kind), each.entry_id))


async def preview(work: Work, kind: EntryKind, fields: tuple[Field, ...], writer: Writer, *, now: datetime) -> Entry:
    """An entry as it would be if it were saved now; raises NotYourStructure or StructureNotYours."""
    holder = holder_of(kind, writer.person_id, writer.structure, writer.roles)
    found = await _belonging(work, holder, now)
    return new_entry("", kind, holder, fields, found.structures)


async def viewer_of(work: Work, person_id: str, structure: str, today: date) -> Viewer:
    """How far somebody sees who acts for a structure: read each time, since memberships end."""
    belongs = (await memberships.belonging(work, person_id, today)).structures
    if structure in belongs:
        return at(structure)
    return INSIDE if belongs else PUBLIC


async def follow_person(work: Work, person_id: str, *, now: datetime) -> Sequence[Entry]:
    """Somebody may belong elsewhere now: their entries follow; gives those that changed."""
    if not await storage.held(work, person_id):
        return []
    await people.hold(work, person_id)
    belongs = await _belonging_on(work, Holder(person_id=person_id), now)
    changed = []
    for before in await storage.held(work, person_id):
        after = before.settled(belongs)
        if after is not before:
            await _keep(work, before.views(), after, now)
            changed.append(after)
    return changed


async def _make(work: Work, wish: Wish, writer: Writer, now: datetime) -> Entry:
    holder = holder_of(wish.kind, writer.person_id, writer.structure, writer.roles)
    await _hold(work, holder)
    belongs = await _belonging_on(work, holder, now)
    if not belongs:
        raise NotYourStructure(field="kind")
    made = new_entry(new_id("entry"), wish.kind, holder, wish.fields, belongs)
    held = await storage.held(work, holder.person_id, [holder.structure] if holder.structure else [])
    if len(held) >= MOST_ENTRIES:
        raise TooManyEntries(most=str(MOST_ENTRIES))
    await _add(work, made, now)
    return made


async def _add(work: Work, made: Entry, now: datetime) -> None:
    if not await storage.add(work, made):
        raise EntryExists(field="kind")
    _announce(work, NOT_SHOWN, made, now)


async def _held(work: Work, entry_id: str, writer: Writer) -> Entry:
    """An entry of this writer's that nobody else changes before this work ends; raises UnknownEntry."""
    entry = await mine(work, entry_id, writer)
    await _hold(work, entry.holder)
    return await mine(work, entry_id, writer)


async def _hold(work: Work, holder: Holder) -> None:
    if holder.person_id:
        await people.hold(work, holder.person_id)
    else:
        await structures.hold(work, holder.structure)


async def _belonging(work: Work, holder: Holder, now: datetime) -> Belonging:
    if holder.structure:
        return Belonging(structures=frozenset({holder.structure}))
    return await memberships.belonging(work, holder.person_id, day_of(now))


async def _belonging_on(work: Work, holder: Holder, now: datetime) -> frozenset[str]:
    """The structures a holder belongs to, looked at again on the day when time changes them."""
    found = await _belonging(work, holder, now)
    if found.changes_on is not None:
        work.schedule(Due(kind=BELONGING_CHANGES, key=holder.person_id, at=start_of(found.changes_on)))
    return found.structures


async def _keep(work: Work, before: Views, after: Entry, now: datetime) -> None:
    await storage.write(work, after)
    _announce(work, before, after, now)


def _announce(work: Work, before: Views, after: Entry, now: datetime) -> None:
    """Tells of what others see: nothing when they see what they saw."""
    views = after.views()
    if views.any and views != before:
        work.announce(wire.entry_changed(after, now))
    elif before.any and not views.any:
        work.announce(wire.entry_withdrawn(after, now))
