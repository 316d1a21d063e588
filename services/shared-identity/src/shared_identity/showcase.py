"""What installs entries of the directory: `[[directory]]` of a TOML document.

An entry says its `entry_id`, its `kind`, and whose it is: `person_id` or `structure`. What it says stands in a table
for each audience, `public`, `groupement`, `structures` and `me`, field by field. Structures a person shows may be those
they will belong to: they show from the day that is declared. Loading the same document again changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from groupement.shared_identity.v1 import directory_entry_pb2 as pb
from servicekit.identifiers import is_id
from servicekit.sql import Work

from shared_identity.directory import usecases, wire
from shared_identity.directory.domain import Holder
from shared_identity.directory.vocabulary import EntryKind
from shared_identity.documents import Entry, EntryMalformed, entries, naming, table

_AUDIENCES = ("public", "groupement", "structures", "me")
_KNOWN = {"entry_id", "kind", "person_id", "structure", *_AUDIENCES}


async def load(work: Work, document: Entry, *, now: datetime) -> bool:
    """Loads a document; False when all of it was there already. Raises a Refusal naming the entry at fault."""
    with naming("directory"):
        listed = entries(document.get("directory", []))
    changed = False
    for position, entry in enumerate(listed):
        with naming(f"directory[{position}]"):
            changed |= await _entry(work, table(entry), now)
    return changed


async def _entry(work: Work, entry: dict[str, Any], now: datetime) -> bool:
    for stranger in sorted(entry.keys() - _KNOWN):
        raise EntryMalformed("No entry has this.", field=stranger)
    entry_id, kind = str(entry.get("entry_id", "")), str(entry.get("kind", ""))
    holder = Holder(person_id=str(entry.get("person_id", "")), structure=str(entry.get("structure", "")))
    if not is_id(entry_id, "entry"):
        raise EntryMalformed("An entry is named by an identifier.", field="entry_id")
    if kind not in set(EntryKind):
        raise EntryMalformed("An entry is of a kind: PERSON, PROJECT, ORGANISATION or PLACE.", field="kind")
    of = EntryKind(kind)
    if bool(holder.person_id) != of.of_a_person or bool(holder.structure) == of.of_a_person:
        raise EntryMalformed("An entry is a person's or a structure's, as its kind asks.", field="kind")
    return await usecases.install(work, entry_id, of, holder, wire.fields(of, _fields(entry)), now=now)


def _fields(entry: Entry) -> Iterator[pb.EntryField]:
    for audience in _AUDIENCES:
        for name, said in table(entry.get(audience, {})).items():
            values = [str(value) for value in said] if isinstance(said, list) else [str(said)]
            yield pb.EntryField(
                name=name, values=values, audience=pb.FieldAudience.Value(f"FIELD_AUDIENCE_{audience.upper()}")
            )
