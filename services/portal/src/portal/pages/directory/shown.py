"""An entry as a page shows it: what its reader may see, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from groupement.shared_identity.v1.directory_entry_pb2 import DirectoryEntry

from portal.i18n import Language
from portal.pages.directory import labels
from portal.showcase import House

_LETTERS = 2


@dataclass(frozen=True, kw_only=True)
class Theme:
    """A theme: its code in addresses, its word."""

    code: str
    word: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the reader sees of one entry; what they do not see is empty."""

    entry_id: str
    kind: str
    kind_path: str
    said: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    themes: tuple[Theme, ...]
    stage: str
    houses: tuple[House, ...]
    held_by: House | None

    def one(self, name: str) -> str:
        """The only value of a field, empty when it is not said or not seen."""
        return next(iter(self.said.get(name, ())), "")

    def many(self, name: str) -> tuple[str, ...]:
        """The values of a field."""
        return tuple(self.said.get(name, ()))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.one("name")

    @property
    def initials(self) -> str:
        """Two letters for its cell."""
        words = [word for word in self.name.replace("-", " ").split() if word[:1].isalnum()]
        return "".join(word[0] for word in words[:_LETTERS]).upper()

    @property
    def house(self) -> House | None:
        """The structure whose colours it wears: its holder, or the only one it shows."""
        return self.held_by or (self.houses[0] if len(self.houses) == 1 else None)

    @property
    def website(self) -> str:
        """Its site, when the address is one that a browser opens."""
        address = self.one("website")
        return address if address.startswith(("https://", "http://")) else ""

    def paragraphs(self, name: str) -> list[str]:
        """The paragraphs of a text."""
        return [text.strip() for text in self.one(name).split("\n\n") if text.strip()]


def shown(entry: DirectoryEntry, houses: Mapping[str, House], language: Language) -> Shown:
    """The entry in the reader's language."""
    said = {field.name: tuple(field.values) for field in entry.fields if field.values}
    slugs = [entry.structure] if entry.structure else said.get("structures", ())
    return Shown(
        entry_id=entry.entry_id,
        kind=language.say(labels.KINDS.get(entry.kind, "")) if entry.kind in labels.KINDS else "",
        kind_path=labels.KIND_PATHS.get(entry.kind, ""),
        said=said,
        labels={name: language.say(labels.field(name, entry.kind)) for name in labels.FIELDS},
        themes=tuple(Theme(code=code, word=language.say(labels.theme(code))) for code in said.get("themes", ())),
        stage="".join(language.say(labels.stage(code)) for code in said.get("stage", ())[:1]),
        houses=tuple(houses[slug] for slug in slugs if slug in houses),
        held_by=houses.get(entry.structure),
    )
