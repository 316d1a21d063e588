"""A coworking on the command line: serve, migrate, load, grant-staff."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from servicekit.arguments import Verbs, main
from servicekit.clock import utc_now
from servicekit.process import Instance
from servicekit.rpc.staff_service import grant
from servicekit.settings import InstanceSettings
from servicekit.sql import Database, Work
from servicekit.sql.migrations import upgrade

from coworking.assembly import assemble
from coworking.config import KIND, structure_zone
from coworking.installation import read_installation
from coworking.loading import load
from coworking.spans import day_at
from coworking.tables import METADATA

_MIGRATIONS = Path(__file__).parent / "migrations"


async def _serve(settings: InstanceSettings) -> None:
    db = Database(settings.database_url, origin=settings.origin)
    parts = assemble(db, jwks_file=settings.jwks_file, zone=structure_zone())
    await parts.memory.fill()
    instance = Instance(
        settings=settings,
        db=db,
        services=parts.services,
        staff=parts.staff,
        subscriptions=parts.subscriptions,
        beside=[parts.memory.follow],
    )
    await instance.run()


async def _migrate(settings: InstanceSettings) -> None:
    await upgrade(settings.database_url, _MIGRATIONS, METADATA)


async def _load(settings: InstanceSettings, file: Path) -> None:
    now, zone = utc_now(), structure_zone()
    installation = read_installation(file, today=day_at(now, zone))
    async with _work(settings) as work:
        loaded = await load(work, installation, now=now, zone=zone)
    sys.stdout.write(f"{loaded.places} places, {loaded.resources} spaces, {loaded.bookings} bookings brought in\n")


async def _grant_staff(settings: InstanceSettings, person_id: str, role: str) -> None:
    async with _work(settings) as work:
        await grant(work, person_id, role, now=utc_now())


@asynccontextmanager
async def _work(settings: InstanceSettings) -> AsyncIterator[Work]:
    db = Database(settings.database_url, origin=settings.origin)
    try:
        async with db.work() as work:
            yield work
    finally:
        await db.close()


if __name__ == "__main__":
    verbs = Verbs(serve=_serve, migrate=_migrate, load=_load, grant_staff=_grant_staff)
    sys.exit(main(KIND, verbs))
