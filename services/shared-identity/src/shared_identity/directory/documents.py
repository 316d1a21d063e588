"""Entries as the index keeps them: one document for each different view of an entry, that says who has that view."""

from collections.abc import Collection, Iterable, Sequence

from tantivy import Document, Schema, SchemaBuilder

from shared_identity.directory.domain import View, Views
from shared_identity.directory.vocabulary import STAGE, STAGE_WORDS, THEME_WORDS, THEMES
from shared_identity.directory.words import rank, words

FACETS = ("kind", "theme", "structure")
"""What entries are counted by."""

SEEN = "seen"
"""Who has this view: the public, all inside the groupement, one structure."""
OTHERWISE = "otherwise"
"""The structures that are inside and have another view than this one."""
PUBLIC, INSIDE = "public", "inside"

WORDS_ANALYZER, STEMS_ANALYZER = "words", "stems"

BEGINNINGS = (3, 5)
"""Words are indexed by so many of their first letters, too: of those that begin alike there may be many."""


Facets = Sequence[tuple[str, str]]
"""Under which facet and value a view counts."""


def at(structure: str) -> str:
    """What `seen` says of the view of one structure."""
    return f"at:{structure}"


def beginning(where: str, letters: int) -> str:
    """The field of the first letters of the words of a field."""
    return f"{where}_{letters}"


def schema() -> Schema:
    """The fields of a document. Texts come as plain words; their stems are taken by the index."""
    builder = SchemaBuilder()
    builder.add_integer_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("rank", fast=True)
    for name in (SEEN, OTHERWISE):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("name", "words"):
        for field in (name, *(beginning(name, letters) for letters in BEGINNINGS)):
            builder.add_text_field(field, tokenizer_name=WORDS_ANALYZER, index_option="basic")
    for name in ("name_stems", "stems"):
        builder.add_text_field(name, tokenizer_name=STEMS_ANALYZER, index_option="basic")
    return builder.build()


def documents(number: int, views: Views, structures: Collection[str] = ()) -> Iterable[Document]:
    """The documents of an entry that is indexed under a number.

    `structures` are those whose views are marked one by one, so that one term finds all that such a structure sees.
    """
    shared = views.public == views.inside
    inside = (INSIDE, *(at(structure) for structure in structures if structure not in views.at))
    if views.public is not None:
        seen = (PUBLIC, *inside) if shared else (PUBLIC,)
        yield _document(number, views.public, seen, views.at if shared else ())
    if views.inside is not None and not shared:
        yield _document(number, views.inside, inside, views.at)
    for structure, view in views.at.items():
        yield _document(number, view, (at(structure),), ())


def facets(view: View) -> Facets:
    """What a view counts under."""
    themes = (("theme", theme) for theme in view.values(THEMES))
    structures = (("structure", structure) for structure in view.structures)
    return ("kind", view.kind.value), *themes, *structures


def _document(number: int, view: View, seen: Iterable[str], otherwise: Iterable[str]) -> Document:
    name, said = words(view.name), words(*texts(view))
    document = Document()
    document.add_integer("number", number)
    document.add_unsigned("rank", rank(view.name))
    for where, values in (
        (SEEN, seen),
        (OTHERWISE, otherwise),
        *((facet, (value,)) for facet, value in facets(view)),
        *((where, (" ".join(name),)) for where in ("name", "name_stems")),
        *((where, (" ".join(said),)) for where in ("words", "stems")),
        *((beginning("name", letters), (_beginnings(name, letters),)) for letters in BEGINNINGS),
        *((beginning("words", letters), (_beginnings(said, letters),)) for letters in BEGINNINGS),
    ):
        for value in values:
            document.add_text(where, value)
    return document


def _beginnings(whole: Iterable[str], letters: int) -> str:
    return " ".join({word[:letters] for word in whole})


def texts(view: View) -> Iterable[str]:
    """All that a view says; codes as the words they are found by."""
    for name, values in view.fields:
        codes = {THEMES: THEME_WORDS, STAGE: STAGE_WORDS}.get(name, {})
        yield from (codes.get(value, value) for value in values)
    if view.structure:
        yield view.structure
