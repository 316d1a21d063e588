"""A coworking on the command line: serve, migrate, load, grant-staff."""

import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from servicekit.arguments import Verbs, main
from servicekit.clock import utc_now
from servicekit.process import Instance
from servicekit.refusals import Conflict
from servicekit.rpc.staff_service import grant
from servicekit.settings import InstanceSettings
from servicekit.sql import Database, DatabaseAway, Due, Work
from servicekit.sql.migrations import pending, upgrade

from coworking.assembly import assemble
from coworking.config import KIND, structure_zone
from coworking.installation import read_installation
from coworking.keeping import FORGET, forgetting
from coworking.loading import load
from coworking.spans import day_at
from coworking.tables import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"


class NotMigrated(Conflict):
    """The database is not up to date: run `python -m coworking migrate` first."""


async def _serve(settings: InstanceSettings) -> None:
    zone = structure_zone()
    if await _reached(pending(settings.database_url, MIGRATIONS)):
        raise NotMigrated
    async with _work(settings) as work:
        work.schedule(Due(kind=FORGET, key=FORGET, at=utc_now()))
    db = Database(settings.database_url, origin=settings.origin)
    parts = assemble(db, jwks_file=settings.jwks_file, zone=zone)
    await parts.memory.fill()
    instance = Instance(
        settings=settings,
        db=db,
        services=parts.services,
        staff=parts.staff,
        subscriptions=parts.subscriptions,
        due={FORGET: forgetting(utc_now)},
        beside=[parts.memory.follow],
    )
    await instance.run()


async def _migrate(settings: InstanceSettings) -> None:
    ran = await _reached(upgrade(settings.database_url, MIGRATIONS, METADATA))
    sys.stdout.write(f"migrated: {', '.join(ran) or 'nothing to do'}\n")


async def _load(settings: InstanceSettings, file: Path) -> None:
    now, zone = utc_now(), structure_zone()
    installation = read_installation(file, today=day_at(now, zone))
    async with _work(settings) as work:
        loaded = await load(work, installation, now=now, zone=zone)
    sys.stdout.write("loaded: " + ", ".join(f"{count} {name}" for name, count in asdict(loaded).items()) + "\n")


async def _grant_staff(settings: InstanceSettings, person_id: str, role: str) -> None:
    async with _work(settings) as work:
        await grant(work, person_id, role, now=utc_now())
    sys.stdout.write(f"{person_id} is {role} at {settings.origin.instance}\n")


@asynccontextmanager
async def _work(settings: InstanceSettings) -> AsyncIterator[Work]:
    db = Database(settings.database_url, origin=settings.origin)
    try:
        async with db.work() as work:
            yield work
    finally:
        await db.close()


async def _reached(asked: Awaitable[Sequence[str]]) -> Sequence[str]:
    """What migrations say of the database; raises DatabaseAway."""
    try:
        return await asked
    except OSError as away:
        raise DatabaseAway from away


if __name__ == "__main__":
    sys.exit(main(KIND, Verbs(serve=_serve, migrate=_migrate, load=_load, grant_staff=_grant_staff)))
