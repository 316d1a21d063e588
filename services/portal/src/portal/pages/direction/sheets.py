"""The tables of figures as CSV for spreadsheets: semicolons, a byte order mark, nothing that a cell would compute."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from portal.i18n import N_, Language
from portal.pages.direction.tables import Figures, Number
from portal.showcase import House

Rows = Iterable[Sequence[str | int]]
_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
HIDDEN = N_("masqué")


def sheet(heads: Sequence[str], rows: Rows) -> bytes:
    """A table as a spreadsheet of a French office reads it (RFC 4180, with semicolons)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([_cell(head) for head in heads])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def members(language: Language, figures: Figures, houses: Mapping[str, House]) -> bytes:
    """Members by month: each structure, all together, those of several."""
    say = language.say
    heads = [
        say("Mois"),
        *(_name(slug, houses) for slug in figures.structures),
        say("Ensemble"),
        say("Membres partagés"),
    ]
    columns = [
        *(figures.over_time(slug) for slug in figures.structures),
        figures.over_time(),
        figures.shared_over_time(),
    ]
    rows: Rows = (
        [month, *(told(language, column[at]) for column in columns)] for at, month in enumerate(figures.months)
    )
    return sheet(heads, rows)


def usages(language: Language, figures: Figures, houses: Mapping[str, House]) -> bytes:
    """Half-days by month, from the structure whose members came to the one that granted them."""
    say = language.say
    heads = [say("Mois"), say("Membres de"), say("Chez"), say("Demi-journées")]
    rows: Rows = (
        [month, _name(flow.home, houses), _name(flow.grantor, houses), half_days]
        for flow in figures.flows
        for month, half_days in sorted(flow.by_month.items())
    )
    return sheet(heads, rows)


def events(language: Language, figures: Figures, houses: Mapping[str, House]) -> bytes:
    """Joint events: seats, people registered, people who came, by structure."""
    say = language.say
    names = [_name(slug, houses) for slug in figures.structures]
    heads = [say("Événement"), say("Date"), say("Places"), say("Inscrits"), say("Venus"), *names]
    rows: Rows = (
        [
            event.title,
            event.date,
            event.size,
            told(language, event.registered),
            told(language, event.attended),
            *(told(language, event.by_structure.get(slug, 0)) for slug in figures.structures),
        ]
        for event in figures.events
    )
    return sheet(heads, rows)


SHEETS: Mapping[str, Callable[[Language, Figures, Mapping[str, House]], bytes]] = {
    "membres": members,
    "utilisations": usages,
    "evenements": events,
}
"""The tables, by their names in addresses."""


def told(language: Language, many: Number) -> str | int:
    """A number, or the words for one that is hidden."""
    return language.say(HIDDEN) if many is None else many


def _name(slug: str, houses: Mapping[str, House]) -> str:
    return houses[slug].name if slug in houses else slug


def _cell(value: str | int) -> str | int:
    """A value that no spreadsheet computes (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_COMPUTED) else value
