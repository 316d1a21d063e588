"""An incubator on the command line (serve, migrate, load, grant-staff): the only file that knows every slice."""

import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from groupement.incubator.v1.call_service_pb2_grpc import add_CallServiceServicer_to_server
from groupement.incubator.v1.programme_service_pb2_grpc import add_ProgrammeServiceServicer_to_server
from groupement.incubator.v1.project_service_pb2_grpc import add_ProjectServiceServicer_to_server
from groupement.staff.v1.staff_service_pb2_grpc import add_StaffServiceServicer_to_server
from servicekit.arguments import Verbs, main
from servicekit.clock import utc_now
from servicekit.forgetting import FORGET, begin_forgetting, forgetting
from servicekit.process import Instance
from servicekit.refusals import Conflict
from servicekit.rpc.commands import Commands
from servicekit.rpc.server import AddServicer
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.rpc.staff_service import StaffRpc, grant
from servicekit.settings import InstanceSettings
from servicekit.sql import Database, DatabaseAway, Work
from servicekit.sql.migrations import pending, upgrade

from incubator.calendar import Calendar
from incubator.calls.rpc import CallRpc
from incubator.config import KIND, structure_zone
from incubator.installation import read_installation
from incubator.loading import load
from incubator.programmes.rpc import ProgrammeRpc
from incubator.projects.rpc import ProjectRpc
from incubator.tables import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"


class NotMigrated(Conflict):
    """The database is not up to date: run `python -m incubator migrate` first."""


def services(db: Database, staff: StaffRoles, calendar: Calendar) -> Sequence[tuple[AddServicer, object]]:
    """All that an incubator answers."""
    commands = Commands(db, clock=calendar.clock)
    return [
        (add_ProgrammeServiceServicer_to_server, ProgrammeRpc(db, commands)),
        (add_ProjectServiceServicer_to_server, ProjectRpc(db, commands, calendar)),
        (add_CallServiceServicer_to_server, CallRpc(db, commands, calendar)),
        (add_StaffServiceServicer_to_server, StaffRpc(db, clock=calendar.clock, on_change=staff.forget)),
    ]


async def _serve(settings: InstanceSettings) -> None:
    calendar = Calendar(clock=utc_now, zone=structure_zone())
    if await _reached(pending(settings.database_url, MIGRATIONS)):
        raise NotMigrated
    db = Database(settings.database_url, origin=settings.origin)
    await begin_forgetting(db, calendar.clock)
    staff = StaffRoles(db)
    instance = Instance(
        settings=settings,
        db=db,
        services=services(db, staff, calendar),
        staff=staff,
        due={FORGET: forgetting(calendar.clock)},
    )
    await instance.run()


async def _migrate(settings: InstanceSettings) -> None:
    ran = await _reached(upgrade(settings.database_url, MIGRATIONS, METADATA))
    sys.stdout.write(f"migrated: {', '.join(ran) or 'nothing to do'}\n")


async def _load(settings: InstanceSettings, file: Path) -> None:
    calendar = Calendar(clock=utc_now, zone=structure_zone())
    installation = read_installation(file, today=calendar.day_of(calendar.now()))
    async with _work(settings) as work:
        loaded = await load(work, installation, calendar)
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
