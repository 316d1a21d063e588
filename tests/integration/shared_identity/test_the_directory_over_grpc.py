"""The directory over real gRPC: the public, members and structures each find what was meant for them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from directories import (
    GROUPEMENT,
    ME,
    ORGANISATION,
    PERSON,
    PLACE,
    PORTAL,
    PROJECT,
    STRUCTURES,
    Served,
    says,
    served,
)
from engines import Databases
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from reciprocity import CAMILLE, JO, NORTH, SHARED_IDENTITY, SOUTH, WEST, Ears, declared, ended, granted, settle_in
from servicekit.refusals import Conflict, Denied, Invalid, NotFound, Refusal, Stale, Unauthenticated, Unavailable
from shared_identity.directory.listing import Listing
from shared_identity.directory.wire import rendered
from shared_identity.schema import METADATA

MEMBERSHIP = "membership_" + "1" * 32
FIELDS = (
    says("name", "Camille Fictive"),
    says("presentation", "Je couds des manteaux.", to=GROUPEMENT),
    says("skills", "broderie", to=STRUCTURES),
    says("needs", "une machine à coudre", to=STRUCTURES, only=(NORTH,)),
    says("phone", "0600000000", to=ME),
    says("themes", "CLOTHING", "REUSE", to=GROUPEMENT),
    says("structures", NORTH, to=GROUPEMENT),
)


@pytest_asyncio.fixture
async def directory(databases: Databases, tmp_path: Path) -> AsyncIterator[Served]:
    """Camille is a member of the north and of the west, Jo on the staff of the south."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    memberships = [declared(MEMBERSHIP), declared("membership_" + "2" * 32, by=WEST)]
    await Ears(database).hear(*memberships, granted(JO, "DIRECTOR", by=SOUTH))
    async with served(database, tmp_path) as made:
        yield made


async def names(directory: Served, entry_id: str, caller: str = PORTAL, **options: object) -> set[str]:
    """The fields of an entry that a caller is given."""
    answer = await directory.calls(caller).GetEntry(pb.GetEntryRequest(entry_id=entry_id), **options)
    assert not any(field.audience or field.structures for field in answer.entry.fields)
    assert answer.entry.etag == ""
    return {field.name for field in answer.entry.fields}


async def test_each_caller_is_given_the_fields_meant_for_them(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    of_all = {"name"}
    inside = of_all | {"presentation", "themes", "structures"}
    by_jo = directory.as_(JO, SOUTH, "DIRECTOR")
    assert await names(directory, made.entry_id) == of_all
    assert await names(directory, made.entry_id, **by_jo) == inside
    assert await names(directory, made.entry_id, f"coworking@{SOUTH}") == inside
    assert await names(directory, made.entry_id, f"coworking@{WEST}") == inside | {"skills"}
    assert await names(directory, made.entry_id, f"incubator@{NORTH}") == inside | {"skills", "needs"}
    assert await names(directory, made.entry_id, **directory.as_()) == inside | {"skills", "needs"}
    assert await names(directory, made.entry_id, **directory.as_(CAMILLE, SOUTH)) == inside


async def test_a_token_of_somebody_who_belongs_nowhere_is_the_public(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    stranger = directory.as_("person_" + "9" * 32, NORTH)
    assert await names(directory, made.entry_id, **stranger) == {"name"}


@pytest.mark.parametrize(
    ("query", "public", "inside", "north"), [("broderie", 0, 0, 1), ("manteau", 0, 1, 1), ("camile", 1, 1, 1)]
)
async def test_a_word_is_found_by_those_who_may_read_it(
    directory: Served, query: str, public: int, inside: int, north: int
) -> None:
    await directory.save(*FIELDS)
    found = [
        await directory.find(query),
        await directory.find(query, caller=f"coworking@{SOUTH}"),
        await directory.find(query, **directory.as_()),
    ]
    assert [answer.total_size for answer in found] == [public, inside, north]
    for answer in found:
        assert [(count.value, count.count) for count in answer.kind_counts] == [("PERSON", 1)] * answer.total_size
        assert answer.approximate == (query == "camile" and answer.total_size == 1)
    assert not found[0].theme_counts and not found[0].structure_counts
    assert "0600000000" not in str(found)


async def test_the_public_pages_through_what_it_may_see(directory: Served) -> None:
    for number in range(5):
        await directory.save(says("name", f"Projet {number}"), kind=PROJECT)
    await directory.save(says("name", "Projet discret", to=GROUPEMENT), kind=PROJECT)
    request, seen = pb.SearchDirectoryRequest(query="projet", page_size=2), []
    while True:
        answer = await directory.calls().SearchDirectory(request)
        assert answer.total_size == 5
        seen += [entry.entry_id for entry in answer.entries]
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token
    assert len(seen) == len(set(seen)) == 5
    request.query = "autre"
    with pytest.raises(Invalid) as refused:
        await directory.calls().SearchDirectory(request)
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_facets_narrow_what_is_found_and_say_what_others_would(directory: Served) -> None:
    await directory.save(*FIELDS)
    await directory.save(says("name", "Manteaux libres"), says("themes", "CLOTHING", to=GROUPEMENT), kind=PROJECT)
    staff = directory.as_(JO, SOUTH, "DIRECTOR")
    await directory.save(says("name", "La halle"), says("themes", "FOOD"), kind=PLACE, **staff)
    request = pb.SearchDirectoryRequest(kinds=[PERSON, PROJECT], themes=["CLOTHING"])
    answer = await directory.calls(f"incubator@{WEST}").SearchDirectory(request)
    assert answer.total_size == 2
    assert {(each.value, each.count) for each in answer.kind_counts} == {("PERSON", 1), ("PROJECT", 1)}
    assert {(each.value, each.count) for each in answer.theme_counts} == {("CLOTHING", 2), ("REUSE", 1)}
    assert [(each.value, each.count) for each in answer.structure_counts] == [(NORTH, 1)]
    of_south = await directory.calls().SearchDirectory(pb.SearchDirectoryRequest(structures=[SOUTH]))
    assert [entry.structure for entry in of_south.entries] == [SOUTH]


async def test_what_is_withdrawn_is_gone_at_once(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    assert (await directory.find("fictive")).total_size == 1
    await directory.calls().WithdrawEntry(pb.WithdrawEntryRequest(entry_id=made.entry_id), **directory.as_())
    assert (await directory.find("fictive")).total_size == 0
    for caller in (PORTAL, f"incubator@{NORTH}"):
        with pytest.raises(NotFound) as refused:
            await directory.calls(caller).GetEntry(pb.GetEntryRequest(entry_id=made.entry_id))
        assert refused.value.reason == "UNKNOWN_ENTRY"


async def test_what_is_hidden_again_is_found_no_more(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    assert (await directory.find("manteau", **directory.as_())).total_size == 1
    await directory.save(says("name", "Camille Fictive"), entry_id=made.entry_id)
    assert (await directory.find("manteau", **directory.as_())).total_size == 0
    assert (await directory.find("fictive")).total_size == 1


async def test_who_is_no_longer_a_member_sees_as_the_public_does(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    jo = directory.as_(JO, SOUTH, "DIRECTOR")
    await Ears(directory.database).hear(declared("membership_" + "3" * 32, JO, by=NORTH))
    assert "needs" in await names(directory, made.entry_id, **directory.as_(JO, NORTH, "MEMBER"))
    await Ears(directory.database).hear(ended("membership_" + "3" * 32, JO, last_day="2026-11-02", by=NORTH))
    assert "needs" not in await names(directory, made.entry_id, **directory.as_(JO, NORTH, "MEMBER"))
    assert "presentation" in await names(directory, made.entry_id, **jo)


async def test_a_holder_reads_their_entry_with_its_audiences(directory: Served) -> None:
    made = await directory.save(*FIELDS)
    stub = directory.calls()
    answer = await stub.GetMyEntry(pb.GetMyEntryRequest(entry_id=made.entry_id), **directory.as_())
    assert answer.entry == made
    assert {field.name: field.audience for field in made.fields}["phone"] == ME
    listed = await stub.ListMyEntries(pb.ListMyEntriesRequest(page_size=1), **directory.as_())
    assert (list(listed.entries), listed.next_page_token) == ([made], "")
    with pytest.raises(NotFound):
        await stub.GetMyEntry(pb.GetMyEntryRequest(entry_id=made.entry_id), **directory.as_(JO, SOUTH, "DIRECTOR"))
    with pytest.raises(Unauthenticated):
        await stub.ListMyEntries(pb.ListMyEntriesRequest())


@pytest.mark.parametrize(
    ("viewer", "structure", "expected"),
    [
        (pb.VIEWER_PUBLIC, "", {"name"}),
        (pb.VIEWER_GROUPEMENT, "", {"name", "presentation", "themes", "structures"}),
        (pb.VIEWER_STRUCTURE, WEST, {"name", "presentation", "themes", "structures", "skills"}),
        (pb.VIEWER_ME, "", {field.name for field in FIELDS}),
    ],
)
async def test_a_preview_shows_what_would_be_seen_and_keeps_nothing(
    directory: Served, viewer: int, structure: str, expected: set[str]
) -> None:
    request = pb.PreviewEntryRequest(kind=PERSON, fields=FIELDS, viewer=viewer, structure=structure)  # type: ignore[arg-type]
    answer = await directory.calls().PreviewEntry(request, **directory.as_())
    assert {field.name for field in answer.entry.fields} == expected
    hidden = pb.PreviewEntryRequest(kind=PERSON, fields=[says("name", "x", to=ME)], viewer=pb.VIEWER_PUBLIC)
    assert not (await directory.calls().PreviewEntry(hidden, **directory.as_())).HasField("entry")
    assert (await directory.find()).total_size == 0


@pytest.mark.parametrize(
    ("request_", "kind", "reason"),
    [
        (pb.SaveEntryRequest(fields=FIELDS), Invalid, "ENTRY_KIND_MISSING"),
        (pb.SaveEntryRequest(kind=PERSON), Invalid, "NAME_MISSING"),
        (pb.SaveEntryRequest(kind=ORGANISATION, fields=FIELDS[:1]), Denied, "NOT_YOUR_STRUCTURE"),
        (pb.SaveEntryRequest(kind=PERSON, fields=FIELDS, entry_id="entry_0"), NotFound, "UNKNOWN_ENTRY"),
    ],
)
async def test_what_cannot_be_saved_is_refused_in_words(
    directory: Served, request_: pb.SaveEntryRequest, kind: type[Refusal], reason: str
) -> None:
    with pytest.raises(kind) as refused:
        await directory.calls().SaveEntry(request_, **directory.as_())
    assert refused.value.reason == reason


async def test_saving_twice_under_one_request_id_saves_once(directory: Served) -> None:
    request = pb.SaveEntryRequest(kind=PERSON, fields=FIELDS, request_id="once")
    first, second = [await directory.calls().SaveEntry(request, **directory.as_()) for _ in range(2)]
    assert first == second
    with pytest.raises(Conflict) as refused:
        await directory.calls().SaveEntry(pb.SaveEntryRequest(kind=PERSON, fields=FIELDS), **directory.as_())
    assert refused.value.reason == "ENTRY_EXISTS"
    stale = pb.SaveEntryRequest(entry_id=first.entry.entry_id, kind=PERSON, fields=FIELDS, etag='"9"')
    with pytest.raises(Stale):
        await directory.calls().SaveEntry(stale, **directory.as_())


async def test_a_directory_that_was_not_read_yet_says_so() -> None:
    with pytest.raises(Unavailable) as refused:
        await Listing(rendered).ready(0.01)
    assert refused.value.reason == "DIRECTORY_NOT_READY"


async def test_the_vocabulary_tells_what_an_entry_may_say(directory: Served) -> None:
    """A form made from it alone can be sent: every theme and stage, every field of every kind, none of another's."""
    vocabulary = await directory.calls().GetVocabulary(pb.GetVocabularyRequest())
    forms = {form.kind: {field.name for field in form.fields} for form in vocabulary.forms}
    assert forms.keys() == {PERSON, PROJECT, ORGANISATION, PLACE}
    assert all("name" in fields for fields in forms.values())
    themed = says("themes", *vocabulary.themes[:3], to=GROUPEMENT)
    for stage in vocabulary.stages:
        made = await directory.save(
            says("name", "Un atelier"), says("stage", stage), themed, says("structures", NORTH), kind=PROJECT
        )
        assert {field.name for field in made.fields} <= forms[PROJECT]
    for name in forms[PROJECT] - forms[PERSON]:
        with pytest.raises(Invalid) as refused:
            await directory.save(says("name", "Camille"), says(name, "IDEA"))
        assert (refused.value.reason, refused.value.field) == ("FIELD_UNKNOWN", "fields[1].name")
