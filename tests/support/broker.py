"""A real nats-server for tests: a free port of 127.0.0.1, a generated configuration, nkeys, TLS.

pytest_plugins are not needed: `from broker import Broker, house` and make your own fixture of it.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from servicekit import pki
from servicekit.bus.accounts import Account, Consumer, Instance, Integration, Owner, Registry
from servicekit.bus.binary import find_server
from servicekit.bus.connection import Bus, BusSettings, connect
from servicekit.bus.keys import make_key
from servicekit.bus.provision import provision
from servicekit.bus.server_config import Server, ServerTls, render
from servicekit.origin import GROUPEMENT, Origin

_START_SECONDS = 60


@dataclass(kw_only=True)
class Broker:
    """One server and the keys of everyone in its registry. Its store outlives `kill` and `stop`."""

    home: Path
    registry: Registry
    tls: ServerTls
    changed: Callable[[str], str] = str
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens; the port stays the same across restarts."""
        return f"tls://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The authority that signed its certificate."""
        return self.home / "pki" / "ca.pem"

    def seed(self, structure: str, user: str) -> Path:
        """The seed file of a user of an account."""
        return seed_file(self.home, structure, user)

    def settings(self, structure: str, user: str = "owner", *, patience: float = 10.0) -> BusSettings:
        """How that user connects."""
        return BusSettings(
            url=self.url,
            user=user,
            seed_file=self.seed(structure, user),
            ca=self.ca,
            domain=self.registry.domain,
            patience=patience,
        )

    def instance(self, instance: str, *, patience: float = 10.0) -> BusSettings:
        """How an instance connects: `instance("coworking@south")`."""
        return self.settings(Origin.parse(instance).structure, instance, patience=patience)

    @asynccontextmanager
    async def connected(self, structure: str, user: str = "owner") -> AsyncIterator[Bus]:
        """A connection as that user, closed afterwards."""
        bus = await connect(self.settings(structure, user))
        try:
            yield bus
        finally:
            await bus.close()

    @asynccontextmanager
    async def owner_bus(self, account: Account) -> AsyncIterator[Bus]:
        """A connection with an account's owner key, as `provision` wants it."""
        async with self.connected(account.structure) as bus:
            yield bus

    async def publish(self, instance: str, subject: str, *bodies: bytes) -> None:
        """Has an instance say something, and waits until it is on disk."""
        async with self.connected(Origin.parse(instance).structure, instance) as bus:
            for body in bodies:
                await bus.client.request(subject, body, timeout=5)

    async def subjects(self, structure: str, stream: str) -> dict[str, int]:
        """The subjects in a stream of an account, and how many messages each has."""
        async with self.connected(structure) as bus:
            state = (await bus.call(f"STREAM.INFO.{stream}", {"subjects_filter": ">"}))["state"]
            assert isinstance(state, dict)
            return dict(state.get("subjects") or {})

    async def arrived(
        self, structure: str, subject: str, count: int = 1, *, stream: str = "FEDERATION", within: float = 60
    ) -> None:
        """Returns once a stream of an account holds so many messages of that subject."""
        async with asyncio.timeout(within), self.connected(structure) as bus:
            state: object = {}
            while not isinstance(state, dict) or (state.get("subjects") or {}).get(subject, 0) < count:
                await asyncio.sleep(0.05)
                state = (await bus.call(f"STREAM.INFO.{stream}", {"subjects_filter": ">"}))["state"]

    def start(self) -> None:
        """Starts the server, or starts it again on the same port and the same store."""
        ports = self.home / "ports"
        for old in ports.glob("*.ports"):
            old.unlink()
        ports.mkdir(exist_ok=True)
        path = self._write_config()
        command = [str(find_server()), "-c", str(path), "--ports_file_dir", str(ports)]
        with (self.home / "nats-server.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def reload(self) -> None:
        """Has the running server read its configuration again."""
        assert self.process is not None
        self._write_config()
        self.process.send_signal(signal.SIGHUP)

    def _write_config(self) -> Path:
        path = self.home / "nats-server.conf"
        path.write_text(self.changed(self.config()))
        return path

    def config(self) -> str:
        """The configuration our generator writes for this server."""
        server = Server(store=self.home / "store", tls=self.tls, port=self.port or -1)
        return render(server, self.registry)

    async def listening(self) -> None:
        """Returns once it accepts connections."""
        async with asyncio.timeout(_START_SECONDS):
            while not await self._accepts():
                assert self.process is not None and self.process.poll() is None, self.log()
                await asyncio.sleep(0.02)

    async def _accepts(self) -> bool:
        if self.port == 0 and not self._read_port():
            return False
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def _read_port(self) -> bool:
        written = list((self.home / "ports").glob("*.ports"))
        if written and (text := written[0].read_text()):
            self.port = int(text.split("127.0.0.1:")[1].split('"')[0])
        return self.port != 0

    def kill(self) -> None:
        """SIGKILL: what a power cut looks like to its clients."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)
            self.process.wait(timeout=_START_SECONDS)

    def log(self) -> str:
        """What the server wrote."""
        return (self.home / "nats-server.log").read_text()


def inserted(text: str, account: str, where: str, *lines: str) -> str:
    """A configuration with lines added at the head of an account's `users`, `exports` or `imports`: for controls."""
    before, block, after = text.partition(f"  {account} {{\n")
    inside, opening, rest = after.partition(f"    {where}: [\n")
    assert block and opening, f"{account} has no {where}"
    return before + block + inside + opening + "".join(f"      {line}\n" for line in lines) + rest


def seed_file(home: Path, structure: str, user: str) -> Path:
    """Where a user's seed is kept."""
    return home / "nkeys" / f"{structure}.{user}.nk"


def account(
    home: Path,
    structure: str,
    *,
    kinds: Sequence[str] = (),
    integrations: dict[str, tuple[Consumer, ...]] | None = None,
) -> Account:
    """An account with fresh keys: an owner, an instance of each kind, the integrations named."""

    def key(user: str) -> str:
        return make_key(seed_file(home, structure, user))

    origins = [Origin(structure=structure, kind=kind) for kind in kinds]
    return Account(
        structure=structure,
        owner=Owner(nkey=key("owner")),
        instances=tuple(Instance(origin=origin, nkey=key(origin.instance)) for origin in origins),
        integrations=tuple(
            Integration(name=name, nkey=key(name), consumers=consumers)
            for name, consumers in (integrations or {}).items()
        ),
    )


def house(home: Path) -> Registry:
    """Two structures and the groupement; the south has an integration that reads its bookings and joint events."""
    calendar = (
        Consumer(stream="EVENTS", name="calendar", filters=("south.coworking.own.booking.>",)),
        Consumer(stream="FEDERATION", name="calendar", filters=("groupement.*.all.joint_event.>",)),
    )
    return Registry(
        groupement=account(home, GROUPEMENT, kinds=("shared-identity", "portal")),
        structures=(
            account(home, "north", kinds=("incubator", "coworking", "bakery")),
            account(home, "south", kinds=("coworking", "bakery"), integrations={"calendar": calendar}),
        ),
    )


@asynccontextmanager
async def broker(
    home: Path, registry: Registry, *, changed: Callable[[str], str] = str, provisioned: bool = True
) -> AsyncIterator[Broker]:
    """A running server, provisioned from the registry; `changed` spoils the generated configuration for a control."""
    running = Broker(home=home, registry=registry, changed=changed, tls=server_tls(home))
    running.start()
    async with AsyncExitStack() as stack:
        stack.callback(running.stop)
        await running.listening()
        if provisioned:
            await provision(registry, running.owner_bus)
        yield running


def server_tls(home: Path) -> ServerTls:
    """A certificate for the server, by an authority of its own."""
    directory = home / "pki"
    authority = pki.make_authority(directory)
    made = pki.issue(directory, Origin(structure=GROUPEMENT, kind="bus"), hosts=pki.LOCAL_HOSTS)
    return ServerTls(certificate=made.cert, key=made.key, authority=authority)
