"""`python -m incubator`, as operators start it: with a broker, without one, misconfigured, and told to stop."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from broker import Broker, account, broker
from greeting import ISSUER, House
from groupement.incubator.v1 import call_service_pb2, programme_service_pb2
from groupement.incubator.v1.call_service_pb2_grpc import CallServiceStub
from groupement.incubator.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from incubating import INCUBATOR
from incubator_house import ADVISOR, PORTAL
from servicekit.bus.accounts import Registry
from servicekit.origin import GROUPEMENT
from servicekit.rpc import channels

DEMO = Path(__file__).parents[3] / "deploy" / "demo" / "incubator@inter-made.toml"
_PATIENCE = 60.0
_SHARED = {
    "inter-made.incubator.shared.membership.declared": 5,
    "inter-made.incubator.shared.membership.ended": 1,
    "inter-made.incubator.shared.staff_role.granted": 3,
}
_OWN = {
    "inter-made.incubator.own.application.submitted": 3,
    "inter-made.incubator.own.project.moved": 3,
    "inter-made.incubator.own.project.exited": 1,
}


@dataclass(frozen=True)
class Place:
    """Where one incubator's process finds what it needs."""

    home: Path
    house: House
    env: Mapping[str, str]

    async def run(self, *arguments: str, **change: str) -> tuple[int, str, str]:
        """Runs a verb to its end; gives the exit code and what was said on either side."""
        child = await asyncio.create_subprocess_exec(
            *_command(arguments),
            env={**self.env, **change},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(child.communicate(), _PATIENCE)
        return child.returncode or 0, out.decode(), err.decode()

    @asynccontextmanager
    async def serving(self, **change: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, channels.Channel]]:
        """A process that serves, and the portal's channel to it; killed if the block did not stop it."""
        with (self.home / "incubator.log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *_command(["serve"]), env={**self.env, **change}, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        try:
            assert child.stdout is not None
            ready = json.loads(await asyncio.wait_for(child.stdout.readline(), _PATIENCE))
            assert ready["instance"] == INCUBATOR.instance
            async with channels.channel(ready["listen"], INCUBATOR, self.house.tls(PORTAL)) as channel:
                yield child, channel
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A directory with a database to be, certificates and public keys."""
    house = House(tmp_path / "pki")
    tls = house.tls(INCUBATOR.instance)
    env = {
        "PATH": "/usr/bin:/bin",
        "GROUPEMENT_STRUCTURE": INCUBATOR.structure,
        "GROUPEMENT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/database.sqlite3",
        "GROUPEMENT_TLS_CA": str(tls.ca),
        "GROUPEMENT_TLS_CERT": str(tls.cert),
        "GROUPEMENT_TLS_KEY": str(tls.key),
        "GROUPEMENT_JWKS_FILE": str(house.jwks),
        "GROUPEMENT_ISSUER": ISSUER,
    }
    return Place(tmp_path, house, env)


@pytest.fixture
async def bus(tmp_path: Path, place: Place) -> AsyncIterator[Broker]:
    """A broker with the accounts of the groupement and of the incubator's structure."""
    registry = Registry(
        groupement=account(tmp_path, GROUPEMENT, kinds=("shared-identity", "portal")),
        structures=(account(tmp_path, INCUBATOR.structure, kinds=("incubator",)),),
    )
    async with broker(tmp_path, registry) as running:
        yield running


def _on(bus: Broker) -> dict[str, str]:
    return {
        "GROUPEMENT_BUS_URL": bus.url,
        "GROUPEMENT_BUS_SEED_FILE": str(bus.seed(INCUBATOR.structure, INCUBATOR.instance)),
    }


async def test_what_the_demo_says_reaches_those_it_is_for(place: Place, bus: Broker) -> None:
    assert (await place.run("migrate"))[0] == 0
    for _ in range(2):
        code, said, _ = await place.run("load", str(DEMO))
        assert code == 0, said
    async with place.serving(**_on(bus)) as (child, channel):
        listed = await ProgrammeServiceStub(channel).ListProgrammes(programme_service_pb2.ListProgrammesRequest())
        assert [programme.name for programme in listed.programmes] == ["Amorçage", "Couveuse", "Starter"]
        await _told(bus, INCUBATOR.structure, "EVENTS", {**_SHARED, **_OWN})
        await _told(bus, GROUPEMENT, "FEDERATION", _SHARED)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), _PATIENCE) == 0


async def test_what_was_decided_without_a_broker_is_told_after_a_kill(place: Place, bus: Broker) -> None:
    await place.run("migrate")
    await place.run("load", str(DEMO))
    async with place.serving() as (child, channel):
        options: dict[str, Any] = {"metadata": channels.credentials(_advisor(place))}
        calls = CallServiceStub(channel)
        request = call_service_pb2.AdmitApplicationRequest(
            application_id="application_01990000000070008000000000000003",
            cohort_id="cohort_01990000000070008000000000000002",
            request_id="admit-noor",
        )
        first = await calls.AdmitApplication(request, **options)
        child.kill()
    async with place.serving(**_on(bus)) as (_, channel):
        again = await CallServiceStub(channel).AdmitApplication(request, **options)
        assert again == first
        admitted = {"inter-made.incubator.own.application.admitted": 1}
        declared = {"inter-made.incubator.shared.membership.declared": 6}
        await _told(bus, INCUBATOR.structure, "EVENTS", {**_SHARED, **_OWN, **admitted, **declared})


async def test_a_role_is_given_from_the_command_line(place: Place) -> None:
    await place.run("migrate")
    arguments = ("grant-staff", "--person", ADVISOR, "--role", "ADVISOR")
    code, said, _ = await place.run(*arguments)
    assert (code, said) == (0, f"{ADVISOR} is ADVISOR at incubator@inter-made\n")
    assert (await place.run(*arguments))[0] == 0
    async with place.serving() as (_, channel):
        options: dict[str, Any] = {"metadata": channels.credentials(_advisor(place))}
        request = call_service_pb2.ListApplicationsRequest()
        assert not (await CallServiceStub(channel).ListApplications(request, **options)).applications


@pytest.mark.parametrize(
    ("arguments", "change", "code", "why"),
    [
        (("serve",), {"GROUPEMENT_STRUCTURE": "La Ruche"}, 78, "GROUPEMENT_STRUCTURE"),
        (("serve",), {"GROUPEMENT_TLS_KEY": "/nowhere"}, 78, "GROUPEMENT_TLS_KEY"),
        (("serve",), {"GROUPEMENT_TIME_ZONE": "Europe/Nowhere"}, 78, "GROUPEMENT_TIME_ZONE"),
        (("load", "/nowhere.toml"), {}, 1, "/nowhere.toml: No such file"),
        (("load", str(DEMO)), {"GROUPEMENT_DATABASE_URL": "postgresql+asyncpg://a@127.0.0.1:1/b"}, 1, "DATABASE_AWAY"),
        (("migrate",), {"GROUPEMENT_DATABASE_URL": "postgresql+asyncpg://a@127.0.0.1:1/b"}, 1, "DATABASE_AWAY"),
        (("grant-staff", "--person", "nadia", "--role", "ADMIN"), {}, 1, "PERSON_ID_MALFORMED"),
        (("grant-staff", "--person", ADVISOR, "--role", "QUEEN"), {}, 1, "ROLE_UNKNOWN"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    place: Place, arguments: Sequence[str], change: dict[str, str], code: int, why: str
) -> None:
    ended, _, complaint = await place.run(*arguments, **change)
    assert ended == code, complaint
    (last,) = complaint.strip().splitlines()
    assert last.startswith("incubator: ")
    assert why in last


async def test_an_address_that_is_not_ours_is_said_in_one_line(place: Place) -> None:
    await place.run("migrate")
    code, _, complaint = await place.run("serve", GROUPEMENT_LISTEN="192.0.2.1:1")
    assert code == 1
    assert complaint.strip().splitlines()[-1] == "incubator: cannot listen on 192.0.2.1:1"
    assert "Traceback" not in complaint


async def test_a_database_that_was_not_migrated_is_not_served(place: Place) -> None:
    code, _, complaint = await place.run("serve")
    assert code == 1
    assert "NOT_MIGRATED" in complaint


@pytest.mark.parametrize("arguments", [(), ("dance",), ("grant-staff", "--person", ADVISOR), ("load",)])
async def test_a_misused_command_line_exits_with_2(place: Place, arguments: Sequence[str]) -> None:
    code, _, complaint = await place.run(*arguments)
    assert code == 2
    assert complaint.startswith("usage: python -m incubator")


def _advisor(place: Place) -> str:
    return place.house.token(ADVISOR, INCUBATOR.structure, ["ADVISOR"])


async def _told(bus: Broker, structure: str, stream: str, expected: Mapping[str, int]) -> None:
    """Waits until a stream holds these facts and no others."""
    found: Mapping[str, int] = {}
    for _ in range(int(_PATIENCE * 10)):
        found = await bus.subjects(structure, stream)
        if found == expected:
            return
        await asyncio.sleep(0.1)
    assert found == expected


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "incubator", *arguments]
