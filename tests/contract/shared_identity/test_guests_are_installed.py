"""The demo's events have guests, by the rules guests have anyhow; nobody is written to; what is wrong is named."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from engines import Databases
from gathering import settle
from identity import CODES, letters
from reciprocity import NOW, SHARED_IDENTITY, told, told_to
from servicekit.caller import Caller, Peer
from servicekit.origin import GROUPEMENT
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity import gatherings
from shared_identity.attendance import usecases as attendance
from shared_identity.figures import usecases as figures
from shared_identity.figures.domain import Asked
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.parts import State as EventState
from shared_identity.load import load
from shared_identity.outcomes import closing
from shared_identity.outcomes import usecases as outcomes
from shared_identity.passwords import Passwords
from shared_identity.registrations import listing, storage
from shared_identity.registrations.domain import Registration, State
from shared_identity.registrations.office import Office
from shared_identity.schema import METADATA
from shared_identity.seats import usecases as seats
from shared_identity.seats.domain import Seats

DEMO = Path(__file__).parents[3] / "deploy" / "demo"
PLUS20, BANQUET = "event_01990000000070008000000000000001", "event_01990000000070008000000000000002"
NADIA, CAMILLE, JO = (f"person_0199000000007000800000000000000{number}" for number in (1, 4, 5))
LEAST_TOLD = 5
EVENT = """
[[events]]
event_id = "event_00000000000000000000000000000001"
slug = "un-midi"
title = "Un midi"
day = "today-10"
start = "11:00"
end = "15:00"
seats = 2
published = "today-40"

[[events.organisers]]
organiser_id = "organiser_00000000000000000000000000000001"
structure = "le-nord"
role = "LEAD"
access = "MANAGE"
shown = true

[[events.challenges]]
challenge_id = "challenge_00000000000000000000000000000001"
title = "Un défi"

[events.arrangement]
approved = true
outline = "Nous décidons ensemble."
contact = "midi@demo.example"
retention_days = 90
duties = [{ title = "informer", organiser_id = "organiser_00000000000000000000000000000001" }]

[[events.registrations]]
day = "today-30"
came = true
profile = "CITIZEN"
people = ["Ida Fictive <ida@demo.example>", "Nell Fictive <nell@demo.example>"]

[[events.registrations]]
day = "today-29"
people = ["Zoé Fictive <zoe@demo.example>"]

[[events.invitations]]
organiser_id = "organiser_00000000000000000000000000000001"
day = "today-30"
emails = ["invite@demo.example"]

[[events.contributions]]
challenge_id = "challenge_00000000000000000000000000000001"
kind = "NEED"
title = "Un besoin"

[events.held]
closed = "today-9"
"""


@pytest.fixture
async def database(databases: Databases) -> Database:
    """Nothing yet."""
    return await databases.make(METADATA, SHARED_IDENTITY)


@pytest.fixture
async def demo(database: Database) -> Database:
    """The demo, loaded."""
    for file in ("groupement.toml", "shared-identity.toml"):
        assert await load(database, DEMO / file, None, Passwords(), codes=CODES, now=NOW)
    return database


async def install(database: Database, text: str) -> bool:
    async with database.work() as work:
        await settle(work)
        return await gatherings.load(work, Office(codes=CODES), tomllib.loads(text), now=NOW)


async def registrations(database: Database, event_id: str) -> Sequence[Registration]:
    async with database.reading() as work:
        return await listing.of_event(work, event_id, tuple(State), most=500)


def director() -> Caller:
    """The shared director, at the incubator's."""
    peer = Peer(kind="portal", structure=GROUPEMENT)
    return Caller(peer=peer, acting_for="inter-made", person_id=NADIA, roles=frozenset({"DIRECTOR"}))


async def test_the_evening_to_come_has_guests_and_some_who_wait(demo: Database) -> None:
    held = await registrations(demo, PLUS20)
    states = Counter(each.state for each in held)
    assert states[State.CONFIRMED] >= 60 and states[State.CANCELLED] > 0
    assert states[State.WAITING] >= LEAST_TOLD
    assert all("demo.example" in each.attendee.email for each in held)
    assert any(each.attendee.has_needs for each in held) and any(each.attendee.answers for each in held)


async def test_seats_taken_are_those_of_the_guests(demo: Database) -> None:
    for event_id in (PLUS20, BANQUET):
        seated = [each for each in await registrations(demo, event_id) if each.pool_id is not None]
        async with demo.reading() as work:
            pools = Seats.of(await seats.of_event(work, event_id))
        taken = Counter(each.pool_id for each in seated)
        chosen = Counter(session_id for each in seated for session_id in each.session_ids)
        assert sum(taken.values()) > 0
        for pool in pools.pools:
            assert pool.taken == (chosen[pool.session_id] if pool.session_id else taken[pool.pool_id])


async def test_whoever_waits_finds_no_seat_for_their_whole_wish(demo: Database) -> None:
    async with demo.reading() as work:
        queue = await storage.waiting(work, PLUS20, after=None, most=100)
        pools = Seats.of(await seats.of_event(work, PLUS20))
    assert queue and all(pools.fit(each.claims, each.session_ids) is None for each in queue)
    joined = [each.joined_at for each in queue if each.joined_at is not None]
    assert all(sooner < later for sooner, later in pairwise(joined)) and joined[-1] < NOW


async def test_nobody_is_written_to_for_what_is_loaded(demo: Database) -> None:
    async with demo.reading() as work:
        assert await letters(work) == []


async def test_structures_are_told_of_their_own_members_only(demo: Database) -> None:
    for structure in ("inter-made", "la-ruche"):
        verbs = {name for name, _, _ in await told_to(demo, structure) if name.startswith("registration.")}
        assert verbs == {"registration.confirmed", "registration.attended"}
    heard = [body for name, _, body in await told_to(demo, "la-ruche") if name.startswith("registration.")]
    assert {body["personId"] for body in heard} == {JO}


async def test_a_member_finds_their_tickets(demo: Database) -> None:
    async with demo.reading() as work:
        mine = await listing.of_person(work, CAMILLE, "camille@demo.example")
    assert {(each.event_id, each.state) for each in mine} == {(PLUS20, State.CONFIRMED), (BANQUET, State.ATTENDED)}


async def test_the_event_of_the_past_was_held_and_closed(demo: Database) -> None:
    async with demo.reading() as work:
        event = await joint_events.event(work, BANQUET)
        report = await closing.report(work, director(), BANQUET)
        door = await attendance.at_door(work, event)
        kept = await outcomes.contributions(
            work, director(), BANQUET, challenge_id="", kind=None, after=None, limit=100
        )
    assert event.state is EventState.CLOSED and event.ends_at < NOW
    assert report.final and report.registered > report.attended > report.walk_ins > 0 and report.cancelled > 0
    assert len(door.present) == report.attended
    assert all(each.owner_organiser_id for each in (held.words for held in kept))
    assert len({held.state for held in kept}) > 1


async def test_its_director_reads_figures_that_are_not_hidden(demo: Database) -> None:
    async with demo.reading() as work:
        first = (await joint_events.event(work, BANQUET)).starts_at.date().replace(day=1)
        counted = await figures.read(work, Asked(first=first, last=first), "inter-made")
        report = await closing.report(work, director(), BANQUET)
    shown = await figures.figures(counted, Asked(first=first, last=first), "inter-made", now=NOW)
    (told_of,) = [each for each in shown.events if each.gathering.event_id == BANQUET]
    assert (told_of.registered.value, told_of.attended.value) == (report.registered, report.attended)
    own = report.organisers["organiser_01990000000070008000000000000011"]
    assert not own.registered.hidden and own.registered.value >= LEAST_TOLD


async def test_a_second_load_changes_nothing(demo: Database) -> None:
    before = [await registrations(demo, event_id) for event_id in (PLUS20, BANQUET)], len(await told(demo))
    later = NOW + timedelta(days=30)
    assert not await load(demo, DEMO / "shared-identity.toml", None, Passwords(), codes=CODES, now=later)
    after = [await registrations(demo, event_id) for event_id in (PLUS20, BANQUET)], len(await told(demo))
    assert after == before


async def test_an_event_is_held_and_whoever_came_too_late_waited(database: Database) -> None:
    assert await install(database, EVENT)
    held = await registrations(database, "event_00000000000000000000000000000001")
    assert {each.attendee.given_name: each.state for each in held} == {
        "Ida": State.ATTENDED,
        "Nell": State.ATTENDED,
        "Zoé": State.WAITING,
    }
    async with database.reading() as work:
        assert await letters(work) == []


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({'"today-30"\ncame': '"bientôt"\ncame'}, "registrations[0].day", "DAY_MALFORMED"),
        ({'"today-30"\ncame': '"today-41"\ncame'}, "registrations[0].people[0].day", "REGISTRATION_CLOSED"),
        ({'"today-30"\ncame': '"today-9"\ncame'}, "registrations[0].people[0].event_id", "REGISTRATION_CLOSED"),
        ({"<nell@demo.example>": "<nell>"}, "registrations[0].people[1].attendee.email", "EMAIL_MALFORMED"),
        ({"Nell Fictive": "Nell"}, "registrations[0].people[1].attendee.family_name", "FIELD_MISSING"),
        ({"nell@": "ida@"}, "registrations[0].people[1].attendee.email", "ALREADY_REGISTERED"),
        ({"came = true": "come = true"}, "registrations[0].come", "ENTRY_MALFORMED"),
        ({'"CITIZEN"': '"ROYAL"'}, "registrations[0].people[0]", "ENTRY_MALFORMED"),
        (
            {"came = true": 'member_of = "organiser_00000000000000000000000000000001"'},
            "registrations[0].people[0].member_of",
            "ENTRY_MALFORMED",
        ),
        (
            {"came = true": 'invited_by = "organiser_00000000000000000000000000000002"'},
            "registrations[0].people[0].organiser_id",
            "UNKNOWN_ORGANISER",
        ),
        (
            {"came = true": 'session_ids = ["session_00000000000000000000000000000002"]'},
            "registrations[0].people[0].session_ids",
            "UNKNOWN_CHOICE_OF_SESSION",
        ),
        ({'"today-29"': '"today-29"\ncame = true'}, "held.came", "ENTRY_MALFORMED"),
        ({"invite@demo.example": "invite"}, "invitations[0].emails", "EMAIL_MALFORMED"),
        ({'"NEED"': '"WISH"'}, "contributions[0]", "ENTRY_MALFORMED"),
        ({'"Un besoin"': '""'}, "contributions[0].contribution.title", "FIELD_MISSING"),
        ({'closed = "today-9"': 'closed = "today-11"'}, "held.event_id", "EVENT_NOT_OVER"),
        ({'closed = "today-9"': "closed = []"}, "held.closed", "DAY_MALFORMED"),
    ],
)
async def test_what_is_wrong_is_named(database: Database, changes: Mapping[str, str], field: str, reason: str) -> None:
    text = EVENT
    for written, instead in changes.items():
        assert text.count(written) == 1
        text = text.replace(written, instead)
    with pytest.raises(Refusal) as refused:
        await install(database, text)
    assert (refused.value.field, refused.value.reason) == (f"events[0].{field}", reason)
    assert await told(database) == []
