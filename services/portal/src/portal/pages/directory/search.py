"""Looking for people, projects, organisations and places: words, facets, pages, all in the address."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from groupement.shared_identity.v1.directory_entry_pb2 import EntryKind
from groupement.shared_identity.v1.directory_service_pb2 import (
    FacetCount,
    SearchDirectoryRequest,
    SearchDirectoryResponse,
)
from servicekit.refusals import Invalid
from starlette.responses import Response

from portal.forms import Form
from portal.pages.directory import labels
from portal.pages.directory.perspective import Perspective, perspective
from portal.pages.directory.shown import shown
from portal.refusals import status_of
from portal.rendering import with_query
from portal.showcase import House
from portal.visit import Visit

PATH = "/annuaire"
PAGE = 24
LONGEST_QUERY = 200
_CODE = re.compile(r"[A-Z_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is looked for, as the address says it."""

    words: str = ""
    kind: str = ""
    themes: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    view: str = ""
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked beyond "all of it"."""
        return bool(self.words or self.kind or self.themes or self.structures)

    def query(self) -> dict[str, str]:
        """The wish as the query of an address, from its first page."""
        chosen = {"theme": ",".join(self.themes), "structure": ",".join(self.structures)}
        return {"q": self.words, "type": self.kind, "vue": self.view} | chosen

    def address(self) -> str:
        """Its address, from its first page."""
        return with_query(PATH, **self.query())

    def toggled(self, facet: str, value: str) -> "Wish":
        """The wish with one more choice of a facet (`themes`, `structures`), or without it."""
        held: tuple[str, ...] = getattr(self, facet)
        chosen = tuple(v for v in held if v != value) if value in held else (*held, value)
        if facet == "themes":
            return replace(self, themes=chosen, after="")
        return replace(self, structures=chosen, after="")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a facet: its word, how many it leaves, whether it is chosen, where it leads."""

    word: str
    count: int
    chosen: bool
    href: str


async def show(visit: Visit) -> Response:
    """`GET /annuaire?q=&type=&theme=&structure=&vue=&apres=`"""
    houses = await visit.showcase.houses()
    seen_as = await perspective(visit)
    wish = _wish(visit, houses, seen_as)
    form = Form(values={"q": wish.words})
    status = 200
    try:
        found = await _ask(visit, wish, seen_as)
    except Invalid as refusal:
        form, status = form.refused(refusal, visit.language, {"query": "q"}), int(status_of(refusal))
        found = SearchDirectoryResponse()
    return await visit.page(
        "directory/search.html",
        status=status,
        form=form,
        wish=wish,
        seen_as=seen_as,
        found=found,
        entries=[shown(entry, houses, visit.language) for entry in found.entries],
        tabs=_tabs(visit, found.kind_counts),
        themes=_choices(visit, wish, "themes", found.theme_counts, {t: labels.theme(t) for t in labels.THEMES}),
        structures=_structures(visit, wish, found.structure_counts, houses),
        longest=LONGEST_QUERY,
    )


def _wish(visit: Visit, houses: Mapping[str, House], seen_as: Perspective) -> Wish:
    kind = labels.kind_from(visit.query("type"))
    return Wish(
        words=visit.query("q").strip()[:LONGEST_QUERY],
        kind=labels.KIND_PATHS[kind] if kind is not None else "",
        themes=_listed(visit.query("theme"), _CODE.fullmatch),
        structures=_listed(visit.query("structure"), houses.get),
        view=seen_as.asked,
        after=visit.query("apres"),
    )


def _listed(text: str, known: Callable[[str], object]) -> tuple[str, ...]:
    """The values of a list that an address holds, each once, those that can be."""
    return tuple(dict.fromkeys(value for value in text.split(",") if value and known(value)))


async def _ask(visit: Visit, wish: Wish, seen_as: Perspective) -> SearchDirectoryResponse:
    kind = labels.kind_from(wish.kind)
    return await visit.ask(
        visit.backends.identity.directory.SearchDirectory,
        SearchDirectoryRequest(
            query=wish.words,
            kinds=[] if kind is None else [kind],
            themes=wish.themes,
            structures=wish.structures,
            page_size=PAGE,
            page_token=wish.after,
        ),
        structure=seen_as.structure,
    )


def _tabs(visit: Visit, counts: Iterable[FacetCount]) -> list[tuple[str, str, int]]:
    """All, then each kind, with how many."""
    by_kind = {EntryKind.Value(f"ENTRY_KIND_{each.value}"): each.count for each in counts}
    every = ("", visit.language.say("Tout"), sum(by_kind.values()))
    kinds = [(p, visit.language.say(labels.MANY[kind]), by_kind.get(kind, 0)) for kind, p in labels.KIND_PATHS.items()]
    return [every, *kinds]


def _choices(
    visit: Visit, wish: Wish, facet: str, counts: Iterable[FacetCount], words: Mapping[str, str]
) -> list[Choice]:
    """The choices of a facet, most first; what is chosen stays even when nothing is left of it."""
    chosen: Sequence[str] = getattr(wish, facet)
    known = {each.value: each.count for each in counts}
    values = [*known, *(value for value in chosen if value not in known)]
    return [
        Choice(
            word=visit.language.say(words.get(value, value)),
            count=known.get(value, 0),
            chosen=value in chosen,
            href=wish.toggled(facet, value).address(),
        )
        for value in values
    ]


def _structures(
    visit: Visit, wish: Wish, counts: Iterable[FacetCount], houses: Mapping[str, House]
) -> list[tuple[House, Choice]]:
    names = {slug: house.name for slug, house in houses.items()}
    kept = [each for each in counts if each.value in houses]
    choices = _choices(visit, wish, "structures", kept, names)
    slugs = [*(each.value for each in kept), *(s for s in wish.structures if s not in {k.value for k in kept})]
    return [(houses[slug], choice) for slug, choice in zip(slugs, choices, strict=True)]
