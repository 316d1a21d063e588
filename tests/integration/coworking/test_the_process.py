"""`python -m coworking`, as operators start it: with its demo, without a broker, misconfigured, and told to stop."""

import asyncio
import signal
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from coworking_house import PORTAL
from coworking_process import DEMO, PATIENCE, Spot, a_spot
from groupement.coworking.v1 import booking_service_pb2 as booking_pb
from groupement.coworking.v1 import check_in_service_pb2 as door_pb
from groupement.coworking.v1 import place_service_pb2 as place_pb
from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceStub
from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceStub
from groupement.coworking.v1.place_service_pb2_grpc import PlaceServiceStub
from servicekit.origin import Origin
from servicekit.rpc import channels
from village import LA_RUCHE

SAM = "person_01990000000070008000000000000003"
LA_RUCHE_DEMO = DEMO / "coworking@la-ruche.toml"
NOWHERE = "postgresql+asyncpg://a@127.0.0.1:1/b"
_SHARED = {"la-ruche.coworking.shared.membership.declared": 1, "la-ruche.coworking.shared.staff_role.granted": 3}


@pytest.fixture
def spot(tmp_path: Path) -> Spot:
    """La Ruche's coworking, not migrated yet."""
    return a_spot(tmp_path, LA_RUCHE)


def _rows(spot: Spot, table: str) -> int:
    with sqlite3.connect(spot.home / "database.sqlite3") as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - our own names


@pytest.mark.parametrize(
    ("structure", "staff", "spaces", "bookings", "memberships"),
    [("la-ruche", 4, 7, 24, 1), ("inter-made", 3, 5, 20, 0)],
)
async def test_a_demo_is_loaded_once_however_often_it_is_asked(
    tmp_path: Path, structure: str, staff: int, spaces: int, bookings: int, memberships: int
) -> None:
    spot = a_spot(tmp_path, Origin(structure=structure, kind="coworking"))
    await spot.run("migrate")
    file = str(DEMO / f"coworking@{structure}.toml")
    loads = [await spot.run("load", file) for _ in range(2)]
    assert [code for code, _, _ in loads] == [0, 0], loads
    expected = f"{memberships} memberships, 1 places, {spaces} resources, {bookings} bookings"
    assert loads[0][1] == f"loaded: {staff} staff, {expected}\n"
    assert loads[1][1] == f"loaded: {staff} staff, 0 memberships, 0 places, 0 resources, 0 bookings\n"
    counts = [_rows(spot, table) for table in ("resource", "booking", "membership", "staff")]
    assert counts == [spaces, bookings, memberships, staff]
    assert _rows(spot, "outbox") == bookings + memberships + staff


async def test_it_serves_without_a_broker_and_ends_when_told(spot: Spot) -> None:
    await spot.run("migrate")
    await spot.run("load", str(LA_RUCHE_DEMO))
    async with spot.serving() as (child, address), spot.channel(address, PORTAL) as channel:
        listed = await PlaceServiceStub(channel).ListPlaces(place_pb.ListPlacesRequest())
        assert [place.name for place in listed.places] == ["La Ruche, le village"]
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 0


async def test_a_role_is_given_from_the_command_line(spot: Spot) -> None:
    await spot.run("migrate")
    arguments = ("grant-staff", "--person", SAM, "--role", "COMMUNITY_MANAGER")
    said = f"{SAM} is COMMUNITY_MANAGER at coworking@la-ruche\n"
    assert (await spot.run(*arguments))[:2] == (0, said)
    assert (await spot.run(*arguments))[:2] == (0, said)
    assert _rows(spot, "outbox") == 1
    async with spot.serving() as (_, address), spot.channel(address, PORTAL) as channel:
        token = spot.house.token(SAM, LA_RUCHE.structure, ["COMMUNITY_MANAGER"])
        request = door_pb.CheckCardRequest(card_code=spot.office.code(SAM))
        answered = await CheckInServiceStub(channel).CheckCard(request, metadata=channels.credentials(token))
        assert answered.person_id == SAM


@pytest.mark.parametrize(
    ("arguments", "change", "code", "why"),
    [
        (("serve",), {"GROUPEMENT_STRUCTURE": "La Ruche"}, 78, "GROUPEMENT_STRUCTURE"),
        (("serve",), {"GROUPEMENT_TLS_KEY": "/nowhere"}, 78, "GROUPEMENT_TLS_KEY"),
        (("serve",), {"GROUPEMENT_TIME_ZONE": "Europe/Nowhere"}, 78, "GROUPEMENT_TIME_ZONE"),
        (("serve",), {}, 1, "NOT_MIGRATED"),
        (("serve",), {"GROUPEMENT_DATABASE_URL": NOWHERE}, 1, "DATABASE_AWAY"),
        (("load", "/nowhere.toml"), {}, 1, "/nowhere.toml: No such file"),
        (("load", str(LA_RUCHE_DEMO)), {"GROUPEMENT_DATABASE_URL": NOWHERE}, 1, "DATABASE_AWAY"),
        (("migrate",), {"GROUPEMENT_DATABASE_URL": NOWHERE}, 1, "DATABASE_AWAY"),
        (("grant-staff", "--person", "sam", "--role", "ADMIN"), {}, 1, "PERSON_ID_MALFORMED"),
        (("grant-staff", "--person", SAM, "--role", "QUEEN"), {}, 1, "ROLE_UNKNOWN"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    spot: Spot, arguments: Sequence[str], change: dict[str, str], code: int, why: str
) -> None:
    ended, _, complaint = await spot.run(*arguments, **change)
    assert ended == code, complaint
    (last,) = complaint.strip().splitlines()
    assert last.startswith("coworking: ")
    assert why in last


PLACE = """[[places]]
place_id = "place_01990000000070008000000000000001"
name = "x"
address = "y"
opening_hours = [{ weekdays = [1, 2, 3, 4, 5, 6, 7], opens = "09:00", closes = "18:00" }]
"""
RESOURCE = """[[resources]]
resource_id = "resource_01990000000070008000000000000001"
place_id = "place_01990000000070008000000000000001"
name = "x"
kind = "DESK"
"""
BOOKING = """[[bookings]]
booking_id = "booking_01990000000070008000000000000001"
resource_id = "resource_01990000000070008000000000000001"
person_id = "person_01990000000070008000000000000001"
day = "today+1"
start = "06:00"
end = "07:00"
"""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("places = 1", "places"),
        ("[[", "not TOML"),
        (PLACE.replace("09:00", "9h"), "places.0.opening_hours.0.opens"),
        (PLACE.replace("09:00", "19:00"), "places.0.opening_hours"),
        (PLACE + 'colour = "red"', "places.0.colour"),
        (RESOURCE, "resources.0.place_id: There is no such place here. (UNKNOWN_PLACE)"),
        (PLACE + RESOURCE.replace("DESK", "SAUNA"), "resources.0.kind"),
        (PLACE + RESOURCE + BOOKING, "bookings.0.day: The place is not open all that time."),
    ],
)
async def test_a_file_that_makes_no_sense_brings_nothing_in(spot: Spot, content: str, why: str) -> None:
    await spot.run("migrate")
    file = spot.home / "installation.toml"
    file.write_text(content)
    code, _, complaint = await spot.run("load", str(file))
    assert code == 1
    (last,) = complaint.strip().splitlines()
    assert why in last
    assert [_rows(spot, table) for table in ("place", "resource", "booking", "outbox")] == [0, 0, 0, 0]


async def test_bookings_of_a_full_day_fall_on_the_next_that_is_free(spot: Spot) -> None:
    await spot.run("migrate")
    file = spot.home / "installation.toml"
    noon = BOOKING.replace("06:00", "12:00").replace("07:00", "13:00")
    other = noon.replace("booking_01990000000070008000000000000001", "booking_01990000000070008000000000000002")
    file.write_text(PLACE + RESOURCE + noon + other)
    code, said, complaint = await spot.run("load", str(file))
    assert (code, said) == (0, "loaded: 0 staff, 0 memberships, 1 places, 1 resources, 2 bookings\n"), complaint


async def test_a_killed_process_forgets_nothing_it_answered(spot: Spot) -> None:
    await spot.run("migrate")
    await spot.run("load", str(LA_RUCHE_DEMO))
    token = channels.credentials(spot.house.token(SAM, LA_RUCHE.structure, []))
    async with spot.serving() as (child, address), spot.channel(address, PORTAL) as channel:
        request = booking_pb.ListMyBookingsRequest(upcoming_only=True, page_size=1)
        (booking,) = (await BookingServiceStub(channel).ListMyBookings(request, metadata=token)).bookings
        cancelling = booking_pb.CancelBookingRequest(booking_id=booking.booking_id, request_id="once")
        first = await BookingServiceStub(channel).CancelBooking(cancelling, metadata=token)
        child.kill()
        await child.wait()
    async with spot.serving() as (_, address), spot.channel(address, PORTAL) as channel:
        assert await BookingServiceStub(channel).CancelBooking(cancelling, metadata=token) == first
