"""Whoever waited for seats while the event was called off is refused: what was true before they waited is no more."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
from evening import Hall, enrol, prepare, wish
from gathering import EVENT, MEMBER
from identity import letters
from reciprocity import NORTH
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity.joint_events import usecases as joint_events
from shared_identity.mail.domain import Kind
from shared_identity.registrations import closing, storage
from shared_identity.registrations.domain import State
from shared_identity.registrations.refused import RegistrationClosed
from shared_identity.seats import usecases as seats

ADA = "ada@demo.example"


async def _join(hall: Hall) -> None:
    await hall.join(ADA)


async def _register_me(hall: Hall) -> None:
    await hall.register_me(MEMBER)


@pytest.mark.parametrize("ask", [_join, _register_me])
async def test_who_waited_for_seats_meanwhile_is_refused(
    identity_db: Database, ask: Callable[[Hall], Coroutine[None, None, None]]
) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, NORTH)
    async with identity_db.work() as work:
        await seats.lock(work, EVENT)
        asking = asyncio.create_task(ask(hall))
        await asyncio.sleep(0.3)
        before = await joint_events.held(work, EVENT)
        await joint_events.keep(work, before, before.cancelled("Il pleut."), now=hall.now)
        await closing.call_off(work, hall.office, EVENT, {}, now=hall.now)
    with pytest.raises(RegistrationClosed):
        await asking
    assert await hall.states() == []


async def _call_off(hall: Hall) -> None:
    async with hall.database.work() as work:
        await closing.call_off(work, hall.office, EVENT, {}, now=hall.now)


async def _close(hall: Hall) -> None:
    async with hall.database.work() as work:
        await closing.close(work, hall.office, EVENT, (), now=hall.now)


async def _confirmed_meanwhile(hall: Hall, ending: Callable[[Hall], Coroutine[None, None, None]]) -> list[Kind]:
    """What is written to somebody who fills the form of a seat kept while others are told that it is over."""
    first, second = await hall.hold(), await hall.hold()
    async with hall.database.work() as work:
        await storage.locked(work, first.held.registration_id)
        over = asyncio.create_task(ending(hall))
        await asyncio.sleep(0.3)
        confirming = asyncio.create_task(hall.confirm(second, wish(ADA)))
        await asyncio.sleep(0.3)
    results = await asyncio.gather(over, confirming, return_exceptions=True)
    assert all(result is None or isinstance(result, Refusal) for result in results), results
    async with hall.database.reading() as work:
        return [letter.kind for letter in await letters(work)]


async def test_who_confirms_while_an_event_is_called_off_is_told(identity_db: Database) -> None:
    """Or is refused, and has no ticket: which of the two came first does not matter."""
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    assert await _confirmed_meanwhile(hall, _call_off) in ([], [Kind.TICKET, Kind.EVENT_CANCELLED])
    assert (await hall.pool()).taken == 0
    assert {held.state for held in await hall.all()} <= {State.EXPIRED, State.CANCELLED}


async def test_who_confirms_while_an_event_is_closed_has_a_seat(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    seats_of = {(): State.EXPIRED, (Kind.TICKET,): State.NO_SHOW}
    written = await _confirmed_meanwhile(hall, _close)
    assert [held.state for held in await hall.all()] == [State.EXPIRED, seats_of[tuple(written)]]
