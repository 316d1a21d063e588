"""The limit of reading a directory: tantivy alone, given documents that are ready, of the very words of ours."""

from collections.abc import Collection, Iterable

from shared_identity.directory.documents import analyzers, documents, schema
from shared_identity.directory.domain import Entry
from tantivy import Document, Index

_HEAP_BYTES = 256_000_000


def ready(entries: Iterable[Entry], structures: Collection[str]) -> list[Document]:
    """The documents of entries, numbered from 1 as a listing numbers them, with what these structures see marked."""
    numbered = enumerate(entries, start=1)
    return [document for number, entry in numbered for document in documents(number, entry.views(), structures)]


def index(made: Iterable[Document]) -> int:
    """Has tantivy index documents and show them; gives how many there are."""
    shelf = Index(schema())
    for name, analyzer in analyzers().items():
        shelf.register_tokenizer(name, analyzer)
    writer = shelf.writer(_HEAP_BYTES, 1)
    for document in made:
        writer.add_document(document)
    writer.commit()
    shelf.reload()
    return shelf.searcher().num_docs
