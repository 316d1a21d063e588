"""The demo brings an evening that is published and seated; what is wrong in a document is refused by name."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engines import Databases
from gathering import settle
from identity import CODES
from reciprocity import NOW, SHARED_IDENTITY, told
from servicekit.caller import Caller, Peer
from servicekit.origin import GROUPEMENT
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity import gatherings
from shared_identity.joint_events import usecases
from shared_identity.joint_events.parts import Access, Role, State
from shared_identity.load import load
from shared_identity.passwords import Passwords
from shared_identity.registrations.office import Office
from shared_identity.schema import METADATA
from shared_identity.seats import usecases as seats
from shared_identity.seats.domain import Seats

DEMO = Path(__file__).parents[3] / "deploy" / "demo"
PLUS20 = "event_01990000000070008000000000000001"
EVENT = """
[[events]]
event_id = "event_00000000000000000000000000000001"
slug = "une-soiree"
title = "Une soirée"
day = "today+3"
start = "22:00"
end = "01:30"

[[events.organisers]]
organiser_id = "organiser_00000000000000000000000000000001"
structure = "le-nord"
role = "LEAD"
access = "MANAGE"
shown = true
"""
UNAPPROVED = "ARRANGEMENT_NOT_APPROVED"
SESSION = """
[[events.sessions]]
session_id = "session_00000000000000000000000000000001"
title = "Après minuit"
format = "SOCIAL"
start = "00:30"
end = "01:00"
"""


@pytest.fixture
async def database(databases: Databases) -> Database:
    """Nothing yet."""
    return await databases.make(METADATA, SHARED_IDENTITY)


async def load_demo(database: Database, now: datetime = NOW) -> bool:
    loaded = [
        await load(database, DEMO / file, None, Passwords(), codes=CODES, now=now)
        for file in ("groupement.toml", "shared-identity.toml")
    ]
    return any(loaded)


async def install(database: Database, text: str) -> bool:
    async with database.work() as work:
        await settle(work)
        return await gatherings.load(work, Office(codes=CODES), tomllib.loads(text), now=NOW)


async def test_the_demo_evening_is_for_all_to_see_a_week_ahead(database: Database) -> None:
    assert await load_demo(database)
    async with database.reading() as work:
        event = await usecases.public(work, "plus20")
    assert (event.event_id, event.state) == (PLUS20, State.PUBLISHED)
    assert event.starts_at == datetime(2026, 11, 11, 17, 0, tzinfo=UTC)
    assert [(held.name, held.role) for held in event.organisers] == [
        ("Inter-Made", Role.LEAD),
        ("La Ruche Marseille", Role.LEAD),
        ("MGEN", Role.CO_ORGANISER),
        ("La Friche la Belle de Mai", Role.HOST_VENUE),
    ]
    assert [held.title for held in event.challenges] == ["Se loger", "Se nourrir", "Se vêtir"]
    assert event.in_force is not None


async def test_its_seats_are_set_apart_and_add_up(database: Database) -> None:
    await load_demo(database)
    async with database.reading() as work:
        event = await usecases.event(work, PLUS20)
        pools = Seats.of(await seats.of_event(work, PLUS20))
    assert pools.size == 150
    assert [pools.sessions[held.session_id].size for held in event.chosen_sessions] == [30, 30, 30]
    assert {pool.organiser_id for pool in pools.allocations} == {held.organiser_id for held in event.organisers}


async def test_each_party_finds_it_with_its_own_account(database: Database) -> None:
    await load_demo(database)
    peer = Peer(kind="portal", structure=GROUPEMENT)
    expected = [
        (9, "la-ruche", "EVENT_MANAGER", "organiser_01990000000070008000000000000002", Access.MANAGE),
        (2, "inter-made", "ADVISOR", "organiser_01990000000070008000000000000001", Access.OWN_REGISTRANTS),
        (10, "la-ruche", "", "organiser_01990000000070008000000000000003", Access.OWN_REGISTRANTS),
        (11, "inter-made", "", "organiser_01990000000070008000000000000004", Access.OWN_REGISTRANTS),
    ]
    for number, structure, role, organiser_id, access in expected:
        person_id = f"person_0199000000007000800000000000{number:04d}"
        caller = Caller(peer=peer, acting_for=structure, person_id=person_id, roles=frozenset({role} - {""}))
        async with database.reading() as work:
            _, standing = await usecases.standing(work, caller, PLUS20, at_least=Access.DOOR)
        assert (standing.organiser_id, standing.access) == (organiser_id, access)


async def test_a_later_load_leaves_the_evening_where_it_is(database: Database) -> None:
    await load_demo(database)
    before = len(await told(database))
    await load_demo(database, NOW + timedelta(days=1))
    async with database.reading() as work:
        assert (await usecases.event(work, PLUS20)).starts_at == datetime(2026, 11, 11, 17, 0, tzinfo=UTC)
    assert len(await told(database)) == before


async def test_an_evening_may_go_on_after_midnight(database: Database) -> None:
    assert await install(database, EVENT + SESSION)
    async with database.reading() as work:
        event = await usecases.event(work, "event_00000000000000000000000000000001")
    assert (event.starts_at, event.ends_at) == (
        datetime(2026, 11, 6, 21, 0, tzinfo=UTC),
        datetime(2026, 11, 7, 0, 30, tzinfo=UTC),
    )
    assert event.sessions[0].starts_at == datetime(2026, 11, 6, 23, 30, tzinfo=UTC)
    assert (event.state, event.in_force) == (State.DRAFT, None)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"event_0": "soiree_0"}, "events[0].event_id", "ENTRY_MALFORMED"),
        ({"une-soiree": "Une soirée"}, "events[0].slug", "SLUG_MALFORMED"),
        ({"today+3": "bientôt"}, "events[0].day", "DAY_MALFORMED"),
        ({"22:00": "dix heures"}, "events[0].start", "ENTRY_MALFORMED"),
        ({"LEAD": "BOSS"}, "events[0].organisers[0]", "ENTRY_MALFORMED"),
        ({"organiser_0": "organisateur_0"}, "events[0].organisers[0].organiser_id", "ENTRY_MALFORMED"),
        ({"le-nord": "ailleurs"}, "events[0].organisers", "UNKNOWN_STRUCTURE"),
        ({"00:30": "02:00", "01:00": "03:00"}, "events[0].session.end_time", "SESSION_OUTSIDE_EVENT"),
        ({"SOCIAL": "PARTY"}, "events[0].sessions[0]", "ENTRY_MALFORMED"),
        (
            {'title = "Une soirée"': "published = true\ntitle = 'x'"},
            "events[0].arrangement",
            "ARRANGEMENT_NOT_APPROVED",
        ),
        ({'title = "Une soirée"': "seats = 'cent'\ntitle = 'x'"}, "events[0].seats", "ENTRY_MALFORMED"),
    ],
)
async def test_what_is_wrong_is_named(database: Database, changes: Mapping[str, str], field: str, reason: str) -> None:
    text = EVENT + SESSION
    for written, instead in changes.items():
        assert written in text
        text = text.replace(written, instead)
    with pytest.raises(Refusal) as refused:
        await install(database, text)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    found: Any = await told(database)
    assert found == []
