"""Bringing the house up and down, one step after the other."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from servicekit.clock import utc_now
from servicekit.origin import Origin

from groupement_cli import bus, demo, plan
from groupement_cli.addresses import Addresses, choose
from groupement_cli.exits import FAILED, Trouble
from groupement_cli.home import Home, write_private
from groupement_cli.keys import make_keys
from groupement_cli.registry import MODULES, SHARED_IDENTITY, Registry, read_registry
from groupement_cli.supervisor import Supervisor
from groupement_cli.together import all_of

Say = Callable[[str], None]
_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True)
class House:
    """A house that stands: where everything is, and the hand that holds it."""

    home: Home
    registry: Registry
    addresses: Addresses
    supervisor: Supervisor

    def note(self) -> None:
        """Write down what runs where, for `status`, `doctor` and `facts`."""
        processes = [
            {"name": one.process.name, "pid": one.pid, "address": one.process.address}
            for one in self.supervisor.running
        ]
        metrics = {origin.instance: address for origin, address in self.addresses.metrics.items()}
        noted = {
            "pid": os.getpid(),
            "start_time": utc_now().isoformat(),
            "portal": f"http://{self.addresses.portal}",
            "portal_url": self.addresses.portal_url,
            "issuer": self.addresses.issuer,
            "bus": f"tls://{self.addresses.bus}",
            "processes": processes,
            "metrics": metrics,
        }
        write_private(self.home.run, json.dumps(noted, indent=2))


@asynccontextmanager
async def standing(home: Home, port: int, say: Say, *, with_demo: bool = True) -> AsyncIterator[House]:
    """A house with every process up and serving; all are stopped at the end, however it comes.

    Raises Trouble when something cannot be had (a port, a file, a program) or does not come up.
    """
    house = await prepare(home, port, say, with_demo=with_demo)
    try:
        await start(house, say)
        yield house
    finally:
        await house.supervisor.stop()
        home.run.unlink(missing_ok=True)


async def prepare(home: Home, port: int, say: Say, *, with_demo: bool = True) -> House:
    """Everything that must lie ready before a process starts: files, keys, databases, demo."""
    demo.lay_out(home)
    registry = read_registry(home.registry)
    portal_url, issuer = os.environ.get("GROUPEMENT_PORTAL_URL", ""), os.environ.get("GROUPEMENT_ISSUER", "")
    addresses = choose(port, registry.instances, portal_url=portal_url, issuer=issuer)
    demo.write_clients(home, portal_url=addresses.portal_url)
    say("keys and certificates")
    await asyncio.to_thread(make_keys, home, registry)
    bus.write_config(home, registry, port=_port(addresses.bus))
    say("databases" + (" and demo" if with_demo else ""))
    await _ready_databases(home, registry, addresses, with_demo=with_demo)
    supervisor = Supervisor(home.log, say)
    return House(home=home, registry=registry, addresses=addresses, supervisor=supervisor)


async def start(house: House, say: Say) -> None:
    """Start every process: the broker and its streams first, then the services, then the portal."""
    broker, mail, *rest = plan.processes(house.home, house.registry, house.addresses)
    say("bus")
    await house.supervisor.start(broker)
    await bus.provision_bus(house.home, house.registry, f"tls://{house.addresses.bus}")
    say("services")
    await all_of([house.supervisor.start(process) for process in (mail, *rest)])
    house.note()


async def _ready_databases(home: Home, registry: Registry, addresses: Addresses, *, with_demo: bool) -> None:
    """Migrate each database, then load what it has not loaded yet; a few at once."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ready(origin: Origin) -> None:
        async with gate:
            home.instance(origin).mkdir(parents=True, exist_ok=True, mode=0o750)
            env = plan.instance_env(home, addresses, origin)
            loads = [("load", *arguments) for arguments in _loads(home, origin, with_demo=with_demo)]
            await run_verbs(origin, (("migrate",), *loads), env, home.log(origin.instance))
            if with_demo:
                home.demo_loaded(origin).touch()

    await all_of([ready(origin) for origin in registry.instances])


def _loads(home: Home, origin: Origin, *, with_demo: bool) -> Sequence[tuple[str, ...]]:
    """What an instance loads: shared-identity the registry at each start, each its demo once."""
    loads: list[tuple[str, ...]] = [(str(home.registry),)] if origin == SHARED_IDENTITY else []
    file = demo.demo_file(origin)
    if with_demo and file is not None and not home.demo_loaded(origin).exists():
        passwords = ("--passwords", str(home.accounts)) if origin == SHARED_IDENTITY else ()
        loads.append((str(file), *passwords))
    return loads


async def run_verbs(origin: Origin, verbs: Sequence[tuple[str, ...]], env: dict[str, str], log: Path) -> None:
    """Run verbs of a service, each after the other; a Trouble with its last line when one fails."""
    asked = [word for verb in verbs for word in ("--", *verb)][1:]
    child = await asyncio.create_subprocess_exec(
        *(plan.python(), "-m", "groupement_cli.verbs", MODULES[origin.kind], *asked),
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await child.communicate()
    except asyncio.CancelledError:
        child.terminate()
        await child.wait()
        raise
    with log.open("ab") as file:
        file.write(said)
    if child.returncode:
        last = (said.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise Trouble(f"{origin.instance} could not get ready: {last} ({log})", code=FAILED)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
