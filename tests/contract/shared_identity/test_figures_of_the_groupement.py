"""Figures: members at each month's end, those of several structures, uses between structures, events and who came."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from doors import DOORKEEPER, Device, all_approve, doorkeepers
from evening import EVENT, STARTS, Hall, enrol, prepare
from gathering import calling
from reciprocity import NORTH, SOUTH, WEST, Ears, a_structure, declared, ended, person, settle_in, signed, used
from reciprocity import an_agreement as agreement
from servicekit.sql import Database
from shared_identity.agreements import entitlement_storage
from shared_identity.disclosure import Told
from shared_identity.figures import usecases
from shared_identity.figures.domain import Asked, Cell, Figures
from shared_identity.joint_events import usecases as joint_events
from shared_identity.memberships.domain import MembershipKind
from shared_identity.outcomes import closing
from shared_identity.structures import usecases as structures

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AUTUMN = Asked(first=date(2026, 8, 1), last=date(2026, 12, 1))


async def figures(database: Database, reader: str, asked: Asked = AUTUMN, now: datetime = NOW) -> Figures:
    async with database.reading() as work:
        counted = await usecases.read(work, asked, reader)
    return await usecases.figures(counted, asked, reader, now=now)


def by_month(told: Figures, cell: Cell) -> Mapping[str, Told]:
    return {month.month: month.members[cell] for month in told.months}


async def members(database: Database, many: Mapping[str, int], first: int = 1000) -> None:
    """So many members of each structure, since September."""
    number = first
    async with database.work() as work:
        for slugs, people in many.items():
            for _ in range(people):
                number += 1
                await enrol(work, person(number), *slugs.split("+"))


@pytest.fixture
async def heard(identity_db: Database) -> Ears:
    """Three structures and two people."""
    async with identity_db.work() as work:
        await settle_in(work)
    return Ears(identity_db)


async def test_who_is_a_member_at_a_months_end_is_counted_and_today_in_the_month_under_way(
    identity_db: Database, heard: Ears
) -> None:
    first, second, third = (f"membership_{number:032x}" for number in range(3))
    await heard.hear(
        declared(first, start="2026-09-30"),
        declared(second, start="2026-08-01", end="2026-09-30", kind=MembershipKind.COWORKER),
        declared(third, person(5), start="2026-11-23"),
    )
    told = await figures(identity_db, NORTH)
    assert [month.month for month in told.months] == ["2026-08", "2026-09", "2026-10", "2026-11"]
    assert [one.value for one in by_month(told, Cell(NORTH)).values()] == [1, 1, 1, 1]
    assert [one.value for one in by_month(told, Cell(NORTH, "INCUBATED")).values()] == [0, 1, 1, 1]
    assert [one.value for one in by_month(told, Cell(NORTH, "COWORKER")).values()] == [1, 1, 0, 0]


async def test_a_membership_ended_at_once_counts_in_the_months_before(identity_db: Database, heard: Ears) -> None:
    membership = "membership_" + "1" * 32
    await heard.hear(declared(membership), ended(membership, last_day="2026-10-31"))
    told = await figures(identity_db, NORTH)
    assert [one.value for one in by_month(told, Cell(NORTH)).values()] == [0, 1, 0, 0]


async def test_all_together_each_person_counts_once(identity_db: Database, heard: Ears) -> None:
    await members(identity_db, {NORTH: 20, SOUTH: 30, f"{NORTH}+{SOUTH}": 9, WEST: 6})
    north = (await figures(identity_db, NORTH)).months[-1]
    assert north.members[Cell(NORTH)] == Told(value=29)
    assert north.members[Cell(SOUTH)] == Told(value=39)
    assert north.members[Cell(WEST)] == Told(value=6)
    assert north.members[Cell()] == Told(value=65)
    assert north.shared == Told(value=9)


async def test_that_a_structure_has_no_members_does_not_follow_from_the_others(
    identity_db: Database, heard: Ears
) -> None:
    await members(identity_db, {NORTH: 20, SOUTH: 30, f"{NORTH}+{SOUTH}": 9})
    north = (await figures(identity_db, NORTH)).months[-1]
    assert north.members[Cell(WEST)].hidden
    assert north.shared.hidden or north.members[Cell()].hidden or north.members[Cell(SOUTH)].hidden


async def test_a_directors_own_small_numbers_are_told_to_them_and_to_nobody_else(
    identity_db: Database, heard: Ears
) -> None:
    await members(identity_db, {NORTH: 20, SOUTH: 3, WEST: 12})
    south, north = await figures(identity_db, SOUTH), await figures(identity_db, NORTH)
    assert south.months[-1].members[Cell(SOUTH)] == Told(value=3)
    told = north.months[-1].members
    assert told[Cell(SOUTH)].hidden
    assert sum(told[cell].hidden for cell in (Cell(), Cell(NORTH), Cell(WEST))) >= 1


async def test_a_structure_counts_while_it_is_in_the_groupement(identity_db: Database, heard: Ears) -> None:
    await members(identity_db, {WEST: 12, NORTH: 10, SOUTH: 11, f"{NORTH}+{SOUTH}": 6})
    left = a_structure(WEST)
    async with identity_db.work() as work:
        period = type(left.period)(start=left.period.start, end=date(2026, 9, 15))
        await structures.enter(work, a_structure(WEST, period), now=NOW)
    told = await figures(identity_db, NORTH)
    assert told.months[0].members[Cell(WEST)] == Told(value=12)
    assert Cell(WEST) not in told.months[1].members
    assert (told.months[0].members[Cell()], told.months[1].members[Cell()]) == (Told(value=39), Told(value=27))


async def test_uses_are_read_by_the_parties_only(identity_db: Database, heard: Ears) -> None:
    async with identity_db.work() as work:
        await signed(work, agreement())
    await heard.hear(declared("membership_" + "1" * 32))
    async with identity_db.reading() as work:
        (right,) = await entitlement_storage.open_of_person(
            work, person(4), NORTH, date(2026, 11, 3), after="", limit=2
        )
    await heard.hear(
        used(right.entitlement_id, half_days=2, day="2026-10-30"),
        used(right.entitlement_id, day="2026-11-02"),
        used(right.entitlement_id, day="2026-11-03"),
    )
    expected = [("2026-10", SOUTH, NORTH, 2), ("2026-11", SOUTH, NORTH, 2)]
    for party in (NORTH, SOUTH):
        told = await figures(identity_db, party)
        assert [(one.month, one.grantor, one.home, one.half_days) for one in told.usages] == expected
    assert (await figures(identity_db, WEST)).usages == []
    early = await figures(identity_db, NORTH, Asked(first=date(2026, 10, 1), last=date(2026, 10, 1)))
    assert len(early.usages) == 1


async def held_evening(database: Database) -> Hall:
    """The evening: seven members of the north come, two of the south, eleven of none; three stay away."""
    await prepare(database, size=60, rooms=40)
    hall = Hall(database=database)
    await doorkeepers(hall)
    await all_approve(hall)
    device, scans, number = Device(hall=hall), [], 100
    for slugs, many, come in ((NORTH,), 9, 7), ((SOUTH,), 3, 2), ((), 11, 11):
        for place in range(many):
            number += 1
            async with database.work() as work:
                await enrol(work, person(number), *slugs)
            held = await hall.register_me(person(number))
            scans += [device.sees(held)] if place < come else []
    hall.now = STARTS
    await device.sends(*scans)
    return hall


@pytest.mark.parametrize("closed", [False, True])
async def test_joint_events_are_told_with_who_came_by_structure(identity_db: Database, closed: bool) -> None:
    hall = await held_evening(identity_db)
    if closed:
        async with identity_db.work() as work:
            director = calling(DOORKEEPER.person(), NORTH, "DIRECTOR")
            await closing.close(work, director, EVENT, office=hall.office, now=STARTS + timedelta(days=1))
    north, south = await figures(identity_db, NORTH), await figures(identity_db, SOUTH)
    (seen,), (mine,) = north.events, south.events
    assert (seen.gathering.slug, seen.gathering.day.isoformat(), seen.gathering.size) == (
        "une-soiree",
        "2026-11-30",
        60,
    )
    assert (seen.registered, seen.attended) == (Told(value=23), Told(value=20))
    assert seen.structures == {NORTH: Told(value=7), SOUTH: Told(hidden=True), WEST: Told(hidden=True)}
    assert mine.structures[SOUTH] == Told(value=2)


async def test_events_of_other_months_drafts_and_those_called_off_are_not_told(identity_db: Database) -> None:
    hall = await held_evening(identity_db)
    october = Asked(first=date(2026, 10, 1), last=date(2026, 10, 1))
    assert (await figures(identity_db, NORTH, october)).events == []
    async with identity_db.work() as work:
        before = await joint_events.held(work, EVENT)
        await joint_events.keep(work, before, before.cancelled("orage"), now=hall.now)
    assert (await figures(identity_db, NORTH)).events == []
