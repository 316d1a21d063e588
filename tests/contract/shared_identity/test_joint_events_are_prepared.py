"""Joint events are prepared on both engines: every part saved, changed and taken away, at once if need be."""

import asyncio
from dataclasses import replace

import pytest
from gathering import (
    BOUND,
    DIRECTS,
    EVENT,
    FREE,
    HELPS,
    HOUSING,
    LEAD,
    MUTUAL,
    PARTNER,
    PLENARY,
    SECOND,
    STARTS,
    WORKSHOP,
    announced,
    begin,
    details,
    doing,
    invite,
    organiser,
    question,
    read,
    save,
    standing,
    workshop,
)
from reciprocity import NORTH, NOW, SOUTH, a_structure
from servicekit.etags import StaleEtag, etag
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity.joint_events import editing, preparing
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access, Challenge, State
from shared_identity.joint_events.refused import (
    ChallengeHasContributions,
    LastManager,
    NoAccessToEvent,
    OrganiserHasSeats,
    SessionHasSeats,
    SlugTaken,
    UnknownEvent,
)
from shared_identity.seats import usecases as seats
from shared_identity.structures import usecases as structures
from shared_identity.structures.domain import UnknownStructure

OTHER_EVENT = "event_" + "2" * 32
LEAST = Access.DOOR


@pytest.fixture
async def database(identity_db: Database) -> Database:
    """The evening, begun by the north."""
    await begin(identity_db)
    return identity_db


async def test_who_begins_an_event_leads_it(database: Database) -> None:
    event = await read(database)
    [lead] = event.organisers
    assert (lead.structure, lead.name, lead.access, lead.shown) == (NORTH, "Le-Nord", Access.MANAGE, True)
    assert (event.state, event.version, event.sequence, event.details) == (State.DRAFT, 1, 0, details())
    assert await announced(database) == []


async def test_an_address_names_one_event(database: Database) -> None:
    begun = {"structure": SOUTH, "organiser_id": SECOND, "now": NOW}
    with pytest.raises(SlugTaken):
        await doing(database, preparing.create, details(), event_id=OTHER_EVENT, **begun)
    await doing(database, preparing.create, details(slug="une-autre"), event_id=OTHER_EVENT, **begun)
    with pytest.raises(SlugTaken):
        await doing(database, preparing.describe, DIRECTS, EVENT, details(slug="une-autre"), etag="", now=NOW)


async def test_a_structure_outside_the_groupement_begins_nothing(database: Database) -> None:
    with pytest.raises(UnknownStructure):
        await doing(
            database,
            preparing.create,
            details(slug="ailleurs"),
            structure="ailleurs",
            event_id=OTHER_EVENT,
            organiser_id=SECOND,
            now=NOW,
        )
    with pytest.raises(UnknownStructure):
        await save(database, organiser(structure="ailleurs"), SECOND)


async def test_every_part_is_read_as_it_was_saved(database: Database) -> None:
    partner = replace(organiser(name="Une mutuelle"), website="https://mutuelle.example")
    await save(database, partner, MUTUAL)
    await save(database, Challenge(title="Se loger", description="Où ?", position=2), HOUSING)
    chosen = workshop(challenge_id=HOUSING, room="En haut", speakers="Une oratrice")
    await save(database, chosen, WORKSHOP)
    asked = question(session_id=WORKSHOP, required=True, position=3)
    event = await save(database, asked, "question_1")
    assert event == await read(database)
    assert event.organiser(MUTUAL) == replace(partner, organiser_id=MUTUAL)
    assert event.session(WORKSHOP) == replace(chosen, session_id=WORKSHOP)
    assert event.questions == (replace(asked, question_id="question_1"),)
    assert event.version == 5


async def test_a_part_saved_again_changes(database: Database) -> None:
    await save(database, workshop(), WORKSHOP)
    await save(database, workshop(starts_at=STARTS, chosen=False), PLENARY)
    event = await save(database, workshop(WORKSHOP, title="Un autre atelier"), "")
    assert {held.session_id: held.title for held in event.sessions} == {
        PLENARY: "Atelier",
        WORKSHOP: "Un autre atelier",
    }
    assert event == await read(database)


async def test_saying_the_same_again_changes_nothing(database: Database) -> None:
    before = await save(database, Challenge(title="Se loger"), HOUSING)
    again = await save(database, Challenge(challenge_id=HOUSING, title="Se loger"), "")
    assert again == before


async def test_what_is_taken_away_is_gone(database: Database) -> None:
    await save(database, Challenge(title="Se loger"), HOUSING)
    await save(database, workshop(challenge_id=HOUSING), WORKSHOP)
    await save(database, question(session_id=WORKSHOP), "question_1")
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)
    await doing(database, editing.remove_challenge, DIRECTS, EVENT, HOUSING, bonds=FREE, now=NOW)
    assert (await read(database)).session(WORKSHOP).challenge_id == ""
    await doing(database, editing.remove_session, DIRECTS, EVENT, WORKSHOP, now=NOW)
    await doing(database, editing.remove_organiser, DIRECTS, EVENT, MUTUAL, bonds=FREE, now=NOW)
    event = await read(database)
    assert (event.challenges, event.sessions, event.questions, len(event.organisers)) == ((), (), (), 1)
    with pytest.raises(UnknownEvent):
        await standing(database, HELPS)


async def test_what_later_slices_hold_keeps_a_part(database: Database) -> None:
    await save(database, Challenge(title="Se loger"), HOUSING)
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    with pytest.raises(ChallengeHasContributions):
        await doing(database, editing.remove_challenge, DIRECTS, EVENT, HOUSING, bonds=BOUND, now=NOW)
    with pytest.raises(OrganiserHasSeats):
        await doing(database, editing.remove_organiser, DIRECTS, EVENT, MUTUAL, bonds=BOUND, now=NOW)


async def test_an_organiser_with_seats_to_hand_out_stays(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await doing(database, seats.set_size, EVENT, 50)
    give = {"release_at": None, "open_to_members": False}
    await doing(database, seats.allocate, EVENT, MUTUAL, 10, **give)
    with pytest.raises(OrganiserHasSeats):
        await doing(database, editing.remove_organiser, DIRECTS, EVENT, MUTUAL, bonds=FREE, now=NOW)
    await doing(database, seats.allocate, EVENT, MUTUAL, 0, **give)
    await doing(database, editing.remove_organiser, DIRECTS, EVENT, MUTUAL, bonds=FREE, now=NOW)
    assert [held.organiser_id for held in (await read(database)).organisers] == [LEAD]


async def test_a_session_people_chose_stays_chosen(database: Database) -> None:
    await save(database, workshop(), WORKSHOP)
    await doing(database, seats.set_session_size, EVENT, WORKSHOP, 30)
    await doing(database, seats.take_sessions, EVENT, [WORKSHOP])
    with pytest.raises(SessionHasSeats):
        await save(database, workshop(WORKSHOP, chosen=False), "")
    with pytest.raises(SessionHasSeats):
        await doing(database, editing.remove_session, DIRECTS, EVENT, WORKSHOP, now=NOW)
    assert (await save(database, workshop(WORKSHOP, title="Renommé"), "")).session(WORKSHOP).chosen


async def test_a_session_nobody_chose_loses_its_seats(database: Database) -> None:
    await save(database, workshop(), WORKSHOP)
    await doing(database, seats.set_session_size, EVENT, WORKSHOP, 30)
    await save(database, workshop(WORKSHOP, chosen=False), "")
    async with database.reading() as work:
        assert await seats.of_event(work, EVENT) == []


async def test_changing_what_changed_since_is_refused(database: Database) -> None:
    await save(database, Challenge(title="Se loger"), HOUSING)
    with pytest.raises(StaleEtag):
        await doing(database, preparing.describe, DIRECTS, EVENT, details(title="B"), etag=etag(1), now=NOW)
    changed = await doing(database, preparing.describe, DIRECTS, EVENT, details(title="B"), etag=etag(2), now=NOW)
    assert (changed.details.title, changed.version) == ("B", 3)


async def test_two_changes_at_once_are_both_kept(database: Database) -> None:
    titles = [f"Défi {number}" for number in range(6)]
    await asyncio.gather(
        *(save(database, Challenge(title=title), f"challenge_{number}") for number, title in enumerate(titles))
    )
    event = await read(database)
    assert sorted(held.title for held in event.challenges) == titles
    assert event.version == 7


async def test_two_managers_who_step_back_at_once_leave_one(database: Database) -> None:
    await save(database, organiser(structure=SOUTH, access=Access.MANAGE), SECOND)
    first, second = (await read(database)).organisers
    outcomes = await asyncio.gather(
        *(save(database, replace(held, access=LEAST), "") for held in (first, second)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Refusal)] in ([LastManager], [NoAccessToEvent])
    managing = [held for held in (await read(database)).organisers if held.access is Access.MANAGE]
    assert len(managing) == 1


async def test_a_structure_that_changes_its_name_is_called_by_the_new_one(database: Database) -> None:
    await doing(database, structures.enter, replace(a_structure(NORTH), name="Le Grand Nord"), now=NOW)
    event: JointEvent = await read(database)
    assert event.organiser(LEAD).name == "Le Grand Nord"
