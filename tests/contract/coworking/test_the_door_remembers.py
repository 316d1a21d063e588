"""What a door knows without asking, and how it learns that things have changed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import coworking
import pytest
import pytest_asyncio
from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking
from coworking.bookings.subscribers import BookingSubscriber
from coworking.check_ins.memory import DoorMemory
from coworking.check_ins.subscribers import DoorSubscriber
from coworking.rights.subscribers import RightsSubscriber
from coworking.tables import METADATA
from engines import Databases
from servicekit.sql import Database
from servicekit.sql.migrations import upgrade
from stored import Hands
from village import (
    CAMILLE,
    JO,
    LA_RUCHE,
    NOW,
    Ear,
    a_place,
    a_resource,
    a_wish,
    book,
    card_revoked,
    closed,
    opened,
    settle,
)

MIGRATIONS = Path(coworking.__file__).parent / "migrations"
RIGHT = "entitlement_01990000000070008000000000000001"


@pytest.fixture
def hands() -> Hands:
    """The door's clock."""
    return Hands(NOW)


@pytest_asyncio.fixture
async def two(databases: Databases) -> list[Database]:
    """Two processes of one instance."""
    url = await databases.url(METADATA)
    return [databases.again(url, LA_RUCHE) for _ in range(2)]


async def _booked(database: Database) -> Booking:
    place = a_place()
    seats = a_resource(place, units=5)
    await settle(database, place, seats)
    return await book(database, a_wish(seats, CAMILLE, day=1))


def _ear(database: Database, memory: DoorMemory, hands: Hands) -> Ear:
    subscriptions = [
        *RightsSubscriber(clock=hands).subscriptions(),
        *BookingSubscriber(clock=hands).subscriptions(),
        *DoorSubscriber(memory, clock=hands).subscriptions(),
    ]
    return Ear(database, subscriptions, hands)


async def _cancel(database: Database, booking: Booking, at: Hands) -> None:
    async with database.work() as work:
        await bookings.cancel(work, booking.booking_id, by=None, now=at())


async def test_a_filled_memory_answers_while_the_database_is_away(two: list[Database], hands: Hands) -> None:
    memory = DoorMemory(two[0], clock=hands)
    booking = await _booked(two[1])
    await _ear(two[1], memory, hands).hear(opened(RIGHT, JO), RIGHT, 1)
    await memory.fill()
    async with two[0].reading() as work:
        await work.connection.invalidate()
    await two[0].close()
    assert (await memory.file_of(CAMILLE)).bookings == (booking,)
    assert [right.left_in("2026-11") for right in (await memory.file_of(JO)).rights] == [8]


async def test_what_is_not_in_memory_is_read(database: Database, hands: Hands) -> None:
    memory = DoorMemory(database, clock=hands)
    await memory.fill()
    booking = await _booked(database)
    assert (await memory.file_of(CAMILLE)).bookings == (booking,)


async def test_a_person_forgotten_is_read_again(database: Database, hands: Hands) -> None:
    memory = DoorMemory(database, clock=hands)
    booking = await _booked(database)
    held = await memory.file_of(CAMILLE)
    await _cancel(database, booking, hands)
    assert await memory.file_of(CAMILLE) is held
    memory.forget(CAMILLE)
    assert (await memory.file_of(CAMILLE)).bookings == ()


async def test_what_a_change_overtook_is_answered_but_not_kept(database: Database, hands: Hands) -> None:
    memory = DoorMemory(database, clock=hands)
    booking = await _booked(database)
    reading = asyncio.create_task(memory.file_of(CAMILLE))
    await asyncio.sleep(0)
    memory.forget(CAMILLE)
    overtaken = await reading
    await _cancel(database, booking, hands)
    assert overtaken.bookings == (booking,)
    assert (await memory.file_of(CAMILLE)).bookings == ()


async def test_a_look_notices_what_another_process_did(two: list[Database], hands: Hands) -> None:
    memory = DoorMemory(two[0], clock=hands)
    booking = await _booked(two[1])
    assert (await memory.file_of(CAMILLE)).bookings == (booking,)
    await memory.look()
    await memory.file_of(CAMILLE)
    hands.forward(timedelta(seconds=20))
    await _cancel(two[1], booking, hands)
    await memory.look()
    assert (await memory.file_of(CAMILLE)).bookings == ()


async def test_a_look_leaves_alone_who_did_not_change(two: list[Database], hands: Hands) -> None:
    memory = DoorMemory(two[0], clock=hands)
    await _booked(two[1])
    await memory.look()
    held = await memory.file_of(CAMILLE)
    hands.forward(timedelta(seconds=1))
    await memory.look()
    assert await memory.file_of(CAMILLE) is held


async def test_a_look_notices_rights_and_revoked_cards_too(two: list[Database], hands: Hands) -> None:
    memory, other = DoorMemory(two[0], clock=hands), DoorMemory(two[1], clock=hands)
    assert (await memory.file_of(CAMILLE)).rights == ()
    ear = _ear(two[1], other, hands)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    await ear.hear(card_revoked("card_1"), "card_1", 1)
    await memory.look()
    assert len((await memory.file_of(CAMILLE)).rights) == 1
    assert memory.is_revoked("card_1")


async def test_cards_revoked_before_the_door_opened_are_known(database: Database, hands: Hands) -> None:
    await _ear(database, DoorMemory(database, clock=hands), hands).hear(card_revoked("card_1"), "card_1", 1)
    hands.forward(timedelta(days=300))
    memory = DoorMemory(database, clock=hands)
    await memory.fill()
    assert memory.is_revoked("card_1")


async def test_a_right_that_closes_is_gone_at_once(database: Database, hands: Hands) -> None:
    memory = DoorMemory(database, clock=hands)
    ear = _ear(database, memory, hands)
    await ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    assert not (await memory.file_of(CAMILLE)).rights[0].entitlement.closed
    await ear.hear(closed(RIGHT, "2026-11-02"), RIGHT, 2)
    assert (await memory.file_of(CAMILLE)).rights[0].entitlement.closed


async def test_a_file_a_day_old_is_read_again(database: Database, hands: Hands) -> None:
    memory = DoorMemory(database, clock=hands)
    held = await memory.file_of(CAMILLE)
    hands.forward(timedelta(hours=25))
    assert await memory.file_of(CAMILLE) is not held


async def test_following_goes_on_after_the_database_was_away(
    tmp_path: Path, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coworking.check_ins.memory._LOOK_EVERY", 0.01)
    folder, elsewhere = tmp_path / "not-mounted-yet", tmp_path / "elsewhere"
    elsewhere.mkdir()
    await upgrade(f"sqlite+aiosqlite:///{elsewhere}/database.sqlite3", MIGRATIONS, METADATA)
    url = f"sqlite+aiosqlite:///{folder}/database.sqlite3"
    database = Database(url, origin=LA_RUCHE)
    memory = DoorMemory(database, clock=hands)
    following = asyncio.create_task(memory.follow())
    await asyncio.sleep(0.1)
    elsewhere.rename(folder)
    await _ear(database, DoorMemory(database, clock=hands), hands).hear(card_revoked("card_1"), "card_1", 1)
    async with asyncio.timeout(60):
        while not memory.is_revoked("card_1"):  # noqa: ASYNC110 - memory has no event, and needs none
            await asyncio.sleep(0.01)
    following.cancel()
    await database.close()


async def test_memory_is_bounded(database: Database, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coworking.check_ins.memory._MOST_FILES", 10)
    memory = DoorMemory(database, clock=hands)
    for number in range(25):
        await memory.file_of(f"person_{number:032x}")
    assert len(memory._files) <= 10
