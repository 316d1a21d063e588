"""Questions as the index understands them. Scores are constants: how rare a word is would tell of what is hidden."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tantivy import Occur, Query, Schema, TextAnalyzer

from shared_identity.directory.documents import INSIDE, OTHERWISE, PUBLIC, SEEN, at
from shared_identity.directory.domain import Viewer

FEWEST_LETTERS_BEGUN = 2
"""From how many letters on the last word may be a beginning."""
FEWEST_LETTERS_WRONG = 4
"""From how many letters on one letter of a word may be wrong."""

_NAMED, _NAMED_ALIKE, _NAME_BEGUN, _NAME_WRONG, _SAID, _NEARLY_SAID = 8.0, 6.0, 5.0, 4.0, 2.0, 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is looked for: words as `words.asked` gives them, and any of the values of each facet."""

    words: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def without(self, facet: str) -> "Question":
        """The question with one facet left open."""
        return replace(self, facets={name: chosen for name, chosen in self.facets.items() if name != facet})


class Queries:
    """Makes queries for one schema."""

    def __init__(self, schema: Schema, stems: TextAnalyzer, structures: frozenset[str]) -> None:
        """`structures`: those whose views are marked one by one in every document."""
        self._schema = schema
        self._stems = stems
        self._structures = structures

    def query(self, question: Question, viewer: Viewer, *, wrong: bool, ranked: bool = True) -> Query:
        """The documents of a viewer that answer a question; with `wrong`, one letter of each word may be.

        Those who only count need no scores: the words of names are among the words said.
        """
        word = self._word if ranked else self._unranked
        wanted = [_unscored(self._seen_by(viewer))]
        for facet, values in question.facets.items():
            if values:
                wanted.append(_unscored(_any_of([self._term(facet, value) for value in values])))
        last = len(question.words) - 1
        wanted += [word(each, begun=place == last, wrong=wrong) for place, each in enumerate(question.words)]
        return Query.boolean_query([(Occur.Must, each) for each in wanted])

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
        stem = " ".join(self._stems.analyze(word))
        ways = [
            Query.const_score_query(self._term("name", word), _NAMED),
            Query.const_score_query(self._term("name_stems", stem), _NAMED_ALIKE),
            Query.const_score_query(self._term("stems", stem), _SAID),
        ]
        if begun and len(word) >= FEWEST_LETTERS_BEGUN:
            ways += [self._near("name", word, 0, _NAME_BEGUN), self._near("words", word, 0, _NEARLY_SAID)]
        if wrong and len(word) >= FEWEST_LETTERS_WRONG:
            ways += [self._near("name", word, 1, _NAME_WRONG), self._near("words", word, 1, _NEARLY_SAID)]
        return Query.disjunction_max_query(ways)

    def _unranked(self, word: str, *, begun: bool, wrong: bool) -> Query:
        """The same documents as `_word` gives."""
        ways = [self._term("stems", " ".join(self._stems.analyze(word)))]
        if begun and len(word) >= FEWEST_LETTERS_BEGUN:
            ways.append(self._near("words", word, 0, _NEARLY_SAID))
        if wrong and len(word) >= FEWEST_LETTERS_WRONG:
            ways.append(self._near("words", word, 1, _NEARLY_SAID))
        return _any_of(ways)

    def _near(self, where: str, word: str, distance: int, score: float) -> Query:
        """At distance 0 the words that begin so; at 1 those that differ by one letter, or by two swapped."""
        near = Query.fuzzy_term_query(
            self._schema, where, word, distance, transposition_cost_one=True, prefix=distance == 0
        )
        return Query.const_score_query(near, score)

    def _term(self, where: str, value: str) -> Query:
        return Query.term_query(self._schema, where, value, index_option="basic")


def _any_of(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
