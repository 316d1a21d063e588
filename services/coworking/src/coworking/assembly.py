"""What a coworking serves and hears, put together: the only file besides `__main__` that knows every slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from groupement.coworking.v1.booking_service_pb2_grpc import add_BookingServiceServicer_to_server
from groupement.coworking.v1.check_in_service_pb2_grpc import add_CheckInServiceServicer_to_server
from groupement.coworking.v1.place_service_pb2_grpc import add_PlaceServiceServicer_to_server
from groupement.staff.v1.staff_service_pb2_grpc import add_StaffServiceServicer_to_server
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock, utc_now
from servicekit.rpc.commands import Commands
from servicekit.rpc.server import AddServicer
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.rpc.staff_service import StaffRpc
from servicekit.sql import Database

from coworking.bookings.rpc import BookingRpc
from coworking.bookings.subscribers import BookingSubscriber
from coworking.check_ins.cards import CardReader
from coworking.check_ins.memory import DoorMemory
from coworking.check_ins.rpc import CheckInRpc
from coworking.check_ins.subscribers import DoorSubscriber
from coworking.places.rpc import PlaceRpc
from coworking.rights.subscribers import RightsSubscriber


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
