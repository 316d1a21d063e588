"""Outcomes: contributions captured and followed up, the event closed, its figures once it is over and before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from doors import DOORKEEPER, OUTSIDER, SOUTHERN_DIRECTOR, Device, all_approve, doorkeepers
from evening import ENDS, EVENT, LODGING, STARTS, Hall, enrol, evening, heard, prepare
from gathering import HOUSING, LEAD, MUTUAL, SECOND, calling
from reciprocity import NORTH, SOUTH, person
from servicekit.etags import StaleEtag
from servicekit.fields import FieldMissing
from servicekit.sql import Database
from shared_identity.disclosure import Told
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.parts import Challenge
from shared_identity.joint_events.refused import (
    EventNotOver,
    EventOver,
    NoAccessToEvent,
    UnknownEventChallenge,
    UnknownOrganiser,
)
from shared_identity.outcomes import closing, usecases
from shared_identity.outcomes.domain import (
    Contribution,
    ContributionKind,
    ContributionState,
    UnknownContribution,
    Words,
)
from shared_identity.outcomes.report import ClosingReport, Pair
from shared_identity.registrations.domain import Profile, State

FEEDING_CHALLENGE = "challenge_" + "2" * 32
DIRECTOR = calling(DOORKEEPER.person(), NORTH, "DIRECTOR")
CHALLENGES = (
    Challenge(challenge_id=HOUSING, title="Se loger"),
    Challenge(challenge_id=FEEDING_CHALLENGE, title="Se nourrir", position=1),
)


@pytest.fixture
async def hall(identity_db: Database) -> Hall:
    """The evening, with two challenges and sixty seats."""
    await prepare(identity_db, size=60, rooms=40, event=evening(challenges=CHALLENGES))
    opened = Hall(database=identity_db)
    await doorkeepers(opened)
    await all_approve(opened)
    return opened


def words(title: str = "Un four partagé", **changes: str) -> Words:
    said = Words(challenge_id=FEEDING_CHALLENGE, kind=ContributionKind.NEED, title=title)
    return replace(said, **changes)  # type: ignore[arg-type]


async def capture(hall: Hall, said: Words, minutes: int = 0) -> Contribution:
    async with hall.database.work() as work:
        return await usecases.capture(work, DOORKEEPER, EVENT, said, now=STARTS + timedelta(minutes=minutes))


async def update(
    hall: Hall, held: Contribution, said: Words, state: ContributionState, *, etag: str = ""
) -> Contribution:
    async with hall.database.work() as work:
        return await usecases.update(work, DIRECTOR, EVENT, held.contribution_id, said, state, etag=etag)


async def listed(hall: Hall, *, challenge_id: str = "", kind: ContributionKind | None = None) -> Sequence[str]:
    async with hall.database.reading() as work:
        found = await usecases.contributions(
            work, DOORKEEPER, EVENT, challenge_id=challenge_id, kind=kind, after=None, limit=10
        )
    return [each.words.title for each in found]


async def close(hall: Hall) -> ClosingReport:
    async with hall.database.work() as work:
        return await closing.close(work, DIRECTOR, EVENT, office=hall.office, now=hall.now)


async def report(hall: Hall, caller: object = DIRECTOR) -> ClosingReport:
    async with hall.database.reading() as work:
        return await closing.report(work, caller, EVENT)  # type: ignore[arg-type]


async def test_what_came_out_is_listed_the_latest_first(hall: Hall) -> None:
    await capture(hall, words())
    await capture(hall, words("Un bail glissant", challenge_id=HOUSING), minutes=1)
    await capture(hall, words("Une friperie", kind=ContributionKind.EXISTING_INITIATIVE), minutes=2)
    assert await listed(hall) == ["Une friperie", "Un bail glissant", "Un four partagé"]
    assert await listed(hall, challenge_id=HOUSING) == ["Un bail glissant"]
    assert await listed(hall, kind=ContributionKind.NEED) == ["Un bail glissant", "Un four partagé"]


async def test_a_contribution_is_followed_up_by_an_organiser(hall: Hall) -> None:
    held = await capture(hall, words())
    followed = await update(hall, held, words(owner_organiser_id=SECOND), ContributionState.FOLLOWED, etag='"1"')
    assert (followed.state, followed.words.owner_organiser_id, followed.version) == ("FOLLOWED", SECOND, 2)
    assert await update(hall, held, followed.words, ContributionState.FOLLOWED) == followed
    with pytest.raises(StaleEtag):
        await update(hall, held, words("Autre chose"), ContributionState.DONE, etag='"1"')


async def test_a_contribution_is_of_this_event_and_so_is_who_follows_it_up(hall: Hall) -> None:
    with pytest.raises(UnknownEventChallenge):
        await capture(hall, words(challenge_id="challenge_" + "9" * 32))
    with pytest.raises(UnknownOrganiser):
        await capture(hall, words(owner_organiser_id="organiser_" + "9" * 32))
    with pytest.raises(FieldMissing):
        words(title="")
    with pytest.raises(UnknownContribution):
        held = await capture(hall, words())
        await update(hall, replace(held, contribution_id="contribution_" + "9" * 32), words(), ContributionState.DONE)


async def test_who_holds_the_door_captures_and_who_sees_registrants_follows_up(hall: Hall) -> None:
    held = await capture(hall, words())
    door = calling(person(21), NORTH, "MEMBER")
    for caller in (OUTSIDER, door):
        async with hall.database.work() as work:
            with pytest.raises(NoAccessToEvent):
                await usecases.capture(work, caller, EVENT, words(), now=STARTS)
            with pytest.raises(NoAccessToEvent):
                await usecases.update(
                    work, caller, EVENT, held.contribution_id, words(), ContributionState.DONE, etag=""
                )


async def test_a_challenge_something_came_out_of_stays(hall: Hall) -> None:
    await capture(hall, words())
    async with hall.database.reading() as work:
        assert await usecases.has_contributions(work, FEEDING_CHALLENGE)
        assert not await usecases.has_contributions(work, HOUSING)


async def test_what_an_organiser_followed_up_is_left_to_the_others_when_it_goes(hall: Hall) -> None:
    held = await capture(hall, words(owner_organiser_id=MUTUAL))
    async with hall.database.work() as work:
        before = await joint_events.held(work, EVENT)
        await joint_events.keep(work, before, before.without_organiser(MUTUAL), now=hall.now)
    left = await update(hall, held, words("Encore"), ContributionState.CAPTURED)
    assert left.words.owner_organiser_id == ""


async def fill(hall: Hall) -> None:
    """Twelve members of the north, eight of the south, three of both, ten of none; some of each come."""
    groups = [((NORTH,), 12, 9), ((SOUTH,), 8, 6), ((NORTH, SOUTH), 3, 2), ((), 10, 7)]
    number, scans = 100, []
    device = Device(hall=hall)
    for slugs, many, come in groups:
        for place in range(many):
            number += 1
            async with hall.database.work() as work:
                await enrol(work, person(number), *slugs)
            held = await hall.register_me(person(number), *([LODGING] if place < 2 else []))
            scans += [device.sees(held)] if place < come else []
    hall.now = STARTS
    await device.sends(*scans, device.meets("Ada"))


async def test_the_report_counts_each_person_once_and_each_at_every_organiser_whose_own_they_are(hall: Hall) -> None:
    await fill(hall)
    told = await report(hall)
    assert (told.final, told.size, told.registered, told.attended, told.walk_ins) == (False, 60, 34, 25, 1)
    assert told.organisers[LEAD] == Pair(registered=Told(value=15), attended=Told(value=11))
    assert told.shared.hidden
    assert told.organisers[MUTUAL].registered.hidden
    (lodging,) = [each for each in told.sessions if each.session_id == LODGING]
    assert (lodging.size, lodging.registered, lodging.attended) == (40, 8, 0)


async def test_each_organiser_reads_its_own_exactly_and_the_totals_are_the_same_for_all(hall: Hall) -> None:
    await fill(hall)
    north, south = await report(hall), await report(hall, SOUTHERN_DIRECTOR)
    assert north.organisers[LEAD].registered == Told(value=15)
    assert south.organisers[SECOND] == Pair(registered=Told(value=11), attended=Told(value=8))
    assert (north.registered, north.attended) == (south.registered, south.attended) == (34, 25)


async def test_closing_makes_presence_final_and_tells_structures_whose_members_came(hall: Hall) -> None:
    await fill(hall)
    hall.now = ENDS
    before = await report(hall)
    told = await close(hall)
    assert told.final
    assert replace(told, final=False) == before == replace(await report(hall), final=False)
    states = [held.state for held in await hall.all()]
    assert states.count(State.ATTENDED) == 25 and states.count(State.NO_SHOW) == 9
    assert set(await heard(hall.database, "attended")) == {NORTH, SOUTH}
    with pytest.raises(EventOver):
        await close(hall)


async def test_an_event_is_closed_once_it_is_over_by_who_manages_it(hall: Hall) -> None:
    hall.now = ENDS - timedelta(seconds=1)
    with pytest.raises(EventNotOver):
        await close(hall)
    hall.now = ENDS
    async with hall.database.work() as work:
        with pytest.raises(NoAccessToEvent):
            await closing.close(work, SOUTHERN_DIRECTOR, EVENT, office=hall.office, now=hall.now)


async def test_the_report_is_read_by_those_who_see_registrants(hall: Hall) -> None:
    for caller in (OUTSIDER, calling(person(21), SOUTH, "MEMBER")):
        with pytest.raises(NoAccessToEvent):
            await report(hall, caller)


async def test_the_report_counts_who_gave_back_and_who_waits_and_what_came_out(hall: Hall) -> None:
    gone = await hall.register("gone@demo.example")
    await hall.cancel(gone)
    await hall.register("here@demo.example", profile=Profile.COMPANY)
    await hall.resize(1)
    await hall.join("late@demo.example")
    await capture(hall, words())
    await capture(hall, words("Un autre"))
    told = await report(hall)
    assert (told.registered, told.cancelled, told.waiting) == (1, 1, 1)
    assert dict(told.contributions) == {(FEEDING_CHALLENGE, ContributionKind.NEED): 2}
    assert all(pair.registered.hidden for pair in told.profiles.values())
