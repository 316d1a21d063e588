"""The ways that stand in the header of every page; the palette knows them too."""

from dataclasses import dataclass

from portal.i18n import N_


@dataclass(frozen=True, kw_only=True)
class Way:
    """A page everybody may open: its address, its name (French, to be translated), its drawing in `icons/`."""

    path: str
    name: str
    icon: str


MAIN: tuple[Way, ...] = (
    Way(path="/evenements", name=N_("Événements"), icon="calendar"),
    Way(path="/espaces", name=N_("Espaces"), icon="armchair"),
    Way(path="/annuaire", name=N_("Annuaire"), icon="users"),
)
"""In the order of the header; at most four, so that it stays quiet."""
