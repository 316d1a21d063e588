"""Facts through a real server: what structures declare becomes rights, and only who grants them is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from broker import Broker, broker, house
from engines import Databases
from groupement.coworking.v1.events_pb2 import UsageRecorded
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.type.v1.period_pb2 import Period as PeriodMessage
from listening import until
from reciprocity import CAMILLE, NOW, SHARED_IDENTITY, TODAY, a_structure, an_agreement, signed, somebody
from servicekit.bus.connection import Bus
from servicekit.bus.dead_letters import dead_letters, replay
from servicekit.bus.envelope import to_headers
from servicekit.bus.publishing import Outgoing, publish
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber
from servicekit.facts import Fact, fact, subject
from servicekit.identifiers import new_id
from servicekit.origin import GROUPEMENT, Origin
from servicekit.sql import Database
from servicekit.sql.tables import inbox
from shared_identity.agreements import usecases as agreements
from shared_identity.agreements.entitlements import Entitlement, UsageCount
from shared_identity.assembly import subscriptions
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships.domain import Membership
from shared_identity.people import usecases as people
from shared_identity.schema import METADATA
from shared_identity.structures import usecases as structures
from sqlalchemy import select

NORTH, SOUTH = "north", "south"
INCUBATOR = Origin(structure=NORTH, kind="incubator")
COWORKING = Origin(structure=SOUTH, kind="coworking")
MEMBERSHIP = "membership_" + "1" * 32
OPENED = f"{GROUPEMENT}.shared_identity.to.{SOUTH}.entitlement.opened"
CLOSED = f"{GROUPEMENT}.shared_identity.to.{SOUTH}.entitlement.closed"
COUNTED = f"{GROUPEMENT}.shared_identity.to.{NORTH}.usage_count.changed"


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Broker]:
    """A provisioned house of this test's own."""
    async with broker(tmp_path, house(tmp_path)) as made:
        yield made


@pytest.fixture
async def db(databases: Databases) -> Database:
    """Two structures bound by an agreement, and Camille."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        for slug in (NORTH, SOUTH):
            await structures.enter(work, a_structure(slug), now=NOW)
        await people.install(work, somebody(CAMILLE))
        await signed(work, an_agreement(grantor=SOUTH, home=NORTH))
    return database


@asynccontextmanager
async def listening(fresh: Broker, db: Database) -> AsyncIterator[Subscriber]:
    """shared-identity on the bus: it hears and tells."""
    async with fresh.connected(GROUPEMENT, SHARED_IDENTITY.instance) as bus:
        made = Subscriber(
            db, bus, "shared_identity", subscriptions(lambda: NOW), max_attempts=2, backoff=(0.1,), holder="only"
        )
        async with at_work(made), at_work(Relay(db, bus)):
            yield made


@asynccontextmanager
async def at_work(worker: Subscriber | Relay) -> AsyncIterator[None]:
    """Runs until the block ends."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def say(bus: Bus, origin: Origin, told: Fact) -> None:
    """A structure's fact, twice: the second time under no Nats-Msg-Id, so that the server lets it through."""
    headers = to_headers(origin, told)
    unmarked = {name: text for name, text in headers.items() if name != "Nats-Msg-Id"}
    for given in (headers, unmarked):
        await publish(bus, Outgoing(subject=subject(origin, told), headers=given, body=told.body))


def declared(version: int = 1, *, person_id: str = CAMILLE, start: str = "2026-09-01", end: str = "") -> Fact:
    message = declarations.MembershipDeclared(
        membership_id=MEMBERSHIP,
        person_id=person_id,
        kind=declarations.MEMBERSHIP_KIND_INCUBATED,
        period=PeriodMessage(start_date=start, end_date=end),
    )
    return fact(message, aggregate_id=MEMBERSHIP, version=version, at=NOW)


def ended(version: int = 2, *, person_id: str = CAMILLE) -> Fact:
    message = declarations.MembershipEnded(membership_id=MEMBERSHIP, person_id=person_id, end_date=TODAY.isoformat())
    return fact(message, aggregate_id=MEMBERSHIP, version=version, at=NOW)


def used(entitlement_id: str) -> Fact:
    usage_id = new_id("usage")
    message = UsageRecorded(usage_id=usage_id, entitlement_id=entitlement_id, half_days=2, date=TODAY.isoformat())
    return fact(message, aggregate_id=usage_id, version=1, at=NOW)


async def rights(db: Database) -> list[Entitlement]:
    async with db.reading() as work:
        return list(await agreements.open_rights(work, CAMILLE, SOUTH, today=TODAY, after="", limit=9))


async def held(db: Database, structure: str = NORTH) -> list[Membership]:
    async with db.reading() as work:
        return list(await memberships.of_structure(work, structure, in_force_on=None, after=None, limit=9))


async def counts(db: Database) -> list[UsageCount]:
    async with db.reading() as work:
        return list(await agreements.counts(work, NORTH, "2026-11", after=("", ""), limit=9))


async def arrived(db: Database, fact_id: str) -> None:
    """Returns once a fact is taken in."""
    wanted = select(inbox.c.fact_id).where(inbox.c.fact_id.endswith(f"/{fact_id}"))
    async with asyncio.timeout(60):
        while True:
            async with db.reading() as work:
                if (await work.execute(wanted)).first():
                    return
            await asyncio.sleep(0.05)


async def test_a_declaration_becomes_a_right_where_it_is_granted_and_goes_with_it(fresh: Broker, db: Database) -> None:
    async with listening(fresh, db), fresh.connected(NORTH, INCUBATOR.instance) as incubator:
        await say(incubator, INCUBATOR, declared())
        await fresh.arrived(SOUTH, OPENED)
        await say(incubator, INCUBATOR, ended())
        await fresh.arrived(SOUTH, CLOSED)
    assert await rights(db) == []
    assert [subject for subject in await _subjects(fresh, NORTH) if "entitlement" in subject] == []
    assert await _subjects(fresh, SOUTH) >= {OPENED, CLOSED}


async def test_repeated_and_disordered_declarations_leave_one_state(fresh: Broker, db: Database) -> None:
    async with listening(fresh, db) as subscriber, fresh.connected(NORTH, INCUBATOR.instance) as incubator:
        for told in (declared(2, end="2026-12-31"), declared(1), declared(4, start="2026-10-01"), ended(3)):
            await say(incubator, INCUBATOR, told)
        await until(lambda: subscriber.tally["seen"] == 4)
    assert (subscriber.tally["fresh"], subscriber.tally["older"]) == (2, 2)
    [membership] = await held(db)
    assert (membership.period.start.isoformat(), membership.period.end) == ("2026-10-01", None)
    [right] = await rights(db)
    assert (right.period, right.version) == (membership.period, 2)


async def test_what_is_said_of_nobody_waits_among_the_dead_and_comes_back(fresh: Broker, db: Database) -> None:
    late = "person_" + "7" * 32
    async with listening(fresh, db) as subscriber, fresh.connected(NORTH, INCUBATOR.instance) as incubator:
        for told in (declared(person_id=late), ended(person_id=late)):
            await publish(
                incubator,
                Outgoing(subject=subject(INCUBATOR, told), headers=to_headers(INCUBATOR, told), body=told.body),
            )
        await until(lambda: subscriber.tally["dead"] == 2)
        assert await held(db) == []
        async with db.work() as work:
            await people.install(work, somebody(late))
        async with fresh.connected(GROUPEMENT) as owner:
            letters = [letter async for letter in dead_letters(owner)]
            assert {letter.reason for letter in letters} == {"UNKNOWN_PERSON", "UNKNOWN_MEMBERSHIP"}
            for letter in sorted(letters, key=lambda letter: letter.reason, reverse=True):
                await replay(owner, letter)
                await arrived(db, letter.fact_id)
    [membership] = await held(db)
    assert membership.closed


async def test_no_structure_speaks_for_another(fresh: Broker, db: Database) -> None:
    """The south says, from its own account, that the north's member is its own."""
    async with listening(fresh, db) as subscriber:
        async with fresh.connected(NORTH, INCUBATOR.instance) as incubator:
            await say(incubator, INCUBATOR, declared())
            await until(lambda: subscriber.tally["fresh"] == 1)
        async with fresh.connected(SOUTH, COWORKING.instance) as coworking:
            for told in (declared(9), ended(9)):
                await say(coworking, COWORKING, told)
        await until(lambda: subscriber.tally["dead"] == 4)
    assert await held(db, SOUTH) == []
    [membership] = await held(db)
    assert membership.in_force(TODAY)
    assert len(await rights(db)) == 1


async def test_a_use_is_counted_once_and_its_home_is_told_how_much(fresh: Broker, db: Database) -> None:
    async with listening(fresh, db) as subscriber:
        async with fresh.connected(NORTH, INCUBATOR.instance) as incubator:
            await say(incubator, INCUBATOR, declared())
            await fresh.arrived(SOUTH, OPENED)
            [right] = await rights(db)
        async with fresh.connected(SOUTH, COWORKING.instance) as coworking:
            await say(coworking, COWORKING, used(right.entitlement_id))
        await fresh.arrived(NORTH, COUNTED)
        await until(lambda: subscriber.tally["seen"] == 2)
    assert [(count.half_days, count.cents) for count in await counts(db)] == [(2, 1_200)]
    assert COUNTED not in await _subjects(fresh, SOUTH)


async def _subjects(fresh: Broker, structure: str) -> set[str]:
    async with fresh.connected(structure) as owner:
        state = (await owner.call("STREAM.INFO.FEDERATION", {"subjects_filter": ">"}))["state"]
    assert isinstance(state, dict)
    return set(state.get("subjects") or {})
