"""Whoever asks whatever finds, counts and is shown what a look at every visible field would give: nothing else."""

from collections.abc import Sequence

import pytest
from entries import QUESTIONS, STRUCTURES, VIEWERS, Model, entries, entry, indexed, said
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_identity.directory.documents import Facets, facets
from shared_identity.directory.domain import INSIDE, PUBLIC, Entry, Viewer, Views, at
from shared_identity.directory.index import Change, Index
from shared_identity.directory.queries import Question
from shared_identity.directory.vocabulary import Audience
from shared_identity.directory.words import asked, rank

_PAGE = 3
_facets = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from(["PERSON", "PROJECT", "PLACE"]), unique=True, max_size=2).map(tuple),
        "theme": st.lists(st.sampled_from(["FOOD", "CLOTHING"]), unique=True, max_size=2).map(tuple),
        "structure": st.lists(st.sampled_from(STRUCTURES), unique=True, max_size=2).map(tuple),
    },
)
_questions = st.builds(
    Question,
    words=st.lists(st.sampled_from(QUESTIONS), max_size=3).map(lambda said: asked(" ".join(said))),
    facets=_facets,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(entries(), max_size=12),
    st.lists(st.tuples(_questions, st.sampled_from(VIEWERS)), min_size=1, max_size=6),
)
def test_whoever_asks_whatever(held: list[Entry], asks: list[tuple[Question, Viewer]]) -> None:
    index, model = indexed(held), Model(held)
    for question, viewer in asks:
        check(index, model, held, question, viewer)
        check_at_once(index, model, held, question, viewer)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_word_of_a_hidden_field_finds_nothing(viewer: Viewer) -> None:
    """Whole, begun or misspelt; the same word in a field one sees finds the entry."""
    audience = {PUBLIC: Audience.GROUPEMENT, INSIDE: Audience.STRUCTURES}.get(viewer, Audience.ME)
    hidden = indexed([entry(1, said("presentation", "trébuchet", to=audience))])
    shown = indexed([entry(1, said("presentation", "trébuchet"))])
    for question in ("trébuchet", "trebu", "trébucet"):
        found = hidden.search(Question(words=asked(question)), viewer, limit=10)
        assert (list(found.numbers), found.total, found.approximate) == ([], 0, False)
        assert not any(found.counts.values())
        assert shown.search(Question(words=asked(question)), viewer, limit=10).total == 1


@pytest.mark.parametrize("many", [2, 40, 41, 200])
@pytest.mark.parametrize("letters", [2, 3, 4, 5, 6, 7])
def test_a_beginning_finds_every_word_one_sees_however_many_begin_so(letters: int, many: int) -> None:
    """A few that begin so are looked for one by one, many are not; what is hidden is among neither."""
    beginning, ends = "marsouine"[:letters], "bcdfghjklmnprst"
    begun = [f"{beginning}{ends[number % 15]}{ends[number // 15]}" for number in range(many)]
    held = [
        entry(number, said("presentation", word, to=Audience.GROUPEMENT if number % 2 else Audience.PUBLIC))
        for number, word in enumerate(begun)
    ]
    held += [entry(many, said("name", "Marsouine")), entry(many + 1, said("presentation", "amarsouiner"))]
    index, model = indexed(held), Model(held)
    for viewer in VIEWERS[:3]:
        check(index, model, held, Question(words=(beginning,)), viewer)
        check(index, model, held, Question(words=("fiche", f"{beginning}c")), viewer)


def test_what_changed_and_what_is_gone_is_found_no_more() -> None:
    before = entry(1, said("presentation", "trébuchet"))
    index = indexed([before])
    index.change(Change(gone=[0], come=[(7, entry(1, said("presentation", "catapulte")).views())]))
    index.commit()
    assert index.search(Question(words=("trebuchet",)), PUBLIC, limit=10).total == 0
    assert list(index.search(Question(words=("catapulte",)), PUBLIC, limit=10).numbers) == [7]
    index.change(Change(gone=[7], come=[]))
    index.commit()
    assert index.search(Question(), PUBLIC, limit=10).total == 0


class Careless(Index):
    """An index that lets everybody search all of an entry, and shows them what they may see of it only."""

    def change(self, change: Change) -> None:
        """Gives everybody the widest view."""
        widest = [(number, views.at.get("north") or views.inside or views.public) for number, views in change.come]
        all_alike = [(number, Views(public=view, inside=view, at={})) for number, view in widest if view is not None]
        super().change(Change(gone=change.gone, come=all_alike))


def test_control_an_index_of_hidden_words_is_found_out() -> None:
    held = [entry(1, said("presentation", "compost", to=Audience.STRUCTURES))]
    careless = Careless()
    careless.change(Change(gone=[], come=[(0, held[0].views())]))
    careless.commit()
    check(careless, Model(held), held, Question(words=("compost",)), at("north"))
    with pytest.raises(AssertionError):
        check(careless, Model(held), held, Question(words=("compost",)), PUBLIC)


def check_at_once(index: Index, model: Model, held: Sequence[Entry], question: Question, viewer: Viewer) -> None:
    """Few entries, counted one by one, count as the model counts them."""

    def facets_of(number: int) -> Facets:
        view = held[number].seen_by(viewer)
        assert view is not None, "found, and not to be seen"
        return facets(view)

    _, counts = model.answers(question, viewer)
    found = index.search(question, viewer, limit=_PAGE, facets_of=facets_of)
    assert {facet: list(counted) for facet, counted in found.counts.items()} == counts
    assert len(found.numbers) == min(found.total, _PAGE)


def check(index: Index, model: Model, held: Sequence[Entry], question: Question, viewer: Viewer) -> None:
    """What the index gives, page by page, is what the model gives."""
    fits, counts = model.answers(question, viewer)
    numbers: list[int] = []
    while True:
        page = index.search(question, viewer, skip=len(numbers), limit=_PAGE)
        assert page.total == len(fits)
        assert {facet: list(counted) for facet, counted in page.counts.items()} == counts
        if not page.numbers:
            break
        numbers += page.numbers
    assert sorted(numbers) == sorted(fits)
    if question.words:
        assert [fits[number] for number in numbers] == sorted(fits.values(), reverse=True)
    else:
        names = [rank(held[number].fields[0].values[0]) for number in numbers]
        assert names == sorted(names)
