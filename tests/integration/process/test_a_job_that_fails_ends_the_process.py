"""An instance whose parts do not all run is not left half alive."""

import asyncio
from pathlib import Path

import pytest
from greeting import ISSUER, Greetings, House, pb, pb_grpc
from servicekit.origin import Origin
from servicekit.process import Instance
from servicekit.refusals import Unavailable
from servicekit.rpc.channels import channel
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.settings import InstanceSettings
from servicekit.sql import Database

ORIGIN = Origin(structure="la-place", kind="coworking")


class Broken(Exception):
    """A job could not go on."""


async def test_a_job_that_fails_takes_the_server_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house, failing = House(tmp_path), asyncio.Event()
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/database.sqlite3", origin=ORIGIN)

    async def job() -> None:
        await failing.wait()
        raise Broken

    instance = Instance(
        settings=_settings(house),
        db=db,
        services=[(pb_grpc.add_GreetingServiceServicer_to_server, Greetings())],
        staff=StaffRoles(db),
        beside=[job],
    )
    running = asyncio.create_task(instance.run())
    async with asyncio.timeout(20):
        while not (line := capsys.readouterr().out):  # noqa: ASYNC110 - it is said on standard output
            await asyncio.sleep(0.05)
    address = line.split('"listen": "')[1].split('"')[0]
    async with channel(address, ORIGIN, house.tls("portal@la-place")) as opened:
        stub = pb_grpc.GreetingServiceStub(opened)
        assert (await stub.Greet(pb.GreetRequest(wish="hello"))).wish == "hello"
        failing.set()
        with pytest.raises(ExceptionGroup) as ended:
            await asyncio.wait_for(running, 20)
        assert ended.group_contains(Broken)
        with pytest.raises(Unavailable):
            await stub.Greet(pb.GreetRequest(wish="hello"), timeout=1)


def _settings(house: House) -> InstanceSettings:
    return InstanceSettings(
        origin=ORIGIN,
        tls=house.tls(ORIGIN.instance),
        database_url="",
        listen="127.0.0.1:0",
        metrics_listen="127.0.0.1:0",
        bus_url="",
        bus_seed_file=None,
        jwks_file=house.jwks,
        issuer=ISSUER,
        shared_identity_address="",
        log_level="INFO",
    )
