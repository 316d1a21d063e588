"""The limit of reading a directory: tantivy alone, given documents that are ready, of the very words of ours."""

from collections.abc import Collection, Iterable, Sequence

from shared_identity.directory.documents import analyzers, inside_documents, public_documents, schema
from shared_identity.directory.domain import Entry
from tantivy import Document, Index

_HEAP_BYTES = 256_000_000


Halves = tuple[Sequence[Document], Sequence[Document]]
"""What the public sees, and what those inside do."""


def ready(entries: Iterable[Entry], structures: Collection[str]) -> Halves:
    """The documents of entries, numbered from 1 as a listing numbers them, with what these structures see marked."""
    public: list[Document] = []
    inside: list[Document] = []
    for number, entry in enumerate(entries, start=1):
        views = entry.views()
        public += public_documents(number, views)
        inside += inside_documents(number, views, structures)
    return public, inside


def index(halves: Halves) -> int:
    """Has tantivy index documents and show them, one half after the other; gives how many there are."""
    return sum(map(_index, halves))


def _index(made: Sequence[Document]) -> int:
    shelf = Index(schema())
    for name, analyzer in analyzers().items():
        shelf.register_tokenizer(name, analyzer)
    writer = shelf.writer(_HEAP_BYTES, 1)
    for document in made:
        writer.add_document(document)
    writer.commit()
    shelf.reload()
    return shelf.searcher().num_docs
