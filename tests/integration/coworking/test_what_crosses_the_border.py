"""A right comes in by the bus, a usage goes out by it, and the door does without it meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from broker import Broker, account, broker
from coworking.spans import MINUTES_A_DAY, instant_at
from coworking_house import DOOR, PORTAL
from coworking_process import PATIENCE, Spot, a_spot, told
from google.protobuf.message import Message
from groupement.coworking.v1 import booking_pb2, place_pb2
from groupement.coworking.v1 import booking_service_pb2 as booking_pb
from groupement.coworking.v1 import check_in_service_pb2 as door_pb
from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceStub
from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceStub
from servicekit.bus.accounts import Registry
from servicekit.bus.relay import Relay
from servicekit.facts import fact
from servicekit.identifiers import new_id
from servicekit.origin import GROUPEMENT, Origin
from servicekit.refusals import Unauthenticated
from servicekit.rpc import channels
from servicekit.sql import Database, kit_metadata
from servicekit.timestamps import timestamp
from sqlalchemy.ext.asyncio import create_async_engine
from village import CAMILLE, LA_RUCHE, card_revoked, closed, opened

RIGHT = "entitlement_01990000000070008000000000000001"
SHARED_IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")
PARIS = ZoneInfo("Europe/Paris")
FILE = """[[places]]
place_id = "place_01990000000070008000000000000001"
name = "Toujours ouvert"
address = "Marseille"
opening_hours = [{ weekdays = [1, 2, 3, 4, 5, 6, 7], opens = "00:00", closes = "24:00" }]

[[resources]]
resource_id = "resource_01990000000070008000000000000001"
place_id = "place_01990000000070008000000000000001"
name = "Espace nomade"
kind = "NOMAD_SEAT"
units = 5
"""
PLACE, SEATS = "place_01990000000070008000000000000001", "resource_01990000000070008000000000000001"


@pytest.fixture
def spot(tmp_path: Path) -> Spot:
    """La Ruche's coworking, under the authority that the broker trusts too."""
    return a_spot(tmp_path, LA_RUCHE)


@pytest_asyncio.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker with the accounts of the groupement and of two structures."""
    registry = Registry(
        groupement=account(tmp_path, GROUPEMENT, kinds=("shared-identity", "portal")),
        structures=(
            account(tmp_path, LA_RUCHE.structure, kinds=("coworking",)),
            account(tmp_path, "inter-made", kinds=("incubator",)),
        ),
    )
    async with broker(tmp_path, registry) as running:
        yield running


@asynccontextmanager
async def _shared_identity(bus: Broker, home: Path) -> AsyncIterator[Database]:
    """What shared-identity says: a database whose outbox is relayed in its name."""
    url = f"sqlite+aiosqlite:///{home}/shared-identity.sqlite3"
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(kit_metadata().create_all)
    await engine.dispose()
    db = Database(url, origin=SHARED_IDENTITY)
    async with bus.connected(GROUPEMENT, SHARED_IDENTITY.instance) as connected:
        relaying = asyncio.create_task(Relay(db, connected).run())
        yield db
        relaying.cancel()
    await db.close()


async def _say(db: Database, message: Message, aggregate_id: str, version: int, to: str | None) -> None:
    async with db.work() as work:
        work.announce(fact(message, aggregate_id=aggregate_id, version=version, at=datetime.now(UTC), to=to))


def _an_hour_from_now() -> tuple[datetime, datetime]:
    """The hour in course, from its last quarter on; within a day of Paris, and open at once by half an hour at most."""
    now = datetime.now(UTC)
    start = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    midnight = instant_at(now.astimezone(PARIS).date(), MINUTES_A_DAY, PARIS)
    if midnight - now <= timedelta(minutes=30):
        return midnight, midnight + timedelta(hours=1)
    return start, min(start + timedelta(hours=1), midnight)


async def _until(asking: Any, wanted: Any) -> Any:
    """Asks again until the answer is as wanted."""
    for _ in range(int(PATIENCE * 20)):
        if wanted(answer := await asking()):
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(answer)


async def test_a_member_from_next_door_crosses_and_only_the_usage_is_told(
    spot: Spot, bus: Broker, tmp_path: Path
) -> None:
    file = spot.home / "installation.toml"
    file.write_text(FILE)
    assert (await spot.run("migrate"))[0] == 0
    assert (await spot.run("load", str(file)))[0] == 0
    card_id = new_id("card")
    code = spot.office.code(CAMILLE, jti=card_id)
    mine: Any = {"metadata": channels.credentials(spot.house.token(CAMILLE, LA_RUCHE.structure, []))}
    asked = door_pb.CheckEntitlementRequest(person_id=CAMILLE, resource_kind=place_pb2.RESOURCE_KIND_NOMAD_SEAT)
    shown = door_pb.CheckCardRequest(card_code=code, place_id=PLACE)
    start, end = _an_hour_from_now()
    async with (
        _shared_identity(bus, tmp_path) as identity,
        spot.serving(**spot.on(bus)) as (_, address),
        spot.channel(address, PORTAL) as portal,
        spot.channel(address, DOOR) as at_the_door,
    ):
        bookings, door = BookingServiceStub(portal), CheckInServiceStub(at_the_door)
        assert not (await door.CheckEntitlement(asked)).entitled
        await _say(identity, opened(RIGHT, CAMILLE), RIGHT, 1, LA_RUCHE.structure)
        await _until(lambda: door.CheckEntitlement(asked), lambda answer: answer.entitled)
        wish = booking_pb.BookRequest(resource_id=SEATS, start_time=timestamp(start), end_time=timestamp(end))
        booking = (await bookings.Book(wish, **mine)).booking
        assert booking.coverage == booking_pb2.COVERAGE_ENTITLEMENT
        await told(bus, LA_RUCHE.structure, "EVENTS", {"la-ruche.coworking.own.booking.confirmed": 1})

        bus.kill()
        assert (await door.CheckCard(shown)).booking_id == booking.booking_id
        request = door_pb.CheckInByCardRequest(card_code=code, place_id=PLACE, request_id="door-1")
        came = await door.CheckInByCard(request)
        assert came.check_in.half_days == booking.half_days
        bus.start()
        await bus.listening()

        usage = {"la-ruche.coworking.shared.usage.recorded": 1}
        own = {"la-ruche.coworking.own.booking.confirmed": 1, "la-ruche.coworking.own.booking.checked_in": 1}
        await told(bus, LA_RUCHE.structure, "EVENTS", {**own, **usage})
        await told(bus, GROUPEMENT, "FEDERATION", usage)
        assert await bus.subjects("inter-made", "FEDERATION") == {}

        later = start + timedelta(days=2)
        wish = booking_pb.BookRequest(
            resource_id=SEATS, start_time=timestamp(later), end_time=timestamp(later + timedelta(minutes=15))
        )
        gone = (await bookings.Book(wish, **mine)).booking
        yesterday = (datetime.now(PARIS) - timedelta(days=1)).date().isoformat()
        await _say(identity, closed(RIGHT, yesterday), RIGHT, 2, LA_RUCHE.structure)
        await _say(identity, card_revoked(card_id), card_id, 1, None)
        await _until(lambda: door.CheckEntitlement(asked), lambda answer: not answer.entitled)

        async def of_gone() -> int:
            listed = (await bookings.ListMyBookings(booking_pb.ListMyBookingsRequest(), **mine)).bookings
            return int({one.booking_id: one.state for one in listed}[gone.booking_id])

        await _until(of_gone, lambda state: state == booking_pb2.BOOKING_STATE_CANCELLED)
        assert not (await bookings.ListMyRights(booking_pb.ListMyRightsRequest(), **mine)).rights
        refused = await _until(lambda: _reason(door, shown), lambda reason: reason != "")
        assert refused == "CARD_REVOKED"


async def _reason(door: Any, shown: door_pb.CheckCardRequest) -> str:
    try:
        await door.CheckCard(shown)
    except Unauthenticated as refusal:
        return refusal.reason
    return ""
