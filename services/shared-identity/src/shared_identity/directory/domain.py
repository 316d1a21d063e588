"""Entries of the directory: what each viewer sees of one, and what may be said in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from servicekit.refusals import Conflict, Denied, Exhausted, Invalid, NotFound

from shared_identity.directory.vocabulary import FORMS, NAME, STRUCTURES, Audience, EntryKind

MOST_ENTRIES = 20
"""How many projects a person may present, and how many organisations and places a structure may."""

STAFF = frozenset({"DIRECTOR", "COMMUNITY_MANAGER", "EVENT_MANAGER", "ADMIN"})
"""The roles that write what a structure shows of itself and its places."""


class EntryKindMissing(Invalid):
    """An entry is about a person, a project, an organisation or a place."""


class FieldUnknown(Invalid):
    """Entries of this kind have no such field."""


class FieldRepeated(Invalid):
    """A field is said once."""


class NameMissing(Invalid):
    """An entry has a name."""


class ValuesTooMany(Invalid):
    """This field does not have so many values."""


class AudienceMissing(Invalid):
    """Each field says who may see it."""


class ThemeUnknown(Invalid):
    """There is no such theme."""


class StageUnknown(Invalid):
    """There is no such stage."""


class WebsiteMalformed(Invalid):
    """An address on the web begins with https:// or http://."""


class StructureNotYours(Invalid):
    """Only structures one belongs to can be shown, or shown to."""


class ViewerMissing(Invalid):
    """A preview is for somebody: the public, the groupement, a structure, oneself."""


class UnknownEntry(NotFound):
    """There is no such entry, or none that may be seen."""


class EntryExists(Conflict):
    """A person has one entry of their own."""


class KindFixed(Conflict):
    """An entry stays of its kind."""


class TooManyEntries(Exhausted):
    """No more entries can be held."""


class NotYourStructure(Denied):
    """Organisations and places are written by a structure's staff, people and projects by who belongs to one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who looks: `inside` the groupement or the public, and at which structure, if any."""

    inside: bool = False
    structure: str = ""


PUBLIC = Viewer()
INSIDE = Viewer(inside=True)


def at(structure: str) -> Viewer:
    """Members and staff of a structure, and its services."""
    return Viewer(inside=True, structure=structure)


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One thing an entry says. With `Audience.STRUCTURES`, to those named, or to all the holder belongs to."""

    name: str
    values: tuple[str, ...]
    audience: Audience
    structures: frozenset[str] = frozenset()

    def visible(self, viewer: Viewer, belongs: frozenset[str]) -> bool:
        """Whether a viewer sees it, when the holder belongs to these structures. Nobody sees what is for the holder."""
        if self.audience is Audience.STRUCTURES:
            return viewer.structure in (belongs & self.structures if self.structures else belongs)
        if self.audience is Audience.GROUPEMENT:
            return viewer.inside
        return self.audience is Audience.PUBLIC


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Whose an entry is: a person's or a structure's, never both."""

    person_id: str = ""
    structure: str = ""


Said = tuple[str, tuple[str, ...]]
"""The name and the values of a field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """An entry as one viewer sees it. `structure` is the one that holds it, "" for a person's."""

    entry_id: str
    kind: EntryKind
    structure: str
    fields: tuple[Said, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """What one field says; nothing when it is not there, or not seen."""
        return next((values for said, values in self.fields if said == name), ())

    @property
    def name(self) -> str:
        """What it is called."""
        return self.values(NAME)[0]

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures it shows: the holder, or those a person chose to show."""
        return (self.structure,) if self.structure else self.values(STRUCTURES)


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """What each viewer sees of an entry: the public, the groupement, and the structures that see it otherwise."""

    public: View | None = None
    inside: View | None = None
    at: Mapping[str, View]

    def of(self, viewer: Viewer) -> View | None:
        """What a viewer sees; None when they do not see the entry at all."""
        if not viewer.inside:
            return self.public
        return self.at.get(viewer.structure, self.inside)

    @property
    def any(self) -> bool:
        """Whether anybody but the holder sees the entry."""
        return self.public is not None or self.inside is not None or bool(self.at)


NOT_SHOWN = Views(at={})


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An entry, all of it. `belongs` are the structures its holder belongs to, which follow memberships."""

    entry_id: str
    kind: EntryKind
    holder: Holder
    fields: tuple[Field, ...]
    belongs: frozenset[str]
    version: int = 1

    def seen_by(self, viewer: Viewer) -> View | None:
        """What a viewer sees; None when they do not see its name."""
        seen = [self._said(field) for field in self.fields if field.visible(viewer, self.belongs)]
        if not any(name == NAME for name, _ in seen):
            return None
        kept = tuple([said for said in seen if said[1]])
        return View(entry_id=self.entry_id, kind=self.kind, structure=self.holder.structure, fields=kept)

    def views(self) -> Views:
        """What everybody sees. Without a field for some structures, all inside see the same."""
        public, inside = self.seen_by(PUBLIC), self.seen_by(INSIDE)
        if all(field.audience is not Audience.STRUCTURES for field in self.fields):
            return Views(public=public, inside=inside, at={})
        there = {structure: self.seen_by(at(structure)) for structure in self.belongs}
        special = {structure: view for structure, view in there.items() if view is not None and view != inside}
        return Views(public=public, inside=inside, at=special)

    def saying(self, fields: tuple[Field, ...], belongs: frozenset[str]) -> "Entry":
        """The entry with other words in it, of a holder who belongs to these structures; raises StructureNotYours."""
        _check_structures(fields, belongs)
        return replace(self, fields=fields, belongs=belongs, version=self.version + 1)

    def settled(self, belongs: frozenset[str]) -> "Entry":
        """The entry of a holder who now belongs to these structures; the same when they did."""
        return self if belongs == self.belongs else replace(self, belongs=belongs, version=self.version + 1)

    def _said(self, field: Field) -> Said:
        """What a field says: of the structures one chose to show, those one still belongs to."""
        if field.name == STRUCTURES:
            return field.name, tuple(slug for slug in field.values if slug in self.belongs)
        return field.name, field.values


def new_entry(
    entry_id: str, kind: EntryKind, holder: Holder, fields: tuple[Field, ...], belongs: frozenset[str]
) -> Entry:
    """A new entry; raises StructureNotYours."""
    _check_structures(fields, belongs)
    return Entry(entry_id=entry_id, kind=kind, holder=holder, fields=fields, belongs=belongs)


def in_order(fields: Iterable[Field], kind: EntryKind) -> tuple[Field, ...]:
    """Fields in the order an entry of this kind shows them, those that say nothing left out.

    Raises FieldRepeated or NameMissing.
    """
    said: dict[str, Field] = {}
    for field in fields:
        if field.name in said:
            raise FieldRepeated(field="fields", name=field.name)
        said[field.name] = field
    kept = tuple(said[name] for name in FORMS[kind] if name in said and said[name].values)
    if not kept or kept[0].name != NAME:
        raise NameMissing(field="fields", name=NAME)
    return kept


def holder_of(kind: EntryKind, person_id: str, structure: str, roles: frozenset[str]) -> Holder:
    """Who holds a new entry of a kind that somebody writes while acting for a structure; raises NotYourStructure."""
    if kind.of_a_person:
        return Holder(person_id=person_id)
    if not roles & STAFF:
        raise NotYourStructure(field="kind")
    return Holder(structure=structure)


def _check_structures(fields: Iterable[Field], belongs: frozenset[str]) -> None:
    for field in fields:
        shown = field.values if field.name == STRUCTURES else ()
        if not belongs.issuperset(shown) or not belongs >= field.structures:
            raise StructureNotYours(field="fields", name=field.name)
