"""Joint events on both engines: published once agreed and seated, announced to all, called off, closed."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from gathering import (
    DIRECTS,
    ENDS,
    EVENT,
    HELPS,
    HOUSING,
    LEAD,
    MUTUAL,
    PARTNER,
    QUIET,
    SECOND,
    SOUTHERN,
    STARTS,
    STRANGER,
    VENUE,
    WORKSHOP,
    an_event_a_day,
    announced,
    arrangement,
    begin,
    doing,
    invite,
    organiser,
    publish,
    read,
    save,
    standing,
    workshop,
)
from reciprocity import NOW, SOUTH, told
from servicekit.sql import Database, Work
from servicekit.sql.tables import due as due_table
from shared_identity.joint_events import editing, preparing, storage, usecases
from shared_identity.joint_events.parts import Access, Challenge, State
from shared_identity.joint_events.refused import (
    ArrangementChanged,
    CapacityNotSet,
    EventNotOver,
    EventOver,
    NoAccessToEvent,
    UnknownEvent,
)
from shared_identity.joint_events.tables import arrangement as arrangements
from shared_identity.joint_events.tables import arrangement_approval
from shared_identity.seats import usecases as seats
from sqlalchemy import select

OTHER_EVENT = "event_" + "2" * 32
LEAST = Access.DOOR


@pytest.fixture
async def database(identity_db: Database) -> Database:
    """The evening, begun by the north."""
    await begin(identity_db)
    return identity_db


async def test_seats_come_before_publication(database: Database) -> None:
    await save(database, workshop(), WORKSHOP)
    await doing(database, editing.propose_arrangement, DIRECTS, EVENT, arrangement(), now=NOW)
    for sized in (None, seats.set_size):
        if sized is not None:
            await doing(database, sized, EVENT, 150)
        with pytest.raises(CapacityNotSet):
            await doing(database, preparing.publish, DIRECTS, EVENT, etag="", now=NOW)
    await doing(database, seats.set_session_size, EVENT, WORKSHOP, 30)
    shown = await doing(database, preparing.publish, DIRECTS, EVENT, etag="", now=NOW)
    assert shown.state is State.PUBLISHED


async def test_publication_is_told_to_all_and_so_is_every_change_people_see(database: Database) -> None:
    await save(database, organiser(name="Qui ne se montre pas", shown=False, access=LEAST), QUIET)
    await publish(database)
    await save(database, Challenge(title="Se loger"), HOUSING)
    await save(database, organiser(QUIET, name="Toujours cachée", shown=False, access=LEAST), "")
    await doing(database, preparing.cancel, DIRECTS, EVENT, "La salle est fermée.", etag="", now=NOW)
    assert await announced(database) == [
        ("published", None, 4, {"eventId": EVENT, "slug": "une-soiree"}),
        ("changed", None, 5, {"eventId": EVENT, "state": "PUBLISHED", "sequence": 1}),
        ("changed", None, 7, {"eventId": EVENT, "state": "CANCELLED", "sequence": 2}),
    ]


async def test_facts_name_nobody(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)
    await publish(database, HELPS)
    await invite(database, STRANGER, MUTUAL)
    bodies = " ".join(fact.fact.body.decode() for fact in await told(database) if fact.fact.kind.noun == "joint_event")
    assert "published" in {verb for verb, *_ in await announced(database)}
    for name in ("@", "person_", "delegate_", "organiser_", "mutuelle"):
        assert name not in bodies


async def test_calling_off_is_put_to_those_who_tell_everybody(database: Database) -> None:
    await publish(database)
    event = await doing(database, preparing.cancel, DIRECTS, EVENT, "La salle est fermée.", etag="", now=NOW)
    assert (event.state, event.explanation) == (State.CANCELLED, "La salle est fermée.")
    async with database.reading() as work:
        [row] = [row for row in await work.execute(select(due_table)) if row.kind == preparing.EVENT_CANCELLED]
        shown = await usecases.public(work, "une-soiree")
    assert (row.key, row.due_at) == (EVENT, NOW)
    assert json.loads(row.payload) == {"explanation": "La salle est fermée."}
    assert shown.explanation == "La salle est fermée."
    with pytest.raises(EventOver):
        await save(database, Challenge(title="Se loger"), HOUSING)


async def test_a_draft_called_off_is_told_to_nobody(database: Database) -> None:
    await doing(database, preparing.cancel, DIRECTS, EVENT, "On renonce.", etag="", now=NOW)
    assert await announced(database) == []
    async with database.reading() as work:
        assert [row for row in await work.execute(select(due_table)) if row.kind == preparing.EVENT_CANCELLED] == []
        with pytest.raises(UnknownEvent):
            await usecases.public(work, "une-soiree")


async def test_closing_is_final_and_told(database: Database) -> None:
    await publish(database)
    with pytest.raises(EventNotOver):
        await doing(database, usecases.close, EVENT, ENDS - timedelta(seconds=1))
    assert (await doing(database, usecases.close, EVENT, ENDS)).state is State.CLOSED
    assert (await announced(database))[-1][3]["state"] == "CLOSED"
    with pytest.raises(EventOver):
        await doing(database, usecases.close, EVENT, ENDS)


async def test_every_version_and_who_approved_it_stay_on_record(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)
    await publish(database, HELPS)
    await doing(database, editing.propose_arrangement, DIRECTS, EVENT, arrangement(outline="Autrement."), now=NOW)
    event = await read(database)
    assert event.in_force is not None and event.arrangement is not None
    assert (event.in_force.version, event.arrangement.version) == (1, 2)
    with pytest.raises(ArrangementChanged):
        await doing(database, editing.approve_arrangement, HELPS, EVENT, 1, now=NOW)
    await doing(database, editing.approve_arrangement, HELPS, EVENT, 2, now=NOW)
    event = await read(database)
    assert event.in_force == event.arrangement
    async with database.reading() as work:
        outlines = {row.version: row.outline for row in await work.execute(select(arrangements))}
        approved = {(row.version, row.organiser_id) for row in await work.execute(select(arrangement_approval))}
    assert outlines == {1: "Nous décidons ensemble.", 2: "Autrement."}
    assert approved == {(version, whose) for version in (1, 2) for whose in (LEAD, MUTUAL)}


async def test_who_comes_late_approves_before_it_does_more_than_the_door(database: Database) -> None:
    await publish(database)
    await save(database, organiser(structure=SOUTH, access=Access.MANAGE), SECOND)
    assert await standing(database, SOUTHERN) == (SECOND, Access.DOOR)
    with pytest.raises(NoAccessToEvent):
        await save(database, Challenge(title="Se loger"), HOUSING, SOUTHERN)
    await doing(database, editing.approve_arrangement, SOUTHERN, EVENT, 1, now=NOW)
    assert await standing(database, SOUTHERN) == (SECOND, Access.MANAGE)


async def test_the_door_alone_approves_nothing(database: Database) -> None:
    await save(database, organiser(name="La salle", access=LEAST), VENUE)
    await invite(database, PARTNER, VENUE, LEAST)
    await doing(database, editing.propose_arrangement, DIRECTS, EVENT, arrangement(), now=NOW)
    with pytest.raises(NoAccessToEvent):
        await doing(database, editing.approve_arrangement, HELPS, EVENT, 1, now=NOW)


async def shown_all(work: Work, event_ids: list[str]) -> None:
    for event_id in event_ids:
        held = await usecases.held(work, event_id)
        await usecases.keep(work, held, replace(held, state=State.PUBLISHED, published_at=NOW), now=NOW)


async def test_the_public_reads_page_by_page_what_comes_and_what_was(database: Database) -> None:
    days = range(20, 25)
    await an_event_a_day(database, days)
    await doing(database, shown_all, [f"event_{number:032x}" for number in days])
    later = ENDS + timedelta(days=22)

    async def listed(past: bool, after: storage.Key | None, now: Any = NOW) -> list[str]:
        async with database.reading() as work:
            found = await usecases.published(work, now=now, past=past, after=after, limit=2)
        return [event.slug for event in found]

    assert await listed(False, None) == ["jour-20", "jour-21"]
    key = (STARTS + timedelta(days=21), f"event_{21:032x}")
    assert await listed(False, key) == ["jour-22", "jour-23"]
    assert await listed(False, None, later) == ["jour-23", "jour-24"]
    assert await listed(True, None, later) == ["jour-22", "jour-21"]
    assert await listed(True, key, later) == ["jour-20"]
    assert await listed(True, None) == []
