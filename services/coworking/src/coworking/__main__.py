"""A coworking on the command line (serve, migrate, load, grant-staff): the only file that knows every slice."""

import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from groupement.coworking.v1.booking_service_pb2_grpc import add_BookingServiceServicer_to_server
from groupement.coworking.v1.check_in_service_pb2_grpc import add_CheckInServiceServicer_to_server
from groupement.coworking.v1.place_service_pb2_grpc import add_PlaceServiceServicer_to_server
from groupement.staff.v1.staff_service_pb2_grpc import add_StaffServiceServicer_to_server
from servicekit.arguments import Verbs, main
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock, utc_now
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

from coworking.bookings.rpc import BookingRpc
from coworking.bookings.subscribers import BookingSubscriber
from coworking.check_ins.cards import CardReader
from coworking.check_ins.memory import DoorMemory
from coworking.check_ins.rpc import CheckInRpc
from coworking.check_ins.subscribers import DoorSubscriber
from coworking.config import KIND, structure_zone
from coworking.installation import read_installation
from coworking.loading import load
from coworking.places.rpc import PlaceRpc
from coworking.rights.subscribers import RightsSubscriber
from coworking.spans import day_at
from coworking.tables import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"


class NotMigrated(Conflict):
    """The database is not up to date: run `python -m coworking migrate` first."""


@dataclass(frozen=True, kw_only=True)
class Coworking:
    """The parts of one instance."""

    services: Sequence[tuple[AddServicer, object]]
    subscriptions: Sequence[Subscription[Any]]
    memory: DoorMemory
    staff: StaffRoles


def assemble(db: Database, *, jwks_file: Path, zone: ZoneInfo, clock: Clock = utc_now) -> Coworking:
    """The parts of an instance on a database; nothing runs yet, and `memory` is to be filled first."""
    memory, staff = DoorMemory(db, clock=clock), StaffRoles(db)
    commands, cards = Commands(db, clock=clock), CardReader(jwks_file)
    bookings = BookingRpc(db, commands, clock=clock, zone=zone, changed=memory.forget)
    door = CheckInRpc(db, commands, cards=cards, memory=memory, clock=clock, zone=zone)
    services: Sequence[tuple[AddServicer, object]] = [
        (add_PlaceServiceServicer_to_server, PlaceRpc(db, commands)),
        (add_BookingServiceServicer_to_server, bookings),
        (add_CheckInServiceServicer_to_server, door),
        (add_StaffServiceServicer_to_server, StaffRpc(db, clock=clock, on_change=staff.forget)),
    ]
    subscriptions = [
        *RightsSubscriber(clock=clock).subscriptions(),
        *BookingSubscriber(clock=clock).subscriptions(),
        *DoorSubscriber(memory, clock=clock).subscriptions(),
    ]
    return Coworking(services=services, subscriptions=subscriptions, memory=memory, staff=staff)


async def _serve(settings: InstanceSettings) -> None:
    zone = structure_zone()
    if await _reached(pending(settings.database_url, MIGRATIONS)):
        raise NotMigrated
    db = Database(settings.database_url, origin=settings.origin)
    await begin_forgetting(db, utc_now)
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
