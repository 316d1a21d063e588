"""Who may do what on a joint event, on both engines: staff, delegates, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from gathering import (
    COMMUNITY,
    DIRECTOR,
    DIRECTS,
    EVENT,
    HELPS,
    HOUSING,
    LEAD,
    MUTUAL,
    PARTNER,
    SECOND,
    SOUTHERN,
    STARTS,
    STRANGER,
    UNPROVED,
    VENUE,
    address,
    an_event_a_day,
    begin,
    calling,
    details,
    doing,
    invite,
    organiser,
    save,
    standing,
)
from identity import letters
from reciprocity import NORTH, NOW, SOUTH, WEST
from servicekit.sql import Database
from shared_identity.joint_events import delegates, storage, usecases
from shared_identity.joint_events.parts import Access, Challenge
from shared_identity.joint_events.refused import (
    MoreThanTheOrganiser,
    NoAccessToEvent,
    UnknownDelegate,
    UnknownEvent,
)

OTHER_EVENT = "event_" + "2" * 32
LEAST = Access.DOOR


@pytest.fixture
async def database(identity_db: Database) -> Database:
    """The evening, begun by the north."""
    await begin(identity_db)
    return identity_db


async def test_a_draft_is_not_there_for_others(database: Database) -> None:
    for caller in (HELPS, SOUTHERN, calling(STRANGER, NORTH, "MEMBER"), calling(STRANGER, NORTH)):
        with pytest.raises(UnknownEvent):
            await standing(database, caller)
    with pytest.raises(UnknownEvent):
        await save(database, Challenge(title="Se loger"), HOUSING, SOUTHERN)
    async with database.reading() as work:
        for known_by in (details().slug, EVENT):
            with pytest.raises(UnknownEvent):
                await usecases.public(work, known_by)
        assert await usecases.published(work, now=NOW, past=False, after=None, limit=9) == []


async def test_a_delegate_acts_at_whichever_structure_they_are(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)
    for structure in (NORTH, SOUTH, WEST):
        assert await standing(database, calling(PARTNER, structure)) == (MUTUAL, Access.OWN_REGISTRANTS)
    with pytest.raises(NoAccessToEvent):
        await save(database, Challenge(title="Se loger"), HOUSING, HELPS)


async def test_an_address_not_proved_gives_nothing(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, UNPROVED, MUTUAL)
    with pytest.raises(UnknownEvent):
        await standing(database, calling(UNPROVED, NORTH))


async def test_somebody_invited_is_written_to_once(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    first = await invite(database, PARTNER, MUTUAL)
    again = await invite(database, PARTNER, MUTUAL, LEAST, delegate_id="delegate_" + "9" * 32)
    assert (again.delegate_id, again.access) == (first.delegate_id, LEAST)
    async with database.reading() as work:
        [letter] = await letters(work)
    assert (letter.recipient, dict(letter.parameters)) == (
        address(PARTNER),
        {"event": "Une soirée", "organiser": "Une mutuelle"},
    )


async def test_nobody_is_given_more_than_the_organiser_has(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle", access=LEAST), MUTUAL)
    with pytest.raises(MoreThanTheOrganiser):
        await invite(database, PARTNER, MUTUAL, Access.OWN_REGISTRANTS)


async def test_one_invites_for_ones_own_organiser_or_a_partner(database: Database) -> None:
    await save(database, organiser(structure=SOUTH), SECOND)
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await save(database, organiser(name="La salle"), VENUE)
    await invite(database, PARTNER, MUTUAL)
    await invite(database, STRANGER, SECOND, LEAST, SOUTHERN)
    await invite(database, COMMUNITY, MUTUAL, Access.OWN_REGISTRANTS, HELPS)
    for caller, whose in ((DIRECTS, SECOND), (SOUTHERN, LEAD), (SOUTHERN, MUTUAL), (HELPS, VENUE)):
        with pytest.raises(NoAccessToEvent):
            await invite(database, STRANGER, whose, LEAST, caller)


async def test_nobody_gives_more_than_they_have(database: Database) -> None:
    advises = calling(COMMUNITY, NORTH, "ADVISOR")
    await invite(database, STRANGER, LEAD, Access.OWN_REGISTRANTS, advises)
    with pytest.raises(NoAccessToEvent):
        await invite(database, STRANGER, LEAD, Access.MANAGE, advises)
    await invite(database, STRANGER, LEAD, Access.MANAGE)
    with pytest.raises(NoAccessToEvent):
        await invite(database, STRANGER, LEAD, LEAST, advises)
    await invite(database, PARTNER, LEAD, LEAST)
    with pytest.raises(NoAccessToEvent):
        await invite(database, COMMUNITY, LEAD, LEAST, HELPS)


async def test_nobody_lets_themselves_in(database: Database) -> None:
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    with pytest.raises(NoAccessToEvent):
        await invite(database, DIRECTOR, MUTUAL)


async def test_delegates_are_known_to_their_organiser_and_to_who_manages(database: Database) -> None:
    await save(database, organiser(structure=SOUTH), SECOND)
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)
    await invite(database, STRANGER, SECOND, LEAST, SOUTHERN)

    async def seen(caller: Any) -> set[str]:
        async with database.reading() as work:
            found = await delegates.listed(work, caller, EVENT, after="", limit=9)
        return {delegate.email for delegate in found}

    assert await seen(DIRECTS) == {address(PARTNER), address(STRANGER)}
    assert await seen(SOUTHERN) == {address(STRANGER)}
    assert await seen(HELPS) == {address(PARTNER)}
    with pytest.raises(NoAccessToEvent):
        await seen(calling(STRANGER, WEST))


async def test_a_delegate_is_ended_at_once_by_who_may(database: Database) -> None:
    await save(database, organiser(structure=SOUTH), SECOND)
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    partner, volunteer = (
        await invite(database, PARTNER, MUTUAL),
        await invite(database, STRANGER, SECOND, LEAST, SOUTHERN),
    )
    with pytest.raises(UnknownDelegate):
        await doing(database, delegates.remove, SOUTHERN, EVENT, partner.delegate_id)
    with pytest.raises(UnknownDelegate):
        await doing(database, delegates.remove, HELPS, EVENT, volunteer.delegate_id)
    with pytest.raises(NoAccessToEvent):
        await doing(database, delegates.remove, DIRECTS, EVENT, volunteer.delegate_id)
    await doing(database, delegates.remove, DIRECTS, EVENT, partner.delegate_id)
    with pytest.raises(UnknownEvent):
        await standing(database, HELPS)
    await doing(database, delegates.remove, calling(STRANGER, WEST), EVENT, volunteer.delegate_id)
    with pytest.raises(UnknownDelegate):
        await doing(database, delegates.remove, SOUTHERN, EVENT, volunteer.delegate_id)


async def test_one_finds_the_events_one_has_standing_on(database: Database) -> None:
    await an_event_a_day(database, range(1, 4))
    await save(database, organiser(structure=SOUTH, access=Access.NONE), SECOND)
    await save(database, organiser(name="Une mutuelle"), MUTUAL)
    await invite(database, PARTNER, MUTUAL)

    async def mine(caller: Any, after: storage.Key | None = None) -> list[tuple[str, Access | None]]:
        async with database.reading() as work:
            found = await usecases.mine(work, caller, after=after, limit=3)
        return [(event.slug, None if held is None else held.access) for event, held in found]

    manage = Access.MANAGE
    assert await mine(DIRECTS) == [("jour-03", manage), ("jour-02", manage), ("jour-01", manage)]
    last = (STARTS + timedelta(days=1), f"event_{1:032x}")
    assert await mine(DIRECTS, last) == [("une-soiree", manage)]
    assert await mine(HELPS) == [("une-soiree", Access.OWN_REGISTRANTS)]
    assert await mine(calling(PARTNER, NORTH, "ADVISOR"), last) == [("une-soiree", Access.OWN_REGISTRANTS)]
    assert await mine(SOUTHERN) == []
    assert await mine(calling(DIRECTOR, NORTH, "MEMBER")) == []
