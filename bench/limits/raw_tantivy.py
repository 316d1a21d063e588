"""The limit of reading a directory: tantivy alone, given documents that are ready, of the very words of ours."""

from collections.abc import Iterable
from itertools import islice

from shared_identity.directory.documents import STEMS_ANALYZER, WORDS_ANALYZER, documents, schema
from shared_identity.directory.domain import Entry
from tantivy import Document, Filter, Index, TextAnalyzerBuilder, Tokenizer

_HEAP_BYTES = 64_000_000


def ready(entries: Iterable[Entry], count: int) -> list[Document]:
    """The documents of so many entries."""
    held = islice(entries, count)
    return [document for number, entry in enumerate(held) for document in documents(number, entry.views())]


def index(made: Iterable[Document]) -> int:
    """Has tantivy index documents and show them; gives how many there are."""
    shelf = Index(schema())
    stems = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stemmer("french")).build()
    shelf.register_tokenizer(WORDS_ANALYZER, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    shelf.register_tokenizer(STEMS_ANALYZER, stems)
    writer = shelf.writer(_HEAP_BYTES, 1)
    for document in made:
        writer.add_document(document)
    writer.commit()
    shelf.reload()
    return shelf.searcher().num_docs
