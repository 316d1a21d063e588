"""A whole house for a journey: real processes, a real broker, a real browser; started once, then lived in."""

import asyncio
import email
import email.policy
import json
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from groupement_cli import house as houses
from groupement_cli import plan
from groupement_cli.home import Home, open_home, write_private
from groupement_cli.house import House
from groupement_cli.supervisor import Running
from listeners import Integration
from playwright.async_api import Browser, async_playwright, expect
from ports import free_port
from servicekit.origin import Origin

expect.set_options(timeout=30_000)  # several houses and browsers may share two cores
_CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PLACE_ID = "place_01990000000070008000000900000001"
RESOURCE_ID = "resource_01990000000070008000000900000001"
OPEN_ALL_NIGHT = f"""
[[places]]
place_id = "{PLACE_ID}"
name = "Le village de nuit"
address = "Adresse inventée"
time_zone = "Europe/Paris"
opening_hours = [{{ weekdays = [1, 2, 3, 4, 5, 6, 7], opens = "00:00", closes = "24:00" }}]
accessibility = {{}}

[[resources]]
resource_id = "{RESOURCE_ID}"
place_id = "{PLACE_ID}"
name = "Table de nuit"
kind = "NOMAD_SEAT"
units = 3
capacity = 1
half_day_cents = 900
accessibility = {{}}
"""
"""A place that is open whenever a test happens to run."""
_LINK = re.compile(r"https?://\S+")
T = TypeVar("T")


@dataclass
class Journey:
    """A house that stands, and what a test does to it from outside."""

    house: House

    @property
    def home(self) -> Home:
        return self.house.home

    @property
    def portal(self) -> str:
        return self.house.addresses.portal_url

    @property
    def bus_url(self) -> str:
        return f"tls://{self.house.addresses.bus}"

    def process(self, name: str) -> Running:
        """A process by its name: `shared-identity@groupement`, `nats-server`."""
        return next(one for one in self.house.supervisor.running if one.process.name == name)

    def address(self, instance: str) -> str:
        return self.house.addresses.instances[Origin.parse(instance)]

    def password(self, address: str) -> str:
        """A demo account's password, made at random when the house was first started."""
        return str(json.loads(self.home.accounts.read_text())[address])

    def note_password(self, address: str, password: str) -> None:
        """Keeps the password that a demo account has from now on: others sign in with it as well."""
        accounts = json.loads(self.home.accounts.read_text()) | {address: password}
        write_private(self.home.accounts, json.dumps(accounts))

    async def load(self, instance: str, written: str) -> None:
        """Load more installation data (TOML) into an instance, as its operator would."""
        origin = Origin.parse(instance)
        file = self.home.root / f"more-{instance}.toml"
        file.write_text(written)
        env = plan.instance_env(self.home, self.house.addresses, origin)
        await houses.run_verbs(origin, (("load", str(file)),), env, self.home.log(instance))

    async def link_mailed_to(self, address: str, *, containing: str, seconds: float = 20) -> str:
        """The link of the newest mail to an address that holds `containing`; waits for it to arrive."""

        async def find() -> str | None:
            for path in sorted(self.home.mail.glob("*.eml"), reverse=True):
                links = _links(path, address)
                found = next((link for link in links if containing in link), None)
                if found is not None:
                    return found
            return None

        return await eventually(find, seconds=seconds, what=f"a mail to {address} with {containing}")

    async def mailed_to(self, address: str, *, containing: str) -> str | None:
        """The newest mail to an address whose text holds `containing`, if there is one."""
        said = (_text(path, address) for path in sorted(self.home.mail.glob("*.eml"), reverse=True))
        return next((text for text in said if containing in text), None)

    def integration(self, account: str, name: str) -> Integration:
        """A listener with the key made for it before the house was started."""
        seed = self.home.seed(account, name)
        return Integration(account=account, name=name, url=self.bus_url, seed=seed, authority=self.home.pki / "ca.pem")


@asynccontextmanager
async def standing(
    folder: Path, *, integrations: tuple[tuple[str, str], ...] = (), databases: Mapping[str, str] | None = None
) -> AsyncIterator[Journey]:
    """A house with its demo on free ports; nothing begins again by itself, so that a kill stays a kill.

    `databases` gives instances a PostgreSQL database instead of a file.
    """
    home = open_home(folder)
    if databases:
        lines = (f'"{instance}" = "{url}"' for instance, url in databases.items())
        write_private(home.databases, "\n".join(("[databases]", *lines)))
    entries = (f'[[integrations]]\naccount = "{account}"\nname = "{name}"\n' for account, name in integrations)
    write_private(home.integrations, "\n".join(entries))
    said: list[str] = []
    house = await houses.prepare(home, free_port(side_by_side=2), said.append)
    try:
        await houses.start(house, said.append)
        yield Journey(house)
    finally:
        await house.supervisor.stop()


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Headless Chromium, the one installed on this machine."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path is not None, "chromium is missing: `make setup` installs it, or says how"
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=list(_CHROMIUM_FLAGS))
        yield opened
        await opened.close()


async def eventually(ask: Callable[[], Awaitable[T | None]], *, seconds: float, what: str) -> T:
    """The first answer that is not None (nor False); fails in words when none comes in time."""
    limit = time.monotonic() + seconds
    while True:
        answer = await ask()
        if answer is not None and answer is not False:
            return answer
        assert time.monotonic() < limit, f"{what}: not within {seconds:.0f} s"
        await asyncio.sleep(0.2)


def _links(path: Path, address: str) -> list[str]:
    return [link.rstrip(".,)>") for link in _LINK.findall(_text(path, address))]


def _text(path: Path, address: str) -> str:
    """The subject and the words of a mail, nothing when it went to somebody else."""
    recipient, text = _read(path)
    return text if recipient == address else ""


@cache
def _read(path: Path) -> tuple[str, str]:
    """To whom a mail went, and what it says."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    said = body.get_content() if body is not None else ""
    return message["To"].addresses[0].addr_spec, f"{message['Subject']}\n{said}"
