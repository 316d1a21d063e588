"""Entries as messages, and back: what is said is checked here, value by value; facts to announce."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

from groupement.shared_identity.v1 import directory_entry_pb2, events_pb2
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.fields import check_email, check_phone, check_text, one_line, paragraphs
from servicekit.refusals import Invalid

from shared_identity.directory.domain import (
    INSIDE,
    PUBLIC,
    AudienceMissing,
    Entry,
    EntryKindMissing,
    Field,
    FieldUnknown,
    StageUnknown,
    ThemeUnknown,
    ValuesTooMany,
    View,
    Viewer,
    ViewerMissing,
    WebsiteMalformed,
    at,
    in_order,
)
from shared_identity.directory.vocabulary import (
    EMAIL,
    FORMS,
    PHONE,
    STAGE,
    STAGE_WORDS,
    THEME_WORDS,
    THEMES,
    WEBSITE,
    Audience,
    EntryKind,
    FieldForm,
)

_KIND, _AUDIENCE = "ENTRY_KIND_", "FIELD_AUDIENCE_"
_KINDS = {of: directory_entry_pb2.EntryKind.Value(f"{_KIND}{of}") for of in EntryKind}
_LONGEST_QUERY = 200
_MOST_CHOSEN = 50


def kind(number: int, field: str = "kind") -> EntryKind:
    """A kind as sent; raises EntryKindMissing."""
    known = directory_entry_pb2.EntryKind.DESCRIPTOR.values_by_number.get(number)
    if known is None or not number:
        raise EntryKindMissing(field=field)
    return EntryKind(known.name.removeprefix(_KIND))


def fields(of: EntryKind, sent: Iterable[directory_entry_pb2.EntryField]) -> tuple[Field, ...]:
    """What an entry of a kind shall say; raises Invalid naming the field, with its own `name` beside."""
    return in_order([_field(of, message, f"fields[{place}]") for place, message in enumerate(sent)], of)


def words(request: pb.SearchDirectoryRequest) -> str:
    """What is looked for; raises FieldTooLong or TextUnprintable."""
    check_text("query", request.query, most=_LONGEST_QUERY, required=False)
    return request.query


def facets(request: pb.SearchDirectoryRequest) -> dict[str, tuple[str, ...]]:
    """What is chosen of each facet; raises EntryKindMissing, ThemeUnknown, ValuesTooMany."""
    for name, chosen in (("kinds", request.kinds), ("themes", request.themes), ("structures", request.structures)):
        if len(chosen) > _MOST_CHOSEN:
            raise ValuesTooMany(field=name)
    if not set(request.themes) <= set(THEME_WORDS):
        raise ThemeUnknown(field="themes")
    return {
        "kind": tuple(sorted({kind(number, "kinds").value for number in request.kinds})),
        "theme": tuple(sorted(set(request.themes))),
        "structure": tuple(sorted(set(request.structures))),
    }


def viewer(request: pb.PreviewEntryRequest) -> Viewer | None:
    """Who a preview is for; None for the holder. Raises ViewerMissing."""
    if request.viewer == pb.VIEWER_ME:
        return None
    if request.viewer == pb.VIEWER_STRUCTURE and request.structure:
        return at(request.structure)
    known = {pb.VIEWER_PUBLIC: PUBLIC, pb.VIEWER_GROUPEMENT: INSIDE}
    if request.viewer not in known:
        raise ViewerMissing(field="viewer")
    return known[request.viewer]


def own_message(entry: Entry) -> directory_entry_pb2.DirectoryEntry:
    """An entry as its holder reads it."""
    message = directory_entry_pb2.DirectoryEntry(
        entry_id=entry.entry_id, kind=_KINDS[entry.kind], structure=entry.holder.structure
    )
    message.etag = etag(entry.version)
    for field in entry.fields:
        message.fields.add(
            name=field.name,
            values=field.values,
            audience=directory_entry_pb2.FieldAudience.Value(f"{_AUDIENCE}{field.audience}"),
            structures=sorted(field.structures),
        )
    return message


def view_message(view: View) -> directory_entry_pb2.DirectoryEntry:
    """An entry as one who sees this much of it reads it."""
    message = directory_entry_pb2.DirectoryEntry()
    _show(message, view)
    return message


def rendered(view: View) -> bytes:
    """A view, ready to be answered: a GetEntryResponse, which is one entry of a SearchDirectoryResponse as well.

    In both messages the entry is field 1, and on the wire a repeated field is its messages one after the other.
    """
    answer = pb.GetEntryResponse()
    _show(answer.entry, view)
    return answer.SerializeToString()


def add_counts(answer: pb.SearchDirectoryResponse, counted: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    """Says how many entries each choice would leave."""
    for facet, said in (
        ("kind", answer.kind_counts),
        ("theme", answer.theme_counts),
        ("structure", answer.structure_counts),
    ):
        for value, count in counted[facet]:
            said.add(value=value, count=count)


def vocabulary() -> pb.GetVocabularyResponse:
    """All that entries can say."""
    forms = [pb.EntryForm(kind=_KINDS[of], fields=map(_form, FORMS[of].values())) for of in EntryKind]
    return pb.GetVocabularyResponse(forms=forms, themes=list(THEME_WORDS), stages=list(STAGE_WORDS))


def entry_changed(entry: Entry, now: datetime) -> Fact:
    """The fact for all: others see something else of it now."""
    message = events_pb2.DirectoryEntryChanged(entry_id=entry.entry_id)
    return fact(message, aggregate_id=entry.entry_id, version=entry.version, at=now)


def entry_withdrawn(entry: Entry, now: datetime) -> Fact:
    """The fact for all: nobody sees it any more."""
    message = events_pb2.DirectoryEntryWithdrawn(entry_id=entry.entry_id)
    return fact(message, aggregate_id=entry.entry_id, version=entry.version, at=now)


def _field(of: EntryKind, message: directory_entry_pb2.EntryField, place: str) -> Field:
    form = FORMS[of].get(message.name)
    if form is None:
        raise FieldUnknown(field=f"{place}.name", kind=of)
    values = tuple(dict.fromkeys(text for value in message.values if (text := _text(form, value))))
    with _named(form.name):
        if len(values) > form.most_values:
            raise ValuesTooMany(field=f"{place}.values", most=str(form.most_values))
        for value in values:
            _check(form, f"{place}.values", value)
        audience = _audience(message, f"{place}.audience") if values else Audience.ME
    chosen = message.structures if audience is Audience.STRUCTURES else ()
    return Field(name=form.name, values=values, audience=audience, structures=frozenset(chosen))


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Says with a refusal which of an entry's fields it is about: the place in the request tells a page little."""
    try:
        yield
    except Invalid as refusal:
        refusal.metadata["name"] = name
        raise


def _text(form: FieldForm, value: str) -> str:
    return paragraphs(value) if form.several_lines else one_line(value)


def _check(form: FieldForm, place: str, value: str) -> None:
    check_text(place, value, most=form.most_characters)
    checks = {WEBSITE: _check_website, EMAIL: check_email, PHONE: check_phone}
    if form.name in checks:
        checks[form.name](place, value)
    if form.name == THEMES and value not in THEME_WORDS:
        raise ThemeUnknown(field=place)
    if form.name == STAGE and value not in STAGE_WORDS:
        raise StageUnknown(field=place)


def _check_website(place: str, value: str) -> None:
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in value
    except ValueError:
        right = False
    if not right:
        raise WebsiteMalformed(field=place)


def _audience(message: directory_entry_pb2.EntryField, place: str) -> Audience:
    known = directory_entry_pb2.FieldAudience.DESCRIPTOR.values_by_number.get(message.audience)
    if known is None or not message.audience:
        raise AudienceMissing(field=place)
    return Audience(known.name.removeprefix(_AUDIENCE))


def _show(message: directory_entry_pb2.DirectoryEntry, view: View) -> None:
    message.entry_id, message.kind, message.structure = view.entry_id, _KINDS[view.kind], view.structure
    for name, values in view.fields:
        message.fields.add(name=name, values=values)


def _form(form: FieldForm) -> pb.FieldForm:
    return pb.FieldForm(
        name=form.name,
        most_values=form.most_values,
        most_characters=form.most_characters,
        several_lines=form.several_lines,
        audience=directory_entry_pb2.FieldAudience.Value(f"{_AUDIENCE}{form.audience}"),
    )
