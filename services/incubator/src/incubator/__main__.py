"""The incubator's key ring: the only file that knows every slice (serve | migrate | load FILE | grant-staff)."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from pathlib import Path

import uvloop
from groupement.incubator.v1.call_service_pb2_grpc import add_CallServiceServicer_to_server
from groupement.incubator.v1.programme_service_pb2_grpc import add_ProgrammeServiceServicer_to_server
from groupement.incubator.v1.project_service_pb2_grpc import add_ProjectServiceServicer_to_server
from groupement.staff.v1.staff_service_pb2_grpc import add_StaffServiceServicer_to_server
from servicekit import logs, staff
from servicekit.clock import utc_now
from servicekit.process import Instance
from servicekit.refusals import Conflict, Refusal
from servicekit.rpc.access import StaffLookup
from servicekit.rpc.commands import Commands
from servicekit.rpc.server import AddServicer
from servicekit.rpc.staff_service import StaffRpc, grant
from servicekit.settings import SettingRefused
from servicekit.sql import Database, DatabaseAway
from servicekit.sql.migrations import pending, upgrade

from incubator.calendar import Calendar
from incubator.calls.rpc import CallRpc
from incubator.config import Config, read_config
from incubator.installation import InstallationRefused, read_installation
from incubator.loading import load
from incubator.programmes.rpc import ProgrammeRpc
from incubator.projects.rpc import ProjectRpc
from incubator.tables import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"
FAILED, MISCONFIGURED = 1, 78
"""Exit codes: what was asked could not be done; a setting is missing or wrong. Misuse of the command line is 2."""


def services(db: Database, calendar: Calendar) -> Sequence[tuple[AddServicer, object]]:
    """All that an incubator answers."""
    commands = Commands(db, clock=calendar.clock)
    return [
        (add_ProgrammeServiceServicer_to_server, ProgrammeRpc(db, commands)),
        (add_ProjectServiceServicer_to_server, ProjectRpc(db, commands, calendar)),
        (add_CallServiceServicer_to_server, CallRpc(db, commands, calendar)),
        (add_StaffServiceServicer_to_server, StaffRpc(db, clock=calendar.clock, on_change=_nothing_to_forget)),
    ]


def staff_lookup(db: Database) -> StaffLookup:
    """The staff record as it stands at each call: a role taken back counts no more from then on."""

    async def roles_of(person_id: str) -> frozenset[str]:
        async with db.reading() as work:
            return await staff.roles_of(work, person_id)

    return roles_of


class NotMigrated(Conflict):
    """The database is not up to date: run `python -m incubator migrate` first."""


async def _serve(config: Config, _: argparse.Namespace) -> str:
    if await _reached(pending(config.instance.database_url, MIGRATIONS)):
        raise NotMigrated
    db = Database(config.instance.database_url, origin=config.instance.origin)
    calendar = Calendar(clock=utc_now, zone=config.zone)
    await Instance(settings=config.instance, db=db, services=services(db, calendar), staff=staff_lookup(db)).run()
    return ""


async def _migrate(config: Config, _: argparse.Namespace) -> str:
    ran = await _reached(upgrade(config.instance.database_url, MIGRATIONS, METADATA))
    return f"migrated: {', '.join(ran) or 'nothing to do'}"


async def _load(config: Config, arguments: argparse.Namespace) -> str:
    calendar = Calendar(clock=utc_now, zone=config.zone)
    installation = read_installation(arguments.file, today=calendar.day_of(calendar.now()))
    db = Database(config.instance.database_url, origin=config.instance.origin)
    try:
        async with db.work() as work:
            loaded = await load(work, installation, calendar)
    finally:
        await db.close()
    return "loaded: " + ", ".join(f"{count} {name}" for name, count in asdict(loaded).items())


async def _grant_staff(config: Config, arguments: argparse.Namespace) -> str:
    db = Database(config.instance.database_url, origin=config.instance.origin)
    try:
        async with db.work() as work:
            await grant(work, arguments.person, arguments.role, now=utc_now())
    finally:
        await db.close()
    return f"{arguments.person} is {arguments.role} at {config.instance.origin.instance}"


async def _reached(asked: Awaitable[Sequence[str]]) -> Sequence[str]:
    """What migrations say of the database; raises DatabaseAway."""
    try:
        return await asked
    except OSError as away:
        raise DatabaseAway from away


def _nothing_to_forget(_person_id: str) -> None:
    """The staff record is read anew at each call."""


def _arguments(written: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m incubator", description="The incubator of one structure.")
    verbs = parser.add_subparsers(required=True, metavar="serve | migrate | load | grant-staff")
    verbs.add_parser("serve", help="answer until told to stop").set_defaults(verb=_serve)
    verbs.add_parser("migrate", help="bring the database up to date").set_defaults(verb=_migrate)
    loading = verbs.add_parser("load", help="bring in what a file holds and the database does not")
    loading.add_argument("file", type=Path)
    loading.set_defaults(verb=_load)
    granting = verbs.add_parser("grant-staff", help="give a person a role here")
    granting.add_argument("--person", required=True, metavar="ID")
    granting.add_argument("--role", required=True, choices=sorted(staff.ROLES))
    granting.set_defaults(verb=_grant_staff)
    return parser.parse_args(written)


def main(written: Sequence[str] | None = None) -> int:
    """Does what the command line says; gives the exit code. What goes wrong is one line on standard error."""
    arguments = _arguments(written)
    try:
        config = read_config()
        logs.configure(instance=config.instance.origin.instance, level=config.instance.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            said = runner.run(arguments.verb(config, arguments))
    except SettingRefused as refusal:
        return _complain(str(refusal), MISCONFIGURED)
    except (InstallationRefused, OSError) as refusal:
        return _complain(str(refusal), FAILED)
    except Refusal as refusal:
        return _complain(f"{refusal.message} ({refusal.reason})", FAILED)
    if said:
        sys.stdout.write(f"{said}\n")
    return 0


def _complain(why: str, code: int) -> int:
    sys.stderr.write(f"incubator: {why}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
