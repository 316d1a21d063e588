"""Questions as the index understands them. Scores are constants: how rare a word is would tell of what is hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Occur, Query, Schema, Searcher, TextAnalyzer

from shared_identity.directory.documents import BEGINNINGS, INSIDE, OTHERWISE, PUBLIC, SEEN, at, beginning
from shared_identity.directory.domain import Viewer

FEWEST_LETTERS_BEGUN = 2
"""From how many letters on the last word may be a beginning."""
FEWEST_LETTERS_WRONG = 4
"""From how many letters on one letter of a word may be wrong."""

_MOST_LISTED = 40
"""Words that begin so are asked for one by one when they are few: an automaton over all words costs more.

Beginnings of three letters after two, of five after four, are always few.
"""

_NAMED, _NAMED_ALIKE, _NAME_BEGUN, _NAME_WRONG, _SAID, _NEARLY_SAID = 8.0, 6.0, 5.0, 4.0, 2.0, 1.0


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
    """Makes queries for one state of the index.

    Its dictionary, which is of all documents, only saves looking for words that no document holds: what is found is
    found in the documents of the viewer.
    """

    def __init__(self, schema: Schema, stems: TextAnalyzer, structures: frozenset[str], searcher: Searcher) -> None:
        """`structures`: those whose views are marked one by one in every document."""
        self._schema = schema
        self._stems = stems
        self._structures = structures
        self._searcher = searcher

    def query(self, question: Question, viewer: Viewer, *, wrong: bool, ranked: bool = True) -> Query:
        """The documents of a viewer that answer a question; with `wrong`, one letter of each word may be.

        Those who only count need no scores: the words of names are among the words said.
        """
        word = self._word if ranked else self._unranked
        last = len(question.words) - 1
        words = [word(each, begun=place == last, wrong=wrong) for place, each in enumerate(question.words)]
        return _all_of([*self._asked_of(question, viewer), *words])

    def named(self, question: Question, viewer: Viewer, most: int) -> Query | None:
        """Those whose names hold every word, before whom no other comes; None when there are not so many."""
        if not question.words or any(self._searcher.doc_freq("name", word) < most for word in question.words):
            return None
        words = [_unscored(self._term("name", word)) for word in question.words]
        return _all_of([*self._asked_of(question, viewer), *words])

    def _asked_of(self, question: Question, viewer: Viewer) -> Sequence[Query]:
        """The documents of a viewer that fit what is chosen of the facets."""
        chosen = [(facet, values) for facet, values in question.facets.items() if values]
        narrowed = [_unscored(_any_of([self._term(facet, value) for value in values])) for facet, values in chosen]
        return [_unscored(self._seen_by(viewer)), *narrowed]

    def _seen_by(self, viewer: Viewer) -> Query:
        """The documents of a viewer: of each entry the one view they have."""
        if not viewer.inside:
            return self._term(SEEN, PUBLIC)
        if not viewer.structure:
            return self._term(SEEN, INSIDE)
        if viewer.structure in self._structures:
            return self._term(SEEN, at(viewer.structure))
        like_all = Query.boolean_query(
            [(Occur.Must, self._term(SEEN, INSIDE)), (Occur.MustNot, self._term(OTHERWISE, viewer.structure))]
        )
        return _any_of([self._term(SEEN, at(viewer.structure)), like_all])

    def _word(self, word: str, *, begun: bool, wrong: bool) -> Query:
        """The documents that hold a word; those whose name does score higher."""
        stem = self._stem(word)
        whole = (("name", word, _NAMED), ("name_stems", stem, _NAMED_ALIKE), ("stems", stem, _SAID))
        known = [(where, value, score) for where, value, score in whole if self._searcher.doc_freq(where, value)]
        ways = [Query.const_score_query(self._term(where, value), score) for where, value, score in known]
        for where, as_begun, as_wrong in (("name", _NAME_BEGUN, _NAME_WRONG), ("words", _NEARLY_SAID, _NEARLY_SAID)):
            if begun:
                ways += [Query.const_score_query(query, as_begun) for query in self._begun(where, word, stem)]
            if wrong:
                ways += [Query.const_score_query(query, as_wrong) for query in self._wrong(where, word)]
        return ways[0] if len(ways) == 1 else Query.disjunction_max_query(ways)

    def _unranked(self, word: str, *, begun: bool, wrong: bool) -> Query:
        """The same documents as `_word` gives."""
        stem = self._stem(word)
        ways = [self._term("stems", stem)] if self._searcher.doc_freq("stems", stem) else []
        if begun:
            ways += self._begun("words", word, stem)
        if wrong:
            ways += self._wrong("words", word)
        return _any_of(ways)

    def _begun(self, where: str, word: str, stem: str) -> Sequence[Query]:
        """The words that begin so, or all but those that are found by their stem already."""
        if len(word) < FEWEST_LETTERS_BEGUN:
            return []
        letters = next((letters for letters in BEGINNINGS if len(word) <= letters), None)
        among = where if letters is None else beginning(where, letters)
        if len(word) == letters:
            return [self._term(among, word)]
        listed = self._searcher.terms_with_prefix(among, word, limit=_MOST_LISTED + 1)
        if len(listed) > _MOST_LISTED:
            return [self._near(among, word, 0)]
        return [self._term(among, each) for each, _ in listed if letters or self._stem(each) != stem]

    def _wrong(self, where: str, word: str) -> Sequence[Query]:
        """The words that differ by one letter, or by two swapped."""
        return [self._near(where, word, 1)] if len(word) >= FEWEST_LETTERS_WRONG else []

    def _near(self, where: str, word: str, distance: int) -> Query:
        return Query.fuzzy_term_query(
            self._schema, where, word, distance, transposition_cost_one=True, prefix=distance == 0
        )

    def _stem(self, word: str) -> str:
        return " ".join(self._stems.analyze(word))

    def _term(self, where: str, value: str) -> Query:
        return Query.term_query(self._schema, where, value, index_option="basic")


def _all_of(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any_of(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
