"""An instant is aware and in UTC on both sides of the database, to the microsecond."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from servicekit.sql import Database
from sqlalchemy import bindparam, insert, select
from stored import lamp

PRECISE = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)


async def lit(house: Database, at: datetime | None) -> datetime | None:
    async with house.work() as work:
        await work.execute(insert(lamp), {"id": "lamp_2", "level": 1, "lit_at": at})
    async with house.reading() as work:
        back: datetime | None = (await work.execute(select(lamp.c.lit_at).where(lamp.c.id == "lamp_2"))).scalar_one()
        return back


async def test_to_the_microsecond(house: Database) -> None:
    assert await lit(house, PRECISE) == PRECISE


async def test_from_another_zone_it_comes_back_in_utc(house: Database) -> None:
    summer = timezone(timedelta(hours=2))
    back = await lit(house, PRECISE.astimezone(summer))
    assert back == PRECISE
    assert back is not None
    assert back.utcoffset() == timedelta(0)


async def test_none_stays_none(house: Database) -> None:
    assert await lit(house, None) is None


async def test_without_a_zone_it_is_refused(house: Database) -> None:
    with pytest.raises(TypeError, match="time zone"):
        await lit(house, PRECISE.replace(tzinfo=None))


async def test_instants_compare_as_instants_whatever_their_zone(house: Database) -> None:
    await lit(house, PRECISE)
    earlier_by_the_clock = (PRECISE + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-5)))
    before = select(lamp.c.id).where(lamp.c.lit_at < bindparam("at"), lamp.c.id == "lamp_2")
    async with house.reading() as work:
        assert (await work.execute(before, {"at": earlier_by_the_clock})).scalar_one() == "lamp_2"
        assert (await work.execute(before, {"at": PRECISE})).first() is None
