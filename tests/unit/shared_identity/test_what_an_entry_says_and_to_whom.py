"""An entry shows each field to those it was chosen for, and refuses what it cannot say."""

import pytest
from entries import entry, said
from groupement.shared_identity.v1 import directory_entry_pb2 as entry_pb
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from servicekit.fields import EmailMalformed, FieldTooLong, PhoneMalformed, TextUnprintable
from servicekit.refusals import Refusal
from shared_identity.directory import wire
from shared_identity.directory.domain import (
    INSIDE,
    PUBLIC,
    AudienceMissing,
    Entry,
    EntryKindMissing,
    FieldRepeated,
    FieldUnknown,
    NameMissing,
    NotYourStructure,
    StageUnknown,
    StructureNotYours,
    ThemeUnknown,
    ValuesTooMany,
    Viewer,
    ViewerMissing,
    WebsiteMalformed,
    at,
    holder_of,
    new_entry,
)
from shared_identity.directory.vocabulary import FORMS, Audience, EntryKind

PERSON = EntryKind.PERSON
FIELDS = (
    said("name", "Camille"),
    said("headline", "aux structures", to=Audience.STRUCTURES),
    said("skills", "au nord seulement", to=Audience.STRUCTURES, only=["north"]),
    said("needs", "au groupement", to=Audience.GROUPEMENT),
    said("structures", "north", "south", to=Audience.GROUPEMENT),
    said("phone", "0600000000", to=Audience.ME),
)


@pytest.mark.parametrize(
    ("viewer", "names"),
    [
        (PUBLIC, {"name"}),
        (INSIDE, {"name", "needs", "structures"}),
        (at("west"), {"name", "needs", "structures"}),
        (at("south"), {"name", "headline", "needs", "structures"}),
        (at("north"), {"name", "headline", "skills", "needs", "structures"}),
    ],
)
def test_each_viewer_sees_the_fields_chosen_for_them(viewer: Viewer, names: set[str]) -> None:
    view = entry(1, *FIELDS, belongs=["north", "south"]).views().of(viewer)
    assert view is not None
    assert {name for name, _ in view.fields} == names


def test_a_structure_the_holder_has_left_sees_what_others_see_and_is_shown_no_more() -> None:
    left = entry(1, *FIELDS, belongs=["north", "south"]).settled(frozenset({"south"}))
    view = left.views().of(at("north"))
    assert view is not None
    assert {name for name, _ in view.fields} == {"name", "needs", "structures"}
    assert view.structures == ("south",)
    assert left.version == 2


def test_who_does_not_see_the_name_does_not_see_the_entry() -> None:
    shy = entry(1, said("name", "Camille", to=Audience.STRUCTURES), said("headline", "pour tous"))
    assert shy.views().of(PUBLIC) is None
    assert shy.views().of(INSIDE) is None
    assert shy.views().of(at("north")) is not None
    assert not entry(1, said("name", "Camille", to=Audience.ME)).views().any


def test_the_holder_alone_is_told_who_sees_what() -> None:
    written = entry(1, *FIELDS, belongs=["north", "south"])
    view = written.seen_by(at("north"))
    assert view is not None
    for field in wire.view_message(view).fields:
        assert (field.audience, list(field.structures)) == (entry_pb.FIELD_AUDIENCE_UNSPECIFIED, [])
    own = {field.name: field for field in wire.own_message(written).fields}
    assert own["skills"].audience == entry_pb.FIELD_AUDIENCE_STRUCTURES
    assert list(own["skills"].structures) == ["north"]


def sent(name: str, *values: str, to: int = entry_pb.FIELD_AUDIENCE_PUBLIC) -> entry_pb.EntryField:
    return entry_pb.EntryField(name=name, values=values, audience=to)  # type: ignore[arg-type]


def test_what_is_typed_is_kept_tidy() -> None:
    fields = wire.fields(
        PERSON, [sent("skills", " deux  mots ", "", "deux mots"), sent("name", " Camille  F. "), sent("headline", "  ")]
    )
    assert [(field.name, field.values) for field in fields] == [("name", ("Camille F.",)), ("skills", ("deux mots",))]


@pytest.mark.parametrize(
    ("field", "refusal"),
    [
        (sent("address", "ici"), FieldUnknown),
        (sent("name", "again"), FieldRepeated),
        (sent("headline", "un", "deux"), ValuesTooMany),
        (sent("headline", "x" * 161), FieldTooLong),
        (sent("headline", "a\x07b"), TextUnprintable),
        (sent("headline", "sans public", to=0), AudienceMissing),
        (sent("headline", "sans public", to=99), AudienceMissing),
        (sent("themes", "MAGIC"), ThemeUnknown),
        (sent("website", "javascript:alert(1)"), WebsiteMalformed),
        (sent("website", "http://[broken"), WebsiteMalformed),
        (sent("email", "nobody"), EmailMalformed),
        (sent("phone", "call me"), PhoneMalformed),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(field: entry_pb.EntryField, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        wire.fields(PERSON, [sent("name", "Camille"), field])
    assert refused.value.field.startswith("fields")
    assert refused.value.metadata.get("name", field.name) == field.name


def test_an_entry_needs_a_kind_a_name_and_a_stage_that_exists() -> None:
    with pytest.raises(NameMissing):
        wire.fields(PERSON, [sent("headline", "sans nom")])
    with pytest.raises(StageUnknown):
        wire.fields(EntryKind.PROJECT, [sent("name", "x"), sent("stage", "LATE")])
    for number in (0, 99):
        with pytest.raises(EntryKindMissing):
            wire.kind(number)
    with pytest.raises(ViewerMissing):
        wire.viewer(pb.PreviewEntryRequest(viewer=pb.VIEWER_STRUCTURE))


def test_only_structures_one_belongs_to_are_shown_or_shown_to() -> None:
    holder = holder_of(PERSON, "person_1", "north", frozenset())
    for field in (said("structures", "south"), said("headline", "x", to=Audience.STRUCTURES, only=["south"])):
        with pytest.raises(StructureNotYours) as refused:
            new_entry("entry_1", PERSON, holder, (said("name", "Camille"), field), frozenset({"north"}))
        assert (refused.value.field, refused.value.metadata["name"]) == ("fields", field.name)


def test_staff_writes_for_a_structure_and_people_for_themselves() -> None:
    assert holder_of(EntryKind.PLACE, "person_1", "north", frozenset({"DIRECTOR"})).structure == "north"
    assert holder_of(EntryKind.PROJECT, "person_1", "north", frozenset({"DIRECTOR"})).person_id == "person_1"
    with pytest.raises(NotYourStructure):
        holder_of(EntryKind.PLACE, "person_1", "north", frozenset({"MEMBER", "ADVISOR", "ACCOUNTANT"}))


def test_the_vocabulary_says_all_there_is() -> None:
    said_of = {form.kind: [field.name for field in form.fields] for form in wire.vocabulary().forms}
    assert len(said_of) == 4
    assert said_of[entry_pb.ENTRY_KIND_PLACE] == list(FORMS[EntryKind.PLACE])


def test_a_rendered_view_is_one_entry_of_a_search_result() -> None:
    views: list[Entry] = [entry(number) for number in (1, 2)]
    rendered = [wire.rendered(view) for each in views if (view := each.seen_by(PUBLIC)) is not None]
    answer = pb.SearchDirectoryResponse.FromString(b"".join(rendered))
    assert [found.entry_id for found in answer.entries] == [each.entry_id for each in views]
