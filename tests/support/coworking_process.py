"""`python -m coworking` for tests: where it finds what it needs, how it is started, and what the bus heard of it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from broker import Broker
from cards import CardOffice
from greeting import ISSUER, House
from servicekit.origin import Origin
from servicekit.rpc import channels

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where one coworking's process finds what it needs."""

    origin: Origin
    home: Path
    house: House
    office: CardOffice
    env: Mapping[str, str]

    async def run(self, *arguments: str, **change: str) -> tuple[int, str, str]:
        """Runs a verb to its end; gives the exit code and what was said on either side."""
        child = await asyncio.create_subprocess_exec(
            *_command(arguments),
            env={**self.env, **change},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(child.communicate(), PATIENCE)
        return child.returncode or 0, out.decode(), err.decode()

    @asynccontextmanager
    async def serving(self, **change: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
        """A process that serves, and its address; killed if the block did not stop it."""
        with (self.home / "coworking.log").open("ab") as log:
            child = await asyncio.create_subprocess_exec(
                *_command(["serve"]), env={**self.env, **change}, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        try:
            assert child.stdout is not None
            ready = json.loads(await asyncio.wait_for(child.stdout.readline(), PATIENCE))
            assert ready["instance"] == self.origin.instance
            yield child, ready["listen"]
        finally:
            if child.returncode is None:
                child.kill()
            await child.wait()

    def channel(self, address: str, peer: str) -> channels.Channel:
        """The channel by which a peer calls the process."""
        return channels.channel(address, self.origin, self.house.tls(peer))

    def on(self, bus: Broker) -> dict[str, str]:
        """The variables that let the process use a broker."""
        seed = bus.seed(self.origin.structure, self.origin.instance)
        return {"GROUPEMENT_BUS_URL": bus.url, "GROUPEMENT_BUS_SEED_FILE": str(seed)}


def a_spot(home: Path, origin: Origin) -> Spot:
    """A directory with a database to be, certificates and public keys."""
    house = House(home / "pki")
    tls = house.tls(origin.instance)
    office = CardOffice(house.jwks)
    office.publish(house.key)
    env = {
        "PATH": "/usr/bin:/bin",
        "GROUPEMENT_STRUCTURE": origin.structure,
        "GROUPEMENT_DATABASE_URL": f"sqlite+aiosqlite:///{home}/database.sqlite3",
        "GROUPEMENT_TLS_CA": str(tls.ca),
        "GROUPEMENT_TLS_CERT": str(tls.cert),
        "GROUPEMENT_TLS_KEY": str(tls.key),
        "GROUPEMENT_JWKS_FILE": str(house.jwks),
        "GROUPEMENT_ISSUER": ISSUER,
    }
    return Spot(origin=origin, home=home, house=house, office=office, env=env)


async def told(bus: Broker, structure: str, stream: str, expected: Mapping[str, int]) -> None:
    """Waits until a stream holds these facts and no others."""
    found: Mapping[str, int] = {}
    for _ in range(int(PATIENCE * 10)):
        found = await bus.subjects(structure, stream)
        if found == expected:
            return
        await asyncio.sleep(0.1)
    assert found == expected


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "coworking", *arguments]
