"""Two hundred visitors for a hundred and fifty seats, from two processes; cancel storms; joins against cancels.

Each guard has a control that goes red without it: the conditional UPDATE, the CHECK, the lock of the waiting list.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from engines import Databases
from evening import BEFORE, FEEDING, LODGING, Hall, prepare, wish
from gathering import EVENT
from identity import SHARED_IDENTITY
from servicekit.refusals import Refusal
from servicekit.sql import Work
from shared_identity.registrations import registering, serving
from shared_identity.registrations.domain import Registration, State
from shared_identity.schema import METADATA
from shared_identity.seats import storage as pool_rows
from shared_identity.seats.domain import EventFull, Pool
from shared_identity.seats.storage import pool
from sqlalchemy import MetaData, Table, update

VISITORS, SEATS = 200, 150


@dataclass(kw_only=True)
class Two:
    """Two processes on one database."""

    halls: Sequence[Hall]
    turns: list[int] = field(default_factory=list)

    def __getitem__(self, number: int) -> Hall:
        return self.halls[number % len(self.halls)]


@asynccontextmanager
async def processes(databases: Databases, tables: MetaData = METADATA) -> AsyncIterator[Two]:
    """Two processes; on SQLite there is one writer, whoever it is."""
    url = await databases.url(tables)
    yield Two(halls=[Hall(database=databases.again(url, SHARED_IDENTITY)) for _ in range(2)])


async def attempt(doing: Awaitable[object]) -> str:
    """What came of it: the reason of a refusal, or nothing."""
    try:
        await doing
    except Refusal as refusal:
        return refusal.reason
    return ""


async def test_two_hundred_visitors_for_150_seats(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=SEATS, rooms=SEATS)
        outcomes = Counter(await asyncio.gather(*(attempt(two[n].hold(f"visitor{n}")) for n in range(VISITORS))))
        assert outcomes == {"": SEATS, "EVENT_FULL": VISITORS - SEATS}
        assert ((await two[0].pool()).taken, (await two[0].pool()).free) == (SEATS, 0)
        late = [attempt(two[n].join(f"late{n}@demo.example")) for n in range(VISITORS - SEATS)]
        assert set(await asyncio.gather(*late)) == {""}
        waiting = [held for held in await two[0].all() if held.state is State.WAITING]
        places = [(await two[0].ticket(held)).position for held in waiting]
        assert sorted(places) == list(range(1, VISITORS - SEATS + 1))


async def test_two_hundred_forms_filled_for_two_small_workshops(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=60, rooms=20)
        kept = await asyncio.gather(*(two[n].hold() for n in range(60)))

        async def confirm(number: int) -> None:
            room = LODGING if number % 2 else FEEDING
            await two[number].confirm(kept[number], wish(f"guest{number}@demo.example", room))

        outcomes = Counter(await asyncio.gather(*(attempt(confirm(number)) for number in range(60))))
        assert outcomes == {"": 40, "SESSION_FULL": 20}
        assert [(await two[0].pool(room)).taken for room in ("", LODGING, FEEDING)] == [60, 20, 20]


async def test_one_address_asked_for_by_many_at_once_has_one_seat(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=20)
        kept = await asyncio.gather(*(two[n].hold() for n in range(12)))
        confirming = (two[n].confirm(kept[n], wish("ada@demo.example")) for n in range(12))
        assert set(await asyncio.gather(*map(attempt, confirming))) == {""}
        live = [held for held in await two[0].all() if held.is_live]
        assert (len(live), (await two[0].pool()).taken) == (1, 1)


async def test_a_storm_of_cancellations_offers_each_seat_once(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=12)
        seated = [await two[0].register(f"guest{number}@demo.example") for number in range(12)]
        await _queue(two[0], 20)
        outcomes = await asyncio.gather(*(attempt(two[n].cancel(held)) for n, held in enumerate(seated)))
        assert set(outcomes) == {""}
        states = _states(await two[0].all())
        assert states == {State.CANCELLED: 12, State.OFFERED: 12, State.WAITING: 8}
        offered = {held.attendee.email for held in await two[0].all() if held.state is State.OFFERED}
        assert offered == {f"late{number}@demo.example" for number in range(12)}
        assert (await two[0].pool()).free == 0


async def test_joining_while_seats_are_given_back_wakes_whoever_can_be_served(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=10)
        seated = [await two[0].register(f"guest{number}@demo.example") for number in range(10)]
        leaving = [attempt(two[n].cancel(held)) for n, held in enumerate(seated)]
        coming = [attempt(two[n + 1].join(f"late{n}@demo.example")) for n in range(10)]
        mixed = [each for pair in zip(leaving, coming, strict=True) for each in pair]
        assert set(await asyncio.gather(*mixed)) == {""}
        assert _states(await two[0].all()) == {State.CANCELLED: 10, State.OFFERED: 10}


async def test_holds_that_lapse_while_others_confirm_are_given_back_once(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=10)
        kept = await asyncio.gather(*(two[n].hold() for n in range(10)))
        two[1].now = BEFORE + timedelta(minutes=10)
        doing = [attempt(two[0].confirm(kept[n], wish(f"guest{n}@demo.example", LODGING))) for n in range(2)]
        doing += [attempt(two[1].sweep()), attempt(two[1].hold()), attempt(two[1].join("late@demo.example"))]
        await asyncio.gather(*doing)
        await two[1].sweep()
        live = [held for held in await two[0].all() if held.pool_id is not None]
        assert (await two[0].pool()).taken == len(live)


async def test_control_looking_before_taking_oversells(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    async with processes(databases, _without_the_check()) as two:
        await prepare(two[0].database, size=5)
        monkeypatch.setattr(pool_rows, "take_open", _take_whatever_is_left)
        outcomes = Counter(await asyncio.gather(*(attempt(_look_then_hold(two[n])) for n in range(30))))
        assert outcomes[""] > 5
        assert (await two[0].pool()).taken > 5


async def test_control_the_check_alone_still_holds(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=5)
        monkeypatch.setattr(pool_rows, "take_open", _take_whatever_is_left)
        doing = (_look_then_hold(two[n]) for n in range(30))
        outcomes = await asyncio.gather(*doing, return_exceptions=True)
        assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 5
        assert (await two[0].pool()).taken == 5


async def test_control_without_the_lock_a_wake_up_is_lost(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sees no seat and is late to stand in the list: the seat given back meanwhile is nobody's.

    On SQLite the one writer is a lock of its own: there, whoever joins looks before their transaction.
    """
    async with processes(databases) as two:
        await prepare(two[0].database, size=1)
        seated = await two[0].register("guest@demo.example")
        if databases.engine == "sqlite":
            monkeypatch.setattr(serving, "settle", _settle_nothing)
            await two[0].cancel(seated)
            await two[1].join("late@demo.example")
        else:
            monkeypatch.setattr(pool_rows, "lock", pool_rows.of_event)
            await _join_slowly(two[1], two[0].cancel(seated))
        assert _states(await two[0].all()) == {State.CANCELLED: 1, State.WAITING: 1}
        assert (await two[0].pool()).free == 1


async def test_with_the_lock_the_same_race_loses_nothing(databases: Databases) -> None:
    async with processes(databases) as two:
        await prepare(two[0].database, size=1)
        seated = await two[0].register("guest@demo.example")
        await _join_slowly(two[1], two[0].cancel(seated))
        assert _states(await two[0].all()) == {State.CANCELLED: 1, State.OFFERED: 1}
        assert (await two[0].pool()).free == 0


async def _queue(hall: Hall, many: int) -> None:
    for number in range(many):
        hall.now += timedelta(seconds=1)
        await hall.join(f"late{number}@demo.example")


def _states(found: Sequence[Registration]) -> Counter[State]:
    return Counter(held.state for held in found)


async def _look_then_hold(hall: Hall) -> None:
    """A seat as it is often taken: look whether there is one, then take it."""
    if not (await hall.pool()).free:
        raise EventFull
    await asyncio.sleep(0)
    await hall.hold()


async def _join_slowly(hall: Hall, meanwhile: Coroutine[Any, Any, object]) -> None:
    """Joins the list in a transaction that lasts, while something else happens."""
    async with hall.database.work() as work:
        await registering.join(
            work, hall.office, EVENT, wish("late@demo.example"), invitation_code="", person_id=None, now=hall.now
        )
        other = asyncio.create_task(meanwhile)
        await asyncio.wait([other], timeout=0.3)
    await other


async def _settle_nothing(*_: object, **__: object) -> None:
    """The list as whoever looked before believes it: nothing to be had."""


async def _take_whatever_is_left(work: Work, event_id: str) -> str | None:
    """The seat, taken without asking again whether there is one."""
    taken = update(pool).where(pool.c.event_id == event_id, pool.c.kind == "OPEN").values(taken=pool.c.taken + 1)
    await work.execute(taken)
    found: Sequence[Pool] = await pool_rows.of_event(work, event_id)
    return found[0].pool_id


def _without_the_check() -> MetaData:
    """The tables of the service, but a pool that believes whatever it is told."""
    bare = MetaData(naming_convention=METADATA.naming_convention)
    for table in METADATA.sorted_tables:
        copied: Table = table.to_metadata(bare)
        copied.constraints -= {rule for rule in copied.constraints if str(rule.name).endswith("never_oversold")}
    return bare
