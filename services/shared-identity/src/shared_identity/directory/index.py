"""The index of the directory, in memory: one for the public, one for those inside.

A document holds the words of one view of an entry, and a question is put to the documents of its viewer alone: what a
viewer may not see is in none of the documents they can find or count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import TypedDict

from tantivy import Document, IndexWriter, Order, Query, Searcher
from tantivy import Index as Tantivy

from shared_identity.directory.documents import (
    FACETS,
    Facets,
    analyzers,
    inside_documents,
    public_documents,
    schema,
    stems,
)
from shared_identity.directory.domain import Viewer, Views
from shared_identity.directory.queries import Queries, Question, Words

_HEAP_BYTES = 256_000_000
"""What a segment may take while it is written: whatever is asked is asked of each segment."""
_MOST_BUCKETS = 1000
_MOST_REMEMBERED = 256
_FEW = 20

FacetsOf = Callable[[int], Facets]
"""Tells what the entry of a number counts under, as the viewer sees it."""

Counts = Mapping[str, Sequence[tuple[str, int]]]
"""By facet, how many entries each choice would leave: most first, then by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The numbers of the entries of a page, how many there are on all, and what choosing further would leave."""

    numbers: Sequence[int]
    total: int
    counts: Counts
    approximate: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Entries by the number each is indexed under: some go, some come."""

    gone: Sequence[int]
    come: Sequence[tuple[int, Views]]


class Index:
    """What everybody finds; changes show once committed. One thread at a time may change it, any may search."""

    def __init__(self, structures: frozenset[str] = frozenset()) -> None:
        """`structures`: those known to ask often, whose questions are quicker; any other may ask as well."""
        self._structures = structures
        self._public, self._inside = _Half(structures), _Half(structures)

    def change(self, change: Change) -> None:
        """Takes a change in; it shows after `commit`."""
        for number in change.gone:
            self._public.drop(number)
            self._inside.drop(number)
        for number, views in change.come:
            self._public.add(public_documents(number, views))
            self._inside.add(inside_documents(number, views, self._structures))

    def commit(self) -> None:
        """Shows all changes taken in."""
        self._public.commit()
        self._inside.commit()

    def search(
        self, question: Question, viewer: Viewer, *, skip: int = 0, limit: int, facets_of: FacetsOf | None = None
    ) -> Found:
        """A page of what a viewer finds, after `skip` entries: by relevance when words are given, else by name.

        Words are first taken as they are; only when no entry the viewer sees holds them may a letter of each be wrong.
        With `facets_of`, which tells what the viewer's view of an entry counts under, few entries are counted by it.
        """
        half = self._inside if viewer.inside else self._public
        return half.shown.search(question, viewer, skip, limit, facets_of)


class _Half:
    """A tantivy index: of what the public sees, or of what those inside do."""

    def __init__(self, structures: frozenset[str]) -> None:
        made = schema()
        self._tantivy = Tantivy(made)
        for name, analyzer in analyzers().items():
            self._tantivy.register_tokenizer(name, analyzer)
        self._queries = partial(Queries, made, stems(), structures)
        self.shown = self._state()

    @cached_property
    def writer(self) -> IndexWriter:
        """Made when there is something to write: it has threads of its own."""
        return self._tantivy.writer(_HEAP_BYTES, 1)

    def drop(self, number: int) -> None:
        self.writer.delete_documents_by_term("number", number)

    def add(self, documents: Iterable[Document]) -> None:
        for document in documents:
            self.writer.add_document(document)

    def commit(self) -> None:
        self.writer.commit()
        self._tantivy.reload()
        self.shown = self._state()

    def _state(self) -> "_Shown":
        searcher = self._tantivy.searcher()
        return _Shown(searcher, self._queries(searcher))


class _Bucket(TypedDict):
    key: str
    doc_count: int


class _Shown:
    """One state of the index: what one search asks of it several times stays the same meanwhile."""

    def __init__(self, searcher: Searcher, queries: Queries) -> None:
        self._searcher = searcher
        self._queries = queries
        self._remembered: dict[tuple[object, ...], Counts] = {}

    def search(self, question: Question, viewer: Viewer, skip: int, limit: int, facets_of: FacetsOf | None) -> Found:
        """See `Index.search`."""
        few = facets_of if question.words and not skip and not question.chosen else None
        most = limit if few is None else max(limit, _FEW)
        numbers, words, wrong = self._found(question, viewer, skip, most)
        if few is not None and len(numbers) < most:
            counts = _tally(map(few, numbers))
            return Found(numbers=numbers[:limit], total=len(numbers), counts=counts, approximate=wrong)
        counts = self._counts(words, question, viewer)
        total = _total(counts, question)
        return Found(numbers=numbers[:limit], total=total, counts=counts, approximate=wrong)

    def _found(self, question: Question, viewer: Viewer, skip: int, limit: int) -> tuple[list[int], Words, bool]:
        """A page, how words were looked for, and whether they are found only so, whatever else is chosen."""
        words = self._queries.words(question, wrong=False)
        numbers = self._numbers(words, question, viewer, skip, limit)
        if numbers or not question.words:
            return numbers, words, False
        narrowed, only_words = bool(skip or question.chosen), Question(words=question.words)
        if narrowed and self._any(words, only_words, viewer):
            return [], words, False
        words = self._queries.words(question, wrong=True)
        numbers = self._numbers(words, question, viewer, skip, limit)
        return numbers, words, bool(numbers) or (narrowed and self._any(words, only_words, viewer))

    def _numbers(self, words: Words, question: Question, viewer: Viewer, skip: int, limit: int) -> list[int]:
        """The best, without a look at how many others there are: those who count tell it."""
        if words.names_first(skip + limit):
            first = self._page(self._queries.named(words, question, viewer), skip, limit)
            if len(first) == limit:
                return first
        query = self._queries.ranked(words, question, viewer)
        return self._page(query, skip, limit, by_name=not question.words)

    def _page(self, query: Query, skip: int, limit: int, *, by_name: bool = False) -> list[int]:
        by, order = ("rank", Order.Asc) if by_name else (None, Order.Desc)
        page = self._searcher.search(query, limit, count=False, offset=skip, order_by_field=by, order=order)
        found = self._searcher.fast_field_values("number", [address for _, address in page.hits])
        return [int(number or 0) for number in found]

    def _any(self, words: Words, question: Question, viewer: Viewer) -> bool:
        return bool(self._page(self._queries.counted(words, question, viewer), 0, 1))

    def _counts(self, words: Words, question: Question, viewer: Viewer) -> Counts:
        """Without words counts are few, large, and remembered; no words are, for that would be what people look for."""
        if question.words:
            return self._count(words, question, viewer)
        key = (viewer, tuple(sorted(question.facets.items())))
        if key not in self._remembered:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._count(words, question, viewer)
        return self._remembered[key]

    def _count(self, words: Words, question: Question, viewer: Viewer) -> Counts:
        """A facet is counted as if nothing of it were chosen."""
        chosen = [facet for facet in FACETS if question.facets.get(facet)]
        counts = self._aggregate(words, question, viewer, [facet for facet in FACETS if facet not in chosen])
        for facet in chosen:
            counts |= self._aggregate(words, question.without(facet), viewer, [facet])
        return counts

    def _aggregate(
        self, words: Words, question: Question, viewer: Viewer, facets: Sequence[str]
    ) -> dict[str, Sequence[tuple[str, int]]]:
        if not facets:
            return {}
        terms = {facet: {"terms": {"field": facet, "size": _MOST_BUCKETS}} for facet in facets}
        counted = self._searcher.aggregate(self._queries.counted(words, question, viewer), terms)
        return {facet: _buckets(counted[facet]["buckets"]) for facet in facets}


def _tally(entries: Iterable[Facets]) -> Counts:
    counts: dict[str, list[tuple[str, int]]] = {facet: [] for facet in FACETS}
    for (facet, value), count in Counter(chain.from_iterable(entries)).items():
        counts[facet].append((value, count))
    return {facet: _sorted(counted) for facet, counted in counts.items()}


def _total(counts: Counts, question: Question) -> int:
    """An entry is of one kind, and kinds are counted as if none were chosen."""
    chosen = question.facets.get("kind")
    return sum(count for kind, count in counts["kind"] if not chosen or kind in chosen)


def _buckets(buckets: Iterable[_Bucket]) -> Sequence[tuple[str, int]]:
    return _sorted((bucket["key"], bucket["doc_count"]) for bucket in buckets)


def _sorted(counted: Iterable[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    return sorted(counted, key=lambda each: (-each[1], each[0]))
