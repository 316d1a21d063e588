"""Questions as the index understands them. Scores are constants: how rare a word is would tell of what is hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tantivy import Occur, Query, Schema, Searcher, TextAnalyzer

from shared_identity.directory.documents import BEGINNINGS, INSIDE, SEEN, UNSEEN, at, beginning
from shared_identity.directory.domain import Viewer

FEWEST_LETTERS_BEGUN = 2
"""From how many letters on the last word may be a beginning."""
FEWEST_LETTERS_WRONG = 4
"""From how many letters on one letter of a word may be wrong."""

_MOST_LISTED = 40
"""Words that begin so are asked for one by one when they are few: an automaton over all words costs more.

Beginnings of three letters after two, of five after four, are always few.
"""

_MANY = 1_000_000_000


class _Texts(NamedTuple):
    """The fields of a text, and what a word scores that is found there as it is, by its stem, begun, or wrongly."""

    words: str
    stems: str
    whole: float
    alike: float
    begun: float
    wrong: float


_NAME = _Texts("name", "name_stems", 8.0, 6.0, 5.0, 4.0)
_SAID = _Texts("words", "stems", 0.0, 2.0, 1.0, 1.0)
"""All that is said, the name as well. A word as it is has its stem, which scores no less."""


class _Way(NamedTuple):
    """One of the ways to find a word; `documents`: in how many there may be, whoever sees them."""

    query: Query
    score: float
    documents: int


class Words(NamedTuple):
    """How each word of a question may be found: in names, in all that is said; `wrong`: with a letter that differs."""

    named: Sequence[Sequence[_Way]]
    said: Sequence[Sequence[_Way]]
    wrong: bool

    def names_first(self, most: int) -> bool:
        """Whether entries whose names hold every word come before all others, and may be so many.

        With more words than that, an entry with fewer of them in its name may come between.
        """
        few = 1 <= len(self.named) <= (1 if self.wrong else 2)
        return few and all(sum(way.documents for way in ways) >= most for ways in self.named)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is looked for: words as `words.asked` gives them, and any of the values of each facet."""

    words: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def chosen(self) -> bool:
        """Whether anything of a facet is."""
        return any(self.facets.values())

    def without(self, facet: str) -> "Question":
        """The question with one facet left open."""
        return replace(self, facets={name: chosen for name, chosen in self.facets.items() if name != facet})


class Queries:
    """Makes queries for one state of an index: of what the public sees, or of what those inside do.

    Its dictionary, which is of all documents, only saves looking for words that no document holds: what is found is
    found in the documents of the viewer.
    """

    def __init__(self, schema: Schema, stems: TextAnalyzer, structures: frozenset[str], searcher: Searcher) -> None:
        """`structures`: those whose views are marked one by one in every document for those inside."""
        self._schema = schema
        self._stems = stems
        self._structures = structures
        self._searcher = searcher

    def words(self, question: Question, *, wrong: bool) -> Words:
        """How the words of a question may be found; with `wrong`, one letter of each may be."""
        named, said = self._each_word(question, _NAME, wrong), self._each_word(question, _SAID, wrong)
        return Words(named, said, wrong)

    def ranked(self, words: Words, question: Question, viewer: Viewer) -> Query:
        """The documents of a viewer that answer a question, the best first."""
        both = zip(words.named, words.said, strict=True)
        return self._all_of(question, viewer, [_best_of([*named, *said]) for named, said in both])

    def named(self, words: Words, question: Question, viewer: Viewer) -> Query:
        """Those of them whose names hold every word."""
        return self._all_of(question, viewer, [_best_of(ways) for ways in words.named])

    def counted(self, words: Words, question: Question, viewer: Viewer) -> Query:
        """All of them, in no order: the words of names are among the words said."""
        return self._all_of(question, viewer, [_any_of([way.query for way in ways]) for ways in words.said])

    def _all_of(self, question: Question, viewer: Viewer, words: Sequence[Query]) -> Query:
        """The documents of a viewer with all these words, that fit what is chosen of the facets."""
        chosen = [(facet, values) for facet, values in question.facets.items() if values]
        narrowed = [_unscored(_any_of([self._term(facet, value) for value in values])) for facet, values in chosen]
        wanted = [*narrowed, *words] or [Query.all_query()]
        return Query.boolean_query([*((Occur.Must, each) for each in wanted), *self._seen_by(viewer)])

    def _seen_by(self, viewer: Viewer) -> Sequence[tuple[Occur, Query]]:
        """What makes the documents of a viewer of all there are: of each entry the one view they have."""
        if not viewer.inside:
            return ()
        if not viewer.structure:
            return [(Occur.MustNot, self._term(UNSEEN, INSIDE))]
        unseen = (Occur.MustNot, self._term(UNSEEN, at(viewer.structure)))
        if viewer.structure in self._structures:
            return [unseen]
        like_all = Query.boolean_query([(Occur.Must, self._term(SEEN, INSIDE)), unseen])
        return [(Occur.Must, _unscored(_any_of([self._term(SEEN, at(viewer.structure)), like_all])))]

    def _each_word(self, question: Question, texts: _Texts, wrong: bool) -> Sequence[Sequence[_Way]]:
        last = len(question.words) - 1
        return [self._ways(texts, word, place == last, wrong) for place, word in enumerate(question.words)]

    def _ways(self, texts: _Texts, word: str, begun: bool, wrong: bool) -> Sequence[_Way]:
        """The ways to find a word in a text."""
        stem = self._stem(word)
        ways = [self._known(texts.stems, stem, texts.alike)]
        if texts.whole:
            ways.append(self._known(texts.words, word, texts.whole))
        if begun and len(word) >= FEWEST_LETTERS_BEGUN:
            ways += self._begun(texts, word, stem)
        if wrong and len(word) >= FEWEST_LETTERS_WRONG:
            ways.append(_Way(self._near(texts.words, word, 1), texts.wrong, _MANY))
        return [way for way in ways if way.documents]

    def _known(self, where: str, value: str, score: float) -> _Way:
        return _Way(self._term(where, value), score, self._searcher.doc_freq(where, value))

    def _begun(self, texts: _Texts, word: str, stem: str) -> Sequence[_Way]:
        """The words that begin so, or all but those that are found by their stem already."""
        letters = next((letters for letters in BEGINNINGS if len(word) <= letters), None)
        among = texts.words if letters is None else beginning(texts.words, letters)
        if len(word) == letters:
            return [self._known(among, word, texts.begun)]
        listed = self._searcher.terms_with_prefix(among, word, limit=_MOST_LISTED + 1)
        if len(listed) > _MOST_LISTED:
            return [_Way(self._near(among, word, 0), texts.begun, _MANY)]
        others = [(each, many) for each, many in listed if letters or self._stem(each) != stem]
        return [_Way(self._term(among, each), texts.begun, many) for each, many in others]

    def _near(self, where: str, word: str, distance: int) -> Query:
        """At distance 0 the words that begin so; at 1 those that differ by one letter, or by two swapped."""
        return Query.fuzzy_term_query(
            self._schema, where, word, distance, transposition_cost_one=True, prefix=distance == 0
        )

    def _stem(self, word: str) -> str:
        return " ".join(self._stems.analyze(word))

    def _term(self, where: str, value: str) -> Query:
        return Query.term_query(self._schema, where, value, index_option="basic")


def _best_of(ways: Sequence[_Way]) -> Query:
    scored = [Query.const_score_query(way.query, way.score) for way in ways]
    return scored[0] if len(scored) == 1 else Query.disjunction_max_query(scored)


def _any_of(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
