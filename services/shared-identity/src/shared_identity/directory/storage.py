"""Where entries of the directory are kept."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from servicekit.sql import Work, insert, insert_if_absent
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    or_,
    select,
    text,
)

from shared_identity.directory.domain import Entry, Field, Holder
from shared_identity.directory.vocabulary import Audience, EntryKind
from shared_identity.tables import METADATA

_OWN = text("kind = 'PERSON'")

directory_entry = Table(
    "directory_entry",
    METADATA,
    Column("entry_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person_id", Text),
    Column("structure", Text, ForeignKey("structure.slug")),
    Column("fields", Text, nullable=False),
    Column("belongs", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("(person_id IS NULL) <> (structure IS NULL)", name="one_holder"),
    Index("ix_directory_entry_person", "person_id", "entry_id"),
    Index("ix_directory_entry_structure", "structure", "entry_id"),
    # A person has one entry of their own, however many tries are under way at once.
    Index("uq_directory_entry_own", "person_id", unique=True, sqlite_where=_OWN, postgresql_where=_OWN),
)
"""Entries: what they say as JSON, the structures the holder belongs to as slugs."""

_AUDIENCES = {audience.value: audience for audience in Audience}
_COLUMNS = [column.name for column in directory_entry.columns]
_put = insert(directory_entry)
_PUT = _put.on_conflict_do_update(
    index_elements=[directory_entry.c.entry_id],
    set_={name: _put.excluded[name] for name in ("fields", "belongs", "version")},
)
_ONE = select(directory_entry).where(directory_entry.c.entry_id == bindparam("entry_id"))
_BATCH = (
    select(directory_entry)
    .where(directory_entry.c.entry_id > bindparam("after"))
    .order_by(directory_entry.c.entry_id)
    .limit(bindparam("most"))
)
_SEVERAL = select(directory_entry).where(directory_entry.c.entry_id.in_(bindparam("entry_ids", expanding=True)))
_HELD = select(directory_entry).where(
    or_(
        directory_entry.c.person_id == bindparam("person_id"),
        directory_entry.c.structure.in_(bindparam("structures", expanding=True)),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An entry as its row keeps it: which version of which, and what it says, to be read on demand."""

    entry_id: str
    version: int
    row: Row[Any]

    def entry(self) -> Entry:
        """The entry."""
        return _entry(self.row)


async def read(work: Work, entry_id: str) -> Entry | None:
    """One entry."""
    row = (await work.execute(_ONE, {"entry_id": entry_id})).first()
    return None if row is None else _entry(row)


async def add(work: Work, entry: Entry) -> bool:
    """Adds an entry; False when a person already has one of their own."""
    return bool(await insert_if_absent(work, directory_entry, _row(entry)))


async def write(work: Work, entry: Entry) -> None:
    """Keeps an entry as it became; hold its holder first."""
    await work.execute(_PUT, _row(entry))


async def remove(work: Work, entry_id: str) -> None:
    """Forgets an entry."""
    await work.execute(delete(directory_entry).where(directory_entry.c.entry_id == entry_id))


async def held(work: Work, person_id: str, structures: Collection[str] = ()) -> Sequence[Entry]:
    """The entries a person holds, and those of structures."""
    rows = await work.execute(_HELD, {"person_id": person_id, "structures": list(structures)})
    return [_entry(row) for row in rows]


async def batch(work: Work, *, after: str, most: int) -> Sequence[Kept]:
    """Entries of the whole directory, in the order of their ids, after one of them."""
    return [_kept(row) for row in await work.execute(_BATCH, {"after": after, "most": most})]


async def several(work: Work, entry_ids: Collection[str]) -> Sequence[Kept]:
    """Those of these entries that there are."""
    return [_kept(row) for row in await work.execute(_SEVERAL, {"entry_ids": list(entry_ids)})]


def _kept(row: Row[Any]) -> Kept:
    return Kept(entry_id=row.entry_id, version=row.version, row=row)


def _row(entry: Entry) -> dict[str, object]:
    return {
        "entry_id": entry.entry_id,
        "kind": entry.kind.value,
        "person_id": entry.holder.person_id or None,
        "structure": entry.holder.structure or None,
        "fields": json.dumps([_written(field) for field in entry.fields], ensure_ascii=False, separators=(",", ":")),
        "belongs": " ".join(sorted(entry.belongs)),
        "version": entry.version,
    }


def _written(field: Field) -> list[object]:
    return [field.name, list(field.values), field.audience.value, sorted(field.structures)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        entry_id=row.entry_id,
        kind=EntryKind(row.kind),
        holder=Holder(person_id=row.person_id or "", structure=row.structure or ""),
        fields=tuple(_field(*written) for written in json.loads(row.fields)),
        belongs=frozenset(row.belongs.split()),
        version=row.version,
    )


def _field(name: str, values: Sequence[str], audience: str, structures: Sequence[str]) -> Field:
    return Field(name=name, values=tuple(values), audience=_AUDIENCES[audience], structures=frozenset(structures))
