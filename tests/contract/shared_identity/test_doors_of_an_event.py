"""Doors: each scan counts once, in any order; two devices agree after; who has no ticket gets a seat if one is left."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from doors import DOORKEEPER, OUTSIDER, Device, doorkeepers
from evening import BEFORE, ENDS, EVENT, FEEDING, LODGING, STARTS, Hall, prepare
from gathering import calling
from reciprocity import NORTH
from servicekit.refusals import Invalid
from servicekit.sql import Database
from shared_identity.attendance import storage
from shared_identity.attendance.domain import QueryTooShort, ScanKind
from shared_identity.attendance.opening import DoorNotOpen
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.parts import Access
from shared_identity.joint_events.parts import State as EventState
from shared_identity.joint_events.refused import EventOver, NoAccessToEvent, UnknownEvent
from shared_identity.registrations.domain import Registration, State
from shared_identity.registrations.refused import UnknownRegistration
from shared_identity.registrations.tables import registration, registration_address
from sqlalchemy import delete


@pytest.fixture
async def hall(identity_db: Database) -> Hall:
    """The evening has begun, with twenty seats, and ten in each workshop."""
    await prepare(identity_db, size=20, rooms=10)
    opened = Hall(database=identity_db)
    await doorkeepers(opened)
    return opened


async def guests(hall: Hall, number: int, *session_ids: str) -> list[Registration]:
    """People who registered in time; then the evening begins."""
    made = [await hall.register(f"guest{place}@demo.example", *session_ids) for place in range(number)]
    hall.now = STARTS
    return made


async def test_a_ticket_lets_in_once_and_says_so_the_second_time(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    first, second = Device(hall=hall), Device(hall=hall)
    results, counts = await first.sends(first.sees(ticket))
    assert [(result.outcome.value, result.given_name) for result in results] == [("IN", "Guest0")]
    assert (counts.expected, counts.present) == (1, 1)
    assert await second.outcomes(second.sees(ticket)) == ["ALREADY_IN"]
    assert (await first.counts()).present == 1


async def test_a_scan_sent_again_has_the_same_answer_and_counts_once(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    device = Device(hall=hall)
    came, undone = device.sees(ticket), device.sees(ticket, ScanKind.UNDO)
    assert await device.outcomes(came) == ["IN"]
    assert await device.outcomes(undone, came, undone) == ["UNDONE", "IN", "UNDONE"]
    assert await device.outcomes(came, came) == ["IN", "IN"]
    assert (await device.counts()).present == 0


async def test_two_devices_agree_whatever_arrives_first(hall: Hall) -> None:
    tickets = await guests(hall, 6)
    near, far = Device(hall=hall), Device(hall=hall, clock=STARTS + timedelta(minutes=3))
    seen = [near.sees(ticket) for ticket in tickets] + [near.sees(tickets[0], ScanKind.UNDO)]
    seen += [far.sees(tickets[1], ScanKind.UNDO), far.sees(tickets[2]), far.sees(tickets[5], ScanKind.UNDO)]
    shuffled = seen + seen[:4]
    random.Random(5).shuffle(shuffled)
    for scan in shuffled:
        await far.sends(scan)
    assert (await near.counts()).present == 3
    async with hall.database.reading() as work:
        there = (await storage.present(work, EVENT))[""]
    assert there == {tickets[place].registration_id for place in (2, 3, 4)}


async def test_the_last_scan_holds_by_the_devices_time_though_it_came_first(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    device = Device(hall=hall)
    came, undone = device.sees(ticket), device.sees(ticket, ScanKind.UNDO)
    assert await device.outcomes(undone) == ["UNDONE"]
    assert await device.outcomes(came) == ["UNDONE"]
    assert (await device.counts()).present == 0


async def test_a_device_a_year_ahead_is_outweighed_by_what_comes_later(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    ahead = Device(hall=hall, clock=STARTS + timedelta(days=365))
    assert await ahead.outcomes(ahead.sees(ticket)) == ["IN"]
    hall.now = STARTS + timedelta(minutes=1)
    right = Device(hall=hall, clock=hall.now)
    assert await right.outcomes(right.sees(ticket, ScanKind.UNDO)) == ["UNDONE"]


async def test_a_session_has_a_door_of_its_own_for_those_who_chose_it(hall: Hall) -> None:
    chose = await hall.register("chose@demo.example", LODGING)
    other = await hall.register("other@demo.example", FEEDING)
    hall.now = STARTS
    device = Device(hall=hall)
    scans = [device.sees(held, session_id=LODGING) for held in (chose, other)]
    nowhere = device.sees(chose, session_id="session_" + "9" * 32)
    assert await device.outcomes(*scans, nowhere) == ["IN", "OTHER_SESSION", "OTHER_SESSION"]
    counts = await device.counts()
    by_session = {each.session_id: (each.expected, each.present) for each in counts.sessions}
    assert (counts.present, by_session[LODGING], by_session[FEEDING]) == (0, (1, 1), (1, 0))


async def test_a_ticket_nobody_has_and_one_given_back_do_not_let_in(hall: Hall) -> None:
    kept, gone = await guests(hall, 2)
    stranger = Device(hall=hall).sees(replace(kept, code_id="code_" + "0" * 32))
    hall.now = BEFORE
    await hall.cancel(gone)
    hall.now = STARTS
    device = Device(hall=hall)
    assert await device.outcomes(stranger, device.sees(gone), device.finds(gone)) == [
        "UNKNOWN_TICKET",
        "NO_SEAT",
        "NO_SEAT",
    ]
    assert (await device.counts()).present == 0


async def test_who_comes_without_a_ticket_takes_an_open_seat_once(hall: Hall) -> None:
    device = Device(hall=hall)
    hall.now = STARTS
    met = device.meets("Ada")
    (first,), counts = await device.sends(met)
    (again,), after = await device.sends(met)
    assert first == again
    assert (first.outcome.value, first.given_name) == ("IN", "Ada")
    assert counts == after
    assert (counts.expected, counts.present, counts.walk_ins) == (1, 1, 1)
    assert (await hall.pool()).taken == 1


async def test_a_full_house_lets_nobody_in_without_a_ticket(hall: Hall) -> None:
    await guests(hall, 1)
    await hall.resize(2)
    device = Device(hall=hall)
    last, late = device.meets("Ada"), device.meets("Zoé")
    assert await device.outcomes(last, late) == ["IN", "FULL"]
    await hall.resize(3)
    assert await device.outcomes(late) == ["FULL"]
    assert (await hall.pool()).taken == 2


@pytest.mark.parametrize("sent", ["in order", "the undoing first", "together"])
async def test_a_walk_in_undone_gives_the_seat_back_in_any_order(hall: Hall, sent: str) -> None:
    hall.now = STARTS
    device = Device(hall=hall)
    met = device.meets()
    undone = device.undoes(met)
    batches = {"in order": [(met,), (undone,)], "the undoing first": [(undone,), (met,)], "together": [(undone, met)]}
    for batch in batches[sent]:
        await device.sends(*batch)
    await device.sends(undone, met)
    counts = await device.counts()
    assert (counts.expected, counts.present, counts.walk_ins) == (0, 0, 0)
    assert (await hall.pool()).taken == 0


async def test_the_desk_finds_by_a_name_begun_or_a_whole_address(hall: Hall) -> None:
    await hall.register("emilie@demo.example", given_name="Émilie", family_name="Du Châtelet")
    hall.now = STARTS
    device = Device(hall=hall)
    for query in ("émi", "EMI", "cha", "du ch", "emilie@demo.example", " Emilie@Demo.example "):
        assert [entry.display_name for entry in await device.finds_by(query)] == ["Émilie D."], query
    for query in ("mil", "%%", "emilie@", "emilie@demo.exampl", "@demo.example"):
        assert await device.finds_by(query) == [], query
    for query in (" e ", "e\u0301", "\u0301\u0301"):
        with pytest.raises(QueryTooShort):
            await device.finds_by(query)


PARIS_EVE, PARIS_AFTER = timedelta(hours=18 + 24), timedelta(hours=1 + 24)
"""From the start of the day before, and to the end of the day after: the evening is from 18:00 to 23:00 in Paris."""


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        (STARTS - PARIS_EVE - timedelta(seconds=1), False),
        (STARTS - PARIS_EVE, True),
        (STARTS, True),
        (ENDS + PARIS_AFTER - timedelta(seconds=1), True),
        (ENDS + PARIS_AFTER, False),
    ],
)
async def test_a_door_tells_who_comes_around_the_day_only(hall: Hall, when: datetime, is_open: bool) -> None:
    held = await hall.register("guest@demo.example", access_needs="fauteuil", diet="végétarien")
    device = Device(hall=hall)
    hall.now = when
    if is_open:
        entry = await device.welcomes(held)
        assert (entry.access_needs, entry.diet, entry.has_needs) == ("fauteuil", "végétarien", True)
        (found,) = await device.finds_by("guest@demo.example")
        assert (found.has_needs, found.access_needs, found.diet) == (True, "", "")
        assert await device.lists() == [held.registration_id]
        return
    for asked in (device.welcomes(held), device.finds_by("guest@demo.example"), device.lists()):
        with pytest.raises(DoorNotOpen):
            await asked
    assert (await device.counts()).expected == 1


async def test_nobody_is_let_in_before_the_door_opens(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    device = Device(hall=hall)
    hall.now = STARTS - timedelta(days=2)
    for scan in (device.sees(ticket), device.finds(ticket), device.meets(email="guest0@demo.example")):
        with pytest.raises(DoorNotOpen):
            await device.sends(scan)
    assert (await hall.pool()).taken == 1
    hall.now = STARTS
    assert (await device.counts()).present == 0


async def test_a_phone_that_comes_back_late_is_heard_for_a_week_but_seats_nobody(hall: Hall) -> None:
    first, second = await guests(hall, 2)
    device = Device(hall=hall)
    early, seen, met = Device(hall=hall, clock=BEFORE).sees(second), device.sees(first), device.meets()
    closed = ENDS + PARIS_AFTER
    hall.now = closed + timedelta(days=7) - timedelta(seconds=1)
    for scan in (early, met):
        with pytest.raises(DoorNotOpen) as caught:
            await device.sends(seen, scan)
        assert caught.value.metadata == {"scan": scan.scan_id}
    assert await device.outcomes(seen) == ["IN"]
    hall.now = closed + timedelta(days=7)
    with pytest.raises(DoorNotOpen):
        await device.sends(device.sees(second))
    assert await device.outcomes(seen) == ["IN"]


async def test_nobody_without_a_seat_is_read_at_the_desk(hall: Hall) -> None:
    held = await hall.register("guest@demo.example")
    await hall.cancel(held)
    hall.now = STARTS
    with pytest.raises(UnknownRegistration):
        await Device(hall=hall).welcomes(held)


@pytest.mark.parametrize("written", ["\0", "event_\0", "a\0b", "registration_" + "x" * 32])
async def test_what_no_database_can_be_asked_for_is_refused_in_words(hall: Hall, written: str) -> None:
    device = Device(hall=hall)
    with pytest.raises(UnknownRegistration):
        await device.welcomes(replace((await guests(hall, 1))[0], registration_id=written))
    with pytest.raises(UnknownEvent):
        async with hall.database.reading() as work:
            await joint_events.standing(work, DOORKEEPER, written, at_least=Access.DOOR)
    with pytest.raises(Invalid):
        await device.finds_by(f"{written}\0")


async def test_a_door_is_held_by_organisers_only(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    member = calling(DOORKEEPER.person(), NORTH, "MEMBER")
    for caller in (OUTSIDER, member):
        stranger = Device(hall=hall, caller=caller)
        with pytest.raises(NoAccessToEvent):
            await stranger.sends(stranger.sees(ticket))
        with pytest.raises(NoAccessToEvent):
            await stranger.finds_by("guest")
        with pytest.raises(NoAccessToEvent):
            await stranger.counts()
    assert (await Device(hall=hall).counts()).present == 0


async def test_what_was_heard_stays_heard_once_the_event_is_closed_and_nothing_more_is(hall: Hall) -> None:
    first, second = await guests(hall, 2)
    device = Device(hall=hall)
    came = device.sees(first)
    await device.sends(came)
    async with hall.database.work() as work:
        closed = await joint_events.close(work, EVENT, ENDS)
    assert closed.state is EventState.CLOSED
    assert await device.outcomes(came) == ["IN"]
    with pytest.raises(EventOver):
        await device.sends(device.sees(second))


async def test_what_was_seen_of_somebody_goes_with_their_registration(hall: Hall) -> None:
    (ticket,) = await guests(hall, 1)
    device = Device(hall=hall)
    came = device.sees(ticket)
    await device.sends(came)
    async with hall.database.work() as work:
        for table in (registration_address, registration):
            await work.execute(delete(table).where(table.c.registration_id == ticket.registration_id))
    async with hall.database.reading() as work:
        assert await storage.known(work, EVENT, [came.scan_id]) == {}


async def test_devices_that_send_the_same_at_once_are_told_the_same_and_take_no_seat_twice(hall: Hall) -> None:
    assert (await guests(hall, 1))[0].state is State.CONFIRMED
    await hall.resize(4)
    devices = [Device(hall=hall) for _ in range(3)]
    scans = [device.meets(f"Ada{number}") for device in devices for number in range(3)]
    said = await asyncio.gather(*(device.outcomes(*scans) for device in devices))
    assert said[0] == said[1] == said[2]
    assert sorted(said[0]) == ["FULL"] * 6 + ["IN"] * 3
    assert (await hall.pool()).taken == 4
