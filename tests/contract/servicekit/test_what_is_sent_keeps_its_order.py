"""A write whose outcome nobody asks for goes with the next statement, or with the commit; the order stays."""

from contextlib import suppress

import pytest
from servicekit.sql import Database, Due, Work, WroteWhileReading
from servicekit.sql.tables import due, outbox
from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from stored import AT, brighten, count, lamp, lamp_lit, level_of, levels

_ADD = insert(lamp)
_SET = update(lamp).where(lamp.c.id == bindparam("of")).values(level=bindparam("to"))
_DROP = delete(lamp).where(lamp.c.id == bindparam("of"))


def send_lamp(work: Work, lamp_id: str = "lamp_2", level: int = 5) -> None:
    """Puts a lamp in the house, sooner or later."""
    work.send(_ADD, {"id": lamp_id, "level": level, "lit_at": AT})


async def test_the_statement_after_it_sees_it(house: Database) -> None:
    async with house.work() as work:
        send_lamp(work)
        assert await level_of(work, "lamp_2") == 5
        work.send(_SET, {"of": "lamp_2", "to": 6})
        assert (await work.execute(text("SELECT level FROM lamp WHERE id = 'lamp_2'"))).scalar_one() == 6


async def test_the_commit_takes_it_along(house: Database) -> None:
    async with house.work() as work:
        send_lamp(work)
    assert (await levels(house))["lamp_2"] == 5


async def test_the_last_statements_of_a_work_go_together(house: Database) -> None:
    async with house.work() as work:
        send_lamp(work)
        work.announce(lamp_lit())
        work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
    assert (await levels(house))["lamp_2"] == 5
    assert (await count(house, outbox), await count(house, due)) == (1, 1)


async def test_writes_of_one_table_keep_their_order(house: Database) -> None:
    async with house.work() as work:
        send_lamp(work)
        work.send(_SET, {"of": "lamp_2", "to": 6})
        work.send(_SET, {"of": "lamp_2", "to": 7})
        work.send(_ADD, [{"id": name, "level": 1, "lit_at": AT} for name in ("lamp_3", "lamp_4")])
        work.send(_DROP, {"of": "lamp_3"})
    assert await levels(house) == {"lamp_1": 0, "lamp_2": 7, "lamp_4": 1}


async def test_nothing_is_sent_for_an_empty_list_of_rows(house: Database) -> None:
    async with house.work() as work:
        work.send(_ADD, [])
        await brighten(work)
    assert await levels(house) == {"lamp_1": 1}


async def test_what_it_fails_with_is_raised_by_the_statement_after_it(house: Database) -> None:
    with pytest.raises(IntegrityError):
        async with house.work() as work:
            send_lamp(work, "lamp_1")
            with suppress(ZeroDivisionError):
                await brighten(work)
    assert await levels(house) == {"lamp_1": 0}


async def test_what_it_fails_with_is_raised_by_the_commit(house: Database) -> None:
    followed: list[str] = []
    with pytest.raises(IntegrityError):
        async with house.work() as work:
            work.after_commit(lambda: followed.append("kept"))
            await brighten(work)
            send_lamp(work, "lamp_1")
    assert await levels(house) == {"lamp_1": 0}
    assert followed == []


async def test_nothing_is_left_of_it_when_the_block_raises(house: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.work() as work:
            await brighten(work)
            send_lamp(work)
            raise ZeroDivisionError
    async with house.work() as work:
        await brighten(work)
    assert await levels(house) == {"lamp_1": 1}


async def test_a_savepoint_takes_back_what_was_sent_in_it_and_no_more(house: Database) -> None:
    async with house.work() as work:
        send_lamp(work, "before")
        with suppress(ZeroDivisionError):
            async with work.savepoint():
                send_lamp(work, "inside")
                raise ZeroDivisionError
        with suppress(IntegrityError):
            async with work.savepoint():
                send_lamp(work, "before")
        async with work.savepoint():
            send_lamp(work, "kept")
        send_lamp(work, "after")
    assert sorted(await levels(house)) == ["after", "before", "kept", "lamp_1"]


async def test_reading_sends_nothing(house: Database) -> None:
    with pytest.raises(WroteWhileReading):
        async with house.reading() as work:
            send_lamp(work)


async def test_what_was_called_off_and_put_off_again_is_put_off(house: Database) -> None:
    async with house.work() as work:
        work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
        work.schedule(Due(kind="go_out", key="lamp_2", at=AT))
    async with house.work() as work:
        work.call_off("go_out", "lamp_1")
        work.schedule(Due(kind="go_out", key="lamp_1", at=AT))
        work.schedule(Due(kind="go_out", key="lamp_2", at=AT))
        work.call_off("go_out", "lamp_2")
        work.call_off("go_out", "lamp_3")
    async with house.reading() as work:
        assert (await work.execute(select(due.c.key))).scalars() == ["lamp_1"]
