"""An answer kept for whoever asks again holds a name and an address: a day, no longer."""

from datetime import UTC, datetime, timedelta

from servicekit.forgetting import FORGET, forgetting
from servicekit.sql import Database, Due
from servicekit.sql.tables import answer, due
from sqlalchemy import insert, select

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_answers_are_forgotten_after_a_day_and_the_next_look_is_an_hour_away(database: Database) -> None:
    async with database.work() as work:
        for request_id, hours in (("old", 25), ("young", 23)):
            await work.execute(insert(answer), _answered(request_id, hours))
    async with database.work() as work:
        await forgetting(lambda: NOW)(work, Due(kind=FORGET, key=FORGET, at=NOW))
    async with database.reading() as work:
        assert list((await work.execute(select(answer.c.request_id))).scalars()) == ["young"]
        assert (await work.execute(select(due.c.due_at))).scalar_one() == NOW + timedelta(hours=1)


def _answered(request_id: str, hours: int) -> dict[str, object]:
    at = NOW - timedelta(hours=hours)
    return {"request_id": request_id, "method": "m", "caller": "c", "digest": b"", "response": b"", "answered_at": at}
