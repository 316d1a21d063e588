"""Entries as they are indexed: a document for the public, and one for each different view of those inside."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from tantivy import Document, Filter, Schema, SchemaBuilder, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from shared_identity.directory.domain import View, Views
from shared_identity.directory.vocabulary import STAGE, STAGE_WORDS, THEME_WORDS, THEMES
from shared_identity.directory.words import rank, words

FACETS = ("kind", "theme", "structure")
"""What entries are counted by."""

SEEN = "seen"
"""Who has this view of those inside: all of them, or one structure."""
UNSEEN = "unseen"
"""Who has another: most documents say nobody, which makes it the quicker question."""
INSIDE = "inside"

BEGINNINGS = (3, 5)
"""Words are indexed by so many of their first letters, too: of those that begin alike there may be many."""

Facets = Sequence[tuple[str, str]]
"""Under which facet and value a view counts."""

_WORDS, _STEMS = "words", "stems"
_CODES = {THEMES: THEME_WORDS, STAGE: STAGE_WORDS}


def at(structure: str) -> str:
    """What `seen` and `unseen` call a structure."""
    return f"at:{structure}"


def beginning(where: str, letters: int) -> str:
    """The field of the first letters of the words of a field."""
    return f"{where}_{letters}"


_TEXTS = {
    field: analyzer
    for words_, stems_ in (("name", "name_stems"), ("words", "stems"))
    for field, analyzer in (
        (words_, _WORDS),
        (stems_, _STEMS),
        *((beginning(words_, letters), _WORDS) for letters in BEGINNINGS),
    )
}
"""The fields of the name, and of all that is said: words, stems, beginnings; and how each is read."""


def schema() -> Schema:
    """The fields of a document. Texts come as words between spaces."""
    builder = SchemaBuilder()
    builder.add_integer_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("rank", fast=True)
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name, analyzer in {SEEN: _WORDS, UNSEEN: _WORDS, **_TEXTS}.items():
        builder.add_text_field(name, tokenizer_name=analyzer, index_option="basic")
    return builder.build()


def analyzers() -> Mapping[str, TextAnalyzer]:
    """How texts are read, by the name that the schema has for it."""
    return {_WORDS: TextAnalyzerBuilder(Tokenizer.whitespace()).build(), _STEMS: stems()}


def stems() -> TextAnalyzer:
    """Gives the stems of words: they are found by these."""
    return TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("french")).build()


def public_documents(number: int, views: Views) -> Iterable[Document]:
    """What the public sees of an entry that is indexed under a number."""
    return [] if views.public is None else [_document(number, views.public)]


def inside_documents(number: int, views: Views, structures: Collection[str] = ()) -> Iterable[Document]:
    """What those inside see of it.

    `structures` are those marked one by one in what they do not see, so that one term leaves all of it out.
    """
    if views.inside is not None:
        yield _document(number, views.inside, seen=(INSIDE,), unseen=map(at, views.at))
    others = {INSIDE, *map(at, structures)} if views.at else set()
    for structure, view in views.at.items():
        yield _document(number, view, seen=(at(structure),), unseen=others - {at(structure)})


def facets(view: View) -> Facets:
    """What a view counts under."""
    themes = [_counted("theme", theme) for theme in view.values(THEMES)]
    structures = [_counted("structure", structure) for structure in view.structures]
    return _counted("kind", view.kind.value), *themes, *structures


@lru_cache(maxsize=1024)
def _counted(facet: str, value: str) -> tuple[str, str]:
    """The same pair each time: there are few, and every view keeps its own."""
    return facet, value


def _document(number: int, view: View, *, seen: Iterable[str] = (), unseen: Iterable[str] = ()) -> Document:
    name = words(view.name)
    document = Document()
    document.add_integer("number", number)
    document.add_unsigned("rank", rank(view.name))
    document.add_text(SEEN, " ".join(seen))
    document.add_text(UNSEEN, " ".join(unseen))
    for facet, value in facets(view):
        document.add_text(facet, value)
    for where, text in zip(_TEXTS, (*_read(name), *_read(words(*texts(view)))), strict=True):
        document.add_text(where, text)
    return document


def _read(said: Sequence[str]) -> Sequence[str]:
    """A text as each of its fields takes it in."""
    text = " ".join(said)
    return text, text, *[" ".join({word[:letters] for word in said}) for letters in BEGINNINGS]


def texts(view: View) -> Iterable[str]:
    """All that a view says; codes as the words they are found by."""
    for name, values in view.fields:
        codes = _CODES.get(name)
        yield from values if codes is None else [codes.get(value, value) for value in values]
    if view.structure:
        yield view.structure
