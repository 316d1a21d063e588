"""Entries of a directory to test with, and a directory so simple that it cannot be wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from shared_identity.directory.domain import INSIDE, PUBLIC, Entry, Field, Holder, Viewer, at
from shared_identity.directory.index import Change, Index
from shared_identity.directory.queries import Question
from shared_identity.directory.vocabulary import STAGE_WORDS, THEME_WORDS, Audience, EntryKind
from shared_identity.directory.words import words
from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

STRUCTURES = ("north", "south", "west")
VIEWERS = (PUBLIC, INSIDE, *(at(structure) for structure in STRUCTURES))
SAYINGS = (
    *("Épicerie solidaire", "l'épicier", "Atelier de couture", "coudre", "coutures", "Maison partagée", "maisons"),
    *("éco-habitat", "habiter", "compost", "composter", "Œuvre collective", "vélo", "vélos", "Marseille", "marsouin"),
)
QUESTIONS = (
    *("épicerie", "epicerie", "EPICIER", "épicreie", "epicrie", "cout", "couture", "coudre", "maison", "maisn"),
    *("habitat", "éco", "oeuvre", "velo", "vleo", "mars", "marseile", "compost", "composteur", "solidaire", "atelier"),
    *("ma", "co", "mar", "cou"),
)


def said(name: str, *values: str, to: Audience = Audience.PUBLIC, only: Iterable[str] = ()) -> Field:
    """A field."""
    return Field(name=name, values=values, audience=to, structures=frozenset(only))


def entry(
    number: int,
    *fields: Field,
    kind: EntryKind = EntryKind.PERSON,
    belongs: Iterable[str] = ("north",),
    version: int = 1,
) -> Entry:
    """An entry that says this; a name is made up when none is given."""
    named = fields if any(field.name == "name" for field in fields) else (said("name", f"Fiche {number}"), *fields)
    holder = Holder(person_id=f"person_{number}") if kind.of_a_person else Holder(structure=next(iter(belongs)))
    return Entry(
        entry_id=f"entry_{number:032x}",
        kind=kind,
        holder=holder,
        fields=tuple(named),
        belongs=frozenset(belongs),
        version=version,
    )


def indexed(entries: Sequence[Entry], expected: Iterable[str] = ("north", "elsewhere")) -> Index:
    """An index of entries, each under its place in the list, that expects some structures to ask and not others."""
    made = Index(frozenset(expected))
    made.change(Change(gone=[], come=[(number, each.views()) for number, each in enumerate(entries)]))
    made.commit()
    return made


_audiences = st.sampled_from(list(Audience))
_several = st.sets(st.sampled_from(STRUCTURES), max_size=2)
_texts = st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=3).map(" ".join)


@st.composite
def entries(draw: st.DrawFn, number: int = 0) -> Entry:
    """Any entry; its holder may belong to nowhere any more."""
    kind = draw(st.sampled_from(list(EntryKind)))
    belongs = draw(st.sets(st.sampled_from(STRUCTURES), max_size=3))
    if not kind.of_a_person:
        belongs = {draw(st.sampled_from(STRUCTURES))}

    def field(name: str, *values: str) -> Field:
        return said(name, *values, to=draw(_audiences), only=draw(_several))

    fields = [field("name", draw(_texts))]
    if draw(st.booleans()):
        fields.append(field("presentation", draw(_texts)))
    if draw(st.booleans()):
        fields.append(field("themes", *draw(st.sets(st.sampled_from(["FOOD", "CLOTHING", "ECO_HOUSING"]), min_size=1))))
    if kind.of_a_person and draw(st.booleans()):
        fields.append(field("structures", *draw(st.sets(st.sampled_from(STRUCTURES), min_size=1))))
    return entry(number, *fields, kind=kind, belongs=belongs)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one viewer sees of an entry, worked out by hand."""

    number: int
    kind: str
    name: str
    text: tuple[str, ...]
    themes: tuple[str, ...]
    structures: tuple[str, ...]


class Model:
    """A directory that looks at every field of every entry each time."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._stems: TextAnalyzer = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("french")).build()

    def answers(self, question: Question, viewer: Viewer) -> tuple[dict[int, float], dict[str, list[tuple[str, int]]]]:
        """The entries found with how well they fit, and the counts."""
        seen = [each for number, entry in enumerate(self._entries) if (each := _seen(number, entry, viewer))]
        wrong = not any(self._fit(question, each, wrong=False) for each in seen)
        fits = {each.number: self._fit(question, each, wrong=wrong) for each in seen}
        held = [each for each in seen if fits[each.number]]
        found = {each.number: fits[each.number] for each in held if _chosen(each, question)}
        counts = {facet: _count(held, question.without(facet), facet) for facet in ("kind", "theme", "structure")}
        return found, counts

    def _fit(self, question: Question, seen: Seen, *, wrong: bool) -> float:
        """0 for what does not fit; for no words, all fits the same."""
        last = len(question.words) - 1
        scores = [
            self._score(word, seen, begun=place == last, wrong=wrong) for place, word in enumerate(question.words)
        ]
        return 0.0 if 0.0 in scores else sum(scores) or 1.0

    def _score(self, word: str, seen: Seen, *, begun: bool, wrong: bool) -> float:
        name, text = words(seen.name), words(*seen.text)
        ways = [
            (8.0, word in name),
            (6.0, self._stem(word) in map(self._stem, name)),
            (2.0, self._stem(word) in map(self._stem, text)),
        ]
        if begun and len(word) > 1:
            ways += [(5.0, _begins(word, name)), (1.0, _begins(word, text))]
        if wrong and len(word) > 3:
            ways += [(4.0, _nearly(word, name)), (1.0, _nearly(word, text))]
        return max((score for score, holds in ways if holds), default=0.0)

    def _stem(self, word: str) -> str:
        return " ".join(self._stems.analyze(word))


def _seen(number: int, entry: Entry, viewer: Viewer) -> Seen | None:
    fields = {field.name: field.values for field in entry.fields if _sees(field, viewer, entry.belongs)}
    if "name" not in fields:
        return None
    if "structures" in fields:
        fields["structures"] = tuple(slug for slug in fields["structures"] if slug in entry.belongs)
    codes = THEME_WORDS | STAGE_WORDS
    text = [codes.get(value, value) for values in fields.values() for value in values]
    held = [entry.holder.structure] if entry.holder.structure else []
    return Seen(
        number=number,
        kind=entry.kind.value,
        name=fields["name"][0],
        text=(*text, *held),
        themes=fields.get("themes", ()),
        structures=(*held, *fields.get("structures", ())),
    )


def _sees(field: Field, viewer: Viewer, belongs: frozenset[str]) -> bool:
    chosen = field.structures or belongs
    return {
        Audience.ME: False,
        Audience.STRUCTURES: viewer.structure in chosen and viewer.structure in belongs,
        Audience.GROUPEMENT: viewer != PUBLIC,
        Audience.PUBLIC: True,
    }[field.audience]


def _values(seen: Seen, facet: str) -> Sequence[str]:
    return {"kind": (seen.kind,), "theme": seen.themes, "structure": seen.structures}[facet]


def _chosen(seen: Seen, question: Question) -> bool:
    return all(set(chosen) & set(_values(seen, facet)) for facet, chosen in question.facets.items() if chosen)


def _count(held: Sequence[Seen], question: Question, facet: str) -> list[tuple[str, int]]:
    counted = Counter(value for each in held if _chosen(each, question) for value in _values(each, facet))
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def _begins(word: str, among: Sequence[str]) -> bool:
    return any(each.startswith(word) for each in among)


def _nearly(word: str, among: Sequence[str]) -> bool:
    return any(_distance_is_one(word, each) or word == each for each in among)


def _distance_is_one(one: str, other: str) -> bool:
    """One letter wrong, missing, added, or two swapped."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[place:] == other[place + 1 :]
    swapped = one[place : place + 2] == other[place : place + 2][::-1] and one[place + 2 :] == other[place + 2 :]
    return one[place + 1 :] == other[place + 1 :] or swapped
