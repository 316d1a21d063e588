"""What was put off is done once, when it is due, and stays until it succeeds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from servicekit.refusals import Conflict
from servicekit.sql import Database, Due, Sweeper, Work
from servicekit.sql import due as dues
from servicekit.sql.sweeper import Handler, backoff
from servicekit.sql.tables import due as due_table
from stored import AT, Hands, add_lamp, brighten, count, lamp_lit, levels, outbox_count

LATER = timedelta(minutes=10)


class LampsWentOut(Conflict):
    """The lamps went out."""


async def light_up(work: Work, due: Due) -> None:
    await brighten(work, due.key)
    work.announce(lamp_lit(due.key))


async def fail(work: Work, due: Due) -> None:
    await light_up(work, due)
    raise LampsWentOut


async def schedule(database: Database, *keys: str, kind: str = "light", at: timedelta = timedelta(0)) -> None:
    async with database.work() as work:
        for key in keys:
            work.schedule(Due(kind=kind, key=key, at=AT + at, payload={"of": key}))


def sweeper(database: Database, hands: Hands, handler: Handler = light_up, **others: Handler) -> Sweeper:
    return Sweeper(database, {"light": handler, **others}, clock=hands, every=0.01)


async def test_it_is_done_when_it_is_due_and_not_before(house: Database) -> None:
    hands = Hands()
    await schedule(house, "lamp_1", at=LATER)
    hands.forward(LATER - timedelta(microseconds=1))
    assert await sweeper(house, hands).sweep() == 0
    hands.forward(timedelta(microseconds=1))
    assert await sweeper(house, hands).sweep() == 1
    assert await sweeper(house, hands).sweep() == 0
    assert await levels(house) == {"lamp_1": 1}
    assert await count(house, due_table) == 0


async def test_the_handler_is_given_what_was_put_off(house: Database) -> None:
    given: list[Due] = []

    async def note(_work: Work, due: Due) -> None:
        given.append(due)

    wished = Due(kind="light", key="lamp_1", at=AT, payload={"why": "dusk", "who": "é"})
    async with house.work() as work:
        work.schedule(wished)
    await sweeper(house, Hands(), note).sweep()
    assert given == [wished]


async def test_the_oldest_is_done_first(house: Database) -> None:
    given: list[str] = []

    async def note(_work: Work, due: Due) -> None:
        given.append(due.key)

    await schedule(house, "b", at=timedelta(seconds=2))
    await schedule(house, "c", at=timedelta(seconds=3))
    await schedule(house, "a", at=timedelta(seconds=1))
    await sweeper(house, Hands(AT + LATER), note).sweep()
    assert given == ["a", "b", "c"]


async def test_put_off_again_it_is_done_at_the_later_instant_only(house: Database) -> None:
    await schedule(house, "lamp_1")
    await schedule(house, "lamp_1", at=LATER)
    hands = Hands()
    assert await sweeper(house, hands).sweep() == 0
    hands.forward(LATER)
    assert await sweeper(house, hands).sweep() == 1


async def test_taken_back_it_is_not_done(house: Database) -> None:
    await schedule(house, "lamp_1")
    async with house.work() as work:
        assert await work.unschedule("light", "lamp_1")
        assert not await work.unschedule("light", "lamp_1")
        work.schedule(Due(kind="light", key="lamp_1", at=AT))
        assert await work.unschedule("light", "lamp_1")
    assert await sweeper(house, Hands()).sweep() == 0


async def test_a_handler_may_put_the_same_thing_off_again(house: Database) -> None:
    async def again(work: Work, due: Due) -> None:
        await brighten(work, due.key)
        work.schedule(Due(kind=due.kind, key=due.key, at=due.at + LATER))

    hands = Hands()
    await schedule(house, "lamp_1")
    assert await sweeper(house, hands, again).sweep() == 1
    hands.forward(LATER)
    assert await sweeper(house, hands, again).sweep() == 1
    assert await levels(house) == {"lamp_1": 2}
    assert await count(house, due_table) == 1


async def test_a_failure_undoes_its_effect_keeps_the_row_and_says_why(house: Database) -> None:
    await schedule(house, "lamp_1")
    hands = Hands()
    assert await sweeper(house, hands, fail).sweep() == 1
    assert await levels(house) == {"lamp_1": 0}
    assert await outbox_count(house) == 0
    async with house.reading() as work:
        [failing] = await dues.failing(work)
    assert (failing.due.key, failing.attempts, failing.failure) == ("lamp_1", 1, "LAMPS_WENT_OUT")
    assert failing.next_try == AT + backoff(0)


async def test_it_is_tried_again_later_and_later_until_it_succeeds(house: Database) -> None:
    await schedule(house, "lamp_1")
    hands = Hands()
    for attempt in range(4):
        assert await sweeper(house, hands, fail).sweep() == 1
        hands.forward(backoff(attempt) - timedelta(microseconds=1))
        assert await sweeper(house, hands, fail).sweep() == 0
        hands.forward(timedelta(microseconds=1))
    assert await sweeper(house, hands).sweep() == 1
    assert await levels(house) == {"lamp_1": 1}
    assert await count(house, due_table) == 0


def test_the_wait_doubles_up_to_an_hour() -> None:
    waits = [backoff(attempts).total_seconds() for attempts in range(40)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == 3600


async def test_one_that_fails_does_not_hold_up_the_others(house: Database) -> None:
    async def some_fail(work: Work, due: Due) -> None:
        await brighten(work, due.key)
        if due.key == "lamp_1":
            raise LampsWentOut

    async with house.work() as work:
        await add_lamp(work, "lamp_2")
    await schedule(house, "lamp_1", "lamp_2")
    assert await sweeper(house, Hands(), some_fail).sweep() == 2
    assert await levels(house) == {"lamp_1": 0, "lamp_2": 1}


async def test_what_no_handler_knows_is_left_alone(house: Database) -> None:
    await schedule(house, "lamp_1", kind="unknown")
    assert await sweeper(house, Hands()).sweep() == 0
    assert await count(house, due_table) == 1


async def many(database: Database, lamps: int) -> list[str]:
    names = [f"lamp_{number:03}" for number in range(100, 100 + lamps)]
    async with database.work() as work:
        for name in names:
            await add_lamp(work, name)
    await schedule(database, *names)
    return names


async def test_two_sweepers_at_once_do_nothing_twice(twins: tuple[Database, Database]) -> None:
    async def slowly(work: Work, due: Due) -> None:
        await asyncio.sleep(0.001)
        await light_up(work, due)

    names = await many(twins[0], 40)
    hands = Hands()
    done = await asyncio.gather(*(sweeper(twins[number % 2], hands, slowly).sweep() for number in range(4)))
    assert sum(done) == 40
    assert {name: level for name, level in (await levels(twins[0])).items() if name in names} == dict.fromkeys(names, 1)
    assert await outbox_count(twins[0]) == 40


async def test_control_two_who_look_first_and_delete_after_do_things_twice(twins: tuple[Database, Database]) -> None:
    names = await many(twins[0], 10)
    both_have_looked = asyncio.Barrier(2)

    async def sweep_naively(database: Database) -> None:
        async with database.reading() as work:
            found = [row.key for row in await work.execute(due_table.select())]
        await both_have_looked.wait()
        for key in found:
            async with database.work() as work:
                await brighten(work, key)
                await work.execute(due_table.delete().where(due_table.c.key == key))

    await asyncio.gather(*(sweep_naively(database) for database in twins))
    after = await levels(twins[0])
    assert max(after[name] for name in names) == 2


async def eventually(condition: Callable[[], Awaitable[bool]], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def running(made: Sweeper, condition: Callable[[], Awaitable[bool]]) -> None:
    task = asyncio.create_task(made.run())
    try:
        await eventually(condition)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_running_it_does_what_becomes_due(house: Database) -> None:
    hands = Hands()

    async def lit_twice() -> bool:
        level = (await levels(house))["lamp_1"]
        if level == 1 and await count(house, due_table) == 0:
            await schedule(house, "lamp_1", at=LATER)
            hands.forward(LATER)
        return level == 2

    await schedule(house, "lamp_1")
    await running(sweeper(house, hands), lit_twice)


async def test_only_the_holder_of_the_lease_sweeps_and_another_takes_over(twins: tuple[Database, Database]) -> None:
    hands = Hands()
    first, second = sweeper(twins[0], hands, fail), sweeper(twins[1], hands)
    assert await first.lease.acquire()
    await schedule(twins[0], "lamp_1")

    async def asked_in_vain() -> bool:
        await asyncio.sleep(0.2)
        return (await levels(twins[1]))["lamp_1"] == 0

    async def taken_over() -> bool:
        hands.forward(timedelta(seconds=1))
        return (await levels(twins[1]))["lamp_1"] == 1

    await running(second, asked_in_vain)
    await running(second, taken_over)


async def test_it_survives_a_failure_of_its_own(house: Database) -> None:
    """A handler that raises anything at all must not end the sweeping."""

    async def explode(_work: Work, due: Due) -> None:
        raise RuntimeError(due.key)

    await schedule(house, "lamp_1")
    await schedule(house, "lamp_1", kind="light_after", at=timedelta(seconds=1))
    hands = Hands(AT + timedelta(seconds=1))

    async def other_done() -> bool:
        return (await levels(house))["lamp_1"] == 1

    await running(Sweeper(house, {"light": explode, "light_after": light_up}, clock=hands, every=0.01), other_done)
    async with house.reading() as work:
        assert [each.failure for each in await dues.failing(work)] == ["RuntimeError"]
