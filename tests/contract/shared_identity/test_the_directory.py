"""Entries on both engines: written by their holders, told to others when they see something else, kept in step."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from engines import Databases
from entries import said
from identity import rows
from reciprocity import (
    CAMILLE,
    JO,
    NORTH,
    NOW,
    SHARED_IDENTITY,
    SOUTH,
    TODAY,
    WEST,
    Ears,
    declared,
    ended,
    granted,
    person,
    revoked,
    settle_in,
    somebody,
    told,
)
from servicekit.etags import StaleEtag
from servicekit.sql import Database, Due
from shared_identity.assembly import due
from shared_identity.days import Period, start_of
from shared_identity.directory import storage, usecases
from shared_identity.directory.domain import (
    INSIDE,
    PUBLIC,
    Entry,
    EntryExists,
    Field,
    KindFixed,
    NotYourStructure,
    StructureNotYours,
    TooManyEntries,
    UnknownEntry,
    at,
)
from shared_identity.directory.following import Following
from shared_identity.directory.listing import Listing
from shared_identity.directory.usecases import Wish, Writer
from shared_identity.directory.vocabulary import Audience, EntryKind
from shared_identity.directory.wire import rendered
from shared_identity.memberships.domain import MembershipKind
from shared_identity.people import usecases as people
from shared_identity.posts import usecases as posts
from shared_identity.posts.domain import Post, PostShare
from shared_identity.schema import METADATA

MEMBERSHIP = "membership_" + "1" * 32
NAME = said("name", "Camille")
BY_CAMILLE = Writer(person_id=CAMILLE, structure=NORTH, roles=frozenset({"MEMBER"}))
BY_STAFF = Writer(person_id=JO, structure=SOUTH, roles=frozenset({"EVENT_MANAGER"}))


@pytest.fixture
async def alliance(databases: Databases) -> AsyncIterator[Database]:
    """Three structures; Camille is a member of the north, Jo on the staff of the south."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    await Ears(database).hear(declared(MEMBERSHIP), granted(JO, "EVENT_MANAGER", by=SOUTH))
    return database


async def save(
    database: Database,
    *fields: Field,
    entry_id: str = "",
    kind: EntryKind = EntryKind.PERSON,
    etag: str = "",
    by: Writer = BY_CAMILLE,
) -> Entry:
    async with database.work() as work:
        wish = Wish(entry_id=entry_id, kind=kind, fields=fields or (NAME,), etag=etag)
        return await usecases.save(work, wish, by, now=NOW)


async def withdraw(database: Database, entry: Entry, by: Writer = BY_CAMILLE, etag: str = "") -> Entry:
    async with database.work() as work:
        return await usecases.withdraw(work, entry.entry_id, etag, by, now=NOW)


async def kept(database: Database, entry: Entry) -> Entry | None:
    async with database.reading() as work:
        return await storage.read(work, entry.entry_id)


async def said_of_entries(database: Database) -> list[tuple[str, int]]:
    facts = [each.fact for each in await told(database) if each.fact.kind.noun == "directory_entry"]
    assert all(fact.kind.audience == "all" and set(json.loads(fact.body)) == {"entryId"} for fact in facts)
    return [(fact.kind.verb, fact.version) for fact in facts]


async def test_an_entry_is_kept_as_it_was_written(alliance: Database) -> None:
    fields = (
        said("name", "Camille « Cam » Fictive"),
        said("skills", "œuvres", "éco-conception", to=Audience.STRUCTURES, only=[NORTH]),
        said("phone", "+33 6 00 00 00 00", to=Audience.ME),
    )
    made = await save(alliance, *fields)
    assert await kept(alliance, made) == made
    assert (made.fields, made.belongs, made.version) == (fields, frozenset({NORTH}), 1)


async def test_a_person_has_one_entry_and_several_projects(alliance: Database) -> None:
    await save(alliance)
    with pytest.raises(EntryExists):
        await save(alliance)
    for _ in range(usecases.MOST_ENTRIES - 1):
        await save(alliance, kind=EntryKind.PROJECT)
    with pytest.raises(TooManyEntries):
        await save(alliance, kind=EntryKind.PROJECT)


async def test_an_entry_is_its_holders_and_nobody_elses(alliance: Database) -> None:
    mine = await save(alliance)
    place = await save(alliance, said("name", "Le lieu"), kind=EntryKind.PLACE, by=BY_STAFF)
    strangers = [(mine, BY_STAFF), (place, BY_CAMILLE), (place, replace(BY_STAFF, structure=NORTH))]
    strangers += [(place, replace(BY_STAFF, roles=frozenset({"MEMBER", "ADVISOR"})))]
    for entry, stranger in strangers:
        with pytest.raises(UnknownEntry):
            await save(alliance, entry_id=entry.entry_id, kind=entry.kind, by=stranger)
        with pytest.raises(UnknownEntry):
            await withdraw(alliance, entry, stranger)
        async with alliance.reading() as work:
            with pytest.raises(UnknownEntry):
                await usecases.mine(work, entry.entry_id, stranger)
    colleague = replace(BY_STAFF, person_id=CAMILLE, roles=frozenset({"DIRECTOR"}))
    assert (await save(alliance, entry_id=place.entry_id, kind=EntryKind.PLACE, by=colleague)).version == 2


async def test_somebody_sees_their_own_entries_then_their_structures(alliance: Database) -> None:
    staff = replace(BY_STAFF, person_id=CAMILLE)
    for kind in (EntryKind.PLACE, EntryKind.PROJECT, EntryKind.ORGANISATION, EntryKind.PERSON):
        await save(alliance, kind=kind, by=staff)
    async with alliance.reading() as work:
        assert [each.kind.value for each in await usecases.all_mine(work, staff)] == [
            "PERSON",
            "PROJECT",
            "ORGANISATION",
            "PLACE",
        ]
        assert [each.kind.value for each in await usecases.all_mine(work, BY_CAMILLE)] == ["PERSON", "PROJECT"]


async def test_what_changed_since_it_was_read_is_not_overwritten(alliance: Database) -> None:
    made = await save(alliance)
    await save(alliance, said("name", "Cam"), entry_id=made.entry_id, etag='"1"')
    with pytest.raises(StaleEtag):
        await save(alliance, entry_id=made.entry_id, etag='"1"')
    with pytest.raises(StaleEtag):
        await withdraw(alliance, made, etag='"1"')
    with pytest.raises(KindFixed):
        await save(alliance, entry_id=made.entry_id, kind=EntryKind.PROJECT)


async def test_who_belongs_nowhere_has_no_entry_and_shows_no_structure(alliance: Database) -> None:
    with pytest.raises(NotYourStructure):
        await save(alliance, by=replace(BY_CAMILLE, person_id=(await _newcomer(alliance))))
    with pytest.raises(StructureNotYours):
        await save(alliance, NAME, said("structures", SOUTH))


async def test_all_are_told_when_they_see_something_else_and_only_then(alliance: Database) -> None:
    secret = said("phone", "0600000000", to=Audience.ME)
    made = await save(alliance, said("name", "Camille", to=Audience.ME), secret)
    assert await said_of_entries(alliance) == []
    again = {"entry_id": made.entry_id}
    await save(alliance, NAME, secret, **again)
    await save(alliance, NAME, replace(secret, values=("0611111111",)), **again)
    await save(alliance, said("name", "Cam"), **again)
    await save(alliance, said("name", "Cam", to=Audience.ME), **again)
    await withdraw(alliance, made)
    assert await said_of_entries(alliance) == [("changed", 2), ("changed", 4), ("withdrawn", 5)]


async def test_what_is_withdrawn_is_gone_and_is_said_to_be(alliance: Database) -> None:
    made = await save(alliance)
    await withdraw(alliance, made)
    assert await kept(alliance, made) is None
    assert await said_of_entries(alliance) == [("changed", 1), ("withdrawn", 2)]
    with pytest.raises(UnknownEntry):
        await withdraw(alliance, made)


async def test_an_entry_follows_the_memberships_of_its_holder(alliance: Database) -> None:
    shown = said("headline", "entre nous", to=Audience.STRUCTURES)
    made = await save(alliance, said("name", "Camille", to=Audience.GROUPEMENT), shown, said("structures", NORTH))
    ears = Ears(alliance)
    await ears.hear(declared("membership_" + "2" * 32, by=SOUTH, kind=MembershipKind.COWORKER))
    both = await kept(alliance, made)
    assert both is not None and both.belongs == {NORTH, SOUTH}
    await ears.hear(ended(MEMBERSHIP, last_day="2026-11-02"))
    left = await kept(alliance, made)
    assert left is not None and left.belongs == {SOUTH}
    assert left.views().of(at(NORTH)) == left.views().of(INSIDE)
    assert [version for _, version in await said_of_entries(alliance)] == [1, 2, 3]


async def test_staff_belong_as_members_do(alliance: Database) -> None:
    by_jo = replace(BY_STAFF, roles=frozenset())
    made = await save(alliance, said("name", "Jo"), by=by_jo)
    assert made.belongs == {SOUTH}
    await Ears(alliance).hear(revoked(JO, "EVENT_MANAGER", by=SOUTH))
    left = await kept(alliance, made)
    assert left is not None and left.belongs == frozenset()


async def test_the_day_a_membership_is_over_its_entries_are_looked_at_again(alliance: Database) -> None:
    last = TODAY + timedelta(days=9)
    await Ears(alliance).hear(declared(MEMBERSHIP, end=last.isoformat(), version=2))
    made = await save(alliance, NAME, said("headline", "x", to=Audience.STRUCTURES))
    [put_off] = [row for row in await rows(alliance, METADATA.tables["due"]) if row.kind == usecases.BELONGING_CHANGES]
    assert (put_off.key, put_off.due_at) == (CAMILLE, start_of(last + timedelta(days=1)))
    later = Due(kind=usecases.BELONGING_CHANGES, key=CAMILLE, at=NOW + timedelta(days=10))
    async with alliance.work() as work:
        await due(lambda: later.at)[usecases.BELONGING_CHANGES](work, later)
    left = await kept(alliance, made)
    assert left is not None and left.belongs == frozenset()


async def test_a_viewer_is_what_they_are_on_that_day(alliance: Database) -> None:
    async def viewer(person_id: str, structure: str, day: date = TODAY) -> object:
        async with alliance.reading() as work:
            return await usecases.viewer_of(work, person_id, structure, day)

    assert await viewer(CAMILLE, NORTH) == at(NORTH)
    assert await viewer(CAMILLE, SOUTH) == INSIDE
    assert await viewer(JO, SOUTH) == at(SOUTH)
    assert await viewer(CAMILLE, NORTH, date(2026, 8, 31)) == PUBLIC
    await Ears(alliance).hear(ended(MEMBERSHIP, last_day="2026-11-02"))
    assert await viewer(CAMILLE, NORTH) == PUBLIC


async def test_who_holds_a_post_belongs_where_it_is_borne(alliance: Database) -> None:
    shares = (PostShare(structure=NORTH, basis_points=4000), PostShare(structure=WEST, basis_points=6000))
    post = Post(
        post_id="post_" + "1" * 32,
        title="Direction",
        person_id=JO,
        employer=NORTH,
        shares=shares,
        period=Period(start=TODAY, end=TODAY + timedelta(days=1)),
    )
    async with alliance.work() as work:
        await posts.fill(work, post)
        found = await usecases.memberships.belonging(work, JO, TODAY)
    assert (found.structures, found.changes_on) == ({NORTH, SOUTH, WEST}, TODAY + timedelta(days=2))


async def test_reading_the_database_takes_in_what_is_newer_and_out_what_is_gone(alliance: Database) -> None:
    made = [await save(alliance, kind=EntryKind.PROJECT) for _ in range(3)]
    listing = Listing(rendered)
    following = Following(alliance, listing)
    await following.read()
    assert listing.held() == {each.entry_id for each in made}
    newest = await save(alliance, said("name", "Nouveau nom"), entry_id=made[0].entry_id, kind=EntryKind.PROJECT)
    await withdraw(alliance, made[1])
    listing.put(made[2].settled(frozenset({SOUTH})))
    await following.read()
    assert listing.version(made[0].entry_id) == newest.version
    assert listing.held() == {made[0].entry_id, made[2].entry_id}
    assert listing.version(made[2].entry_id) == 2, "what is newer than the database read is kept"


async def _newcomer(database: Database) -> str:
    async with database.work() as work:
        await people.install(work, somebody(person(77)))
    return person(77)
