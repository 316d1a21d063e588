"""Who sees a field, as one choice of a form: "ME", "STRUCTURES", "STRUCTURES:la-ruche", "GROUPEMENT", "PUBLIC"."""

from collections.abc import Sequence
from dataclasses import dataclass

from groupement.shared_identity.v1.directory_entry_pb2 import (
    FIELD_AUDIENCE_STRUCTURES,
    EntryField,
    FieldAudience,
)

from portal.i18n import N_, Language
from portal.showcase import House

_PREFIX = "FIELD_AUDIENCE_"
_ME, _ALL_MINE, _GROUPEMENT, _PUBLIC = "ME", "STRUCTURES", "GROUPEMENT", "PUBLIC"
_WORDS = {
    _ME: N_("moi seulement"),
    _GROUPEMENT: N_("tout le groupement"),
    _PUBLIC: N_("tout le monde"),
}


@dataclass(frozen=True, kw_only=True)
class Audience:
    """An audience of the contract."""

    audience: FieldAudience.ValueType
    structures: tuple[str, ...] = ()


def code(field: EntryField) -> str:
    """The choice that stands for a field's audience."""
    name = FieldAudience.Name(field.audience).removeprefix(_PREFIX)
    named = field.audience == FIELD_AUDIENCE_STRUCTURES and field.structures
    return f"{name}:{'+'.join(sorted(field.structures))}" if named else name


def audience_from(text: str) -> Audience:
    """The audience that a choice stands for; unspecified, which the directory refuses, for none of ours."""
    name, _, slugs = text.partition(":")
    if name not in (_ME, _ALL_MINE, _GROUPEMENT, _PUBLIC):
        return Audience(audience=FieldAudience.Value(f"{_PREFIX}UNSPECIFIED"))
    structures = tuple(slug for slug in slugs.split("+") if slug)
    return Audience(audience=FieldAudience.Value(f"{_PREFIX}{name}"), structures=structures)


def choices(language: Language, mine: Sequence[House], chosen: str) -> list[tuple[str, str]]:
    """What can be chosen by somebody who belongs to these structures; what is chosen already stays a choice."""
    found = [(_ME, language.say(_WORDS[_ME]))]
    if mine:
        found.append((_ALL_MINE, _named(language, mine)))
    if len(mine) > 1:
        found += [(f"{_ALL_MINE}:{house.slug}", _named(language, [house])) for house in mine]
    found += [(name, language.say(_WORDS[name])) for name in (_GROUPEMENT, _PUBLIC)]
    if chosen and chosen not in {value for value, _ in found}:
        slugs = audience_from(chosen).structures
        kept = [house for house in mine if house.slug in slugs] or [House(slug=s, name=s) for s in slugs]
        found.insert(1, (chosen, _named(language, kept)))
    return found


def _named(language: Language, houses: Sequence[House]) -> str:
    return language.say("membres : %(houses)s", houses=", ".join(house.name for house in houses))
