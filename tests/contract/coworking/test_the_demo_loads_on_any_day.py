"""The demo's bookings fall on open days, whatever day of the week it is first started."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from coworking.installation import read_installation
from coworking.loading import load
from coworking.tables import METADATA, booking
from engines import Databases
from servicekit.origin import Origin
from sqlalchemy import select
from village import NOW, TODAY

DEMO = Path(__file__).parents[3] / "deploy" / "demo"


@pytest.mark.parametrize("structure", ["la-ruche", "inter-made"])
@pytest.mark.parametrize("shift", range(7))
async def test_the_demo_loads_on_any_day(databases: Databases, structure: str, shift: int) -> None:
    database = await databases.make(METADATA, Origin(structure=structure, kind="coworking"))
    today = TODAY + timedelta(days=shift)
    installation = read_installation(DEMO / f"coworking@{structure}.toml", today=today)
    async with database.work() as work:
        loaded = await load(work, installation, now=NOW + timedelta(days=shift), zone=ZoneInfo("Europe/Paris"))
    assert loaded.bookings == len(installation.bookings)
    async with database.reading() as work:
        days = (await work.execute(select(booking.c.day))).scalars().all()
    assert all(today <= day < today + timedelta(days=14) for day in days)
    assert sum(day < today + timedelta(days=7) for day in days) > len(days) / 2
