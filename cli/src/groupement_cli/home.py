"""The data directory of one copy of the house: where everything lies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servicekit.origin import Origin

from groupement_cli.exits import CONFLICT, MISSING, Trouble


@dataclass(frozen=True, kw_only=True)
class Home:
    """`GROUPEMENT_HOME`, and the name of each thing in it."""

    root: Path

    @property
    def registry(self) -> Path:
        """Who is in the groupement and what each structure runs."""
        return self.root / "groupement.toml"

    @property
    def pki(self) -> Path:
        """The local authority and the certificate of each instance."""
        return self.root / "pki"

    @property
    def keys(self) -> Path:
        """The keys that sign tokens and cards, and their public halves in `jwks.json`."""
        return self.root / "keys"

    @property
    def jwks(self) -> Path:
        """What every service checks tokens and cards with."""
        return self.keys / "jwks.json"

    @property
    def cookie_key(self) -> Path:
        """What the portal encrypts its sessions with."""
        return self.keys / "cookie.key"

    @property
    def clients(self) -> Path:
        """The clients of the OpenID provider."""
        return self.root / "clients.toml"

    @property
    def nats_config(self) -> Path:
        """Written from the registry at each start."""
        return self.root / "nats" / "nats-server.conf"

    @property
    def nats_store(self) -> Path:
        """The streams."""
        return self.root / "nats" / "store"

    @property
    def mail(self) -> Path:
        """Where the local catcher leaves what would have been sent."""
        return self.root / "mail"

    @property
    def accounts(self) -> Path:
        """The demo's accounts and their passwords, made at random at the first start."""
        return self.root / "accounts.json"

    @property
    def integrations(self) -> Path:
        """Who else listens to the bus, one entry a key."""
        return self.root / "integrations.toml"

    @property
    def run(self) -> Path:
        """What runs where, while it runs."""
        return self.root / "run.json"

    def seed(self, account: str, user: str) -> Path:
        """The seed of one user of one account of the bus."""
        return self.root / "nkeys" / f"{account}.{user}.nk"

    def instance(self, origin: Origin) -> Path:
        """The folder of one instance."""
        return self.root / origin.instance

    def database(self, origin: Origin) -> Path:
        """Its database, where it is a file."""
        return self.instance(origin) / "database.sqlite3"

    @property
    def databases(self) -> Path:
        """The instances whose data lies in PostgreSQL, and their databases' addresses."""
        return self.root / "databases.toml"

    def log(self, name: str) -> Path:
        """What a process said, one JSON object a line."""
        return self.root / name / "log.jsonl"

    def demo_loaded(self, origin: Origin) -> Path:
        """There once the demo of that instance was loaded."""
        return self.instance(origin) / "demo-loaded"


def open_home(root: Path) -> Home:
    """The data directory, made if need be; a Trouble when it cannot be written."""
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o750)
        probe = root / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise Trouble(f"{root} cannot be written: {reason}; name another with GROUPEMENT_HOME", code=MISSING) from None
    return Home(root=root.resolve())


@contextmanager
def sole_user(home: Home) -> Iterator[None]:
    """Hold the data directory; a Trouble when another copy runs on it."""
    handle = os.open(home.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Trouble(f"already running on {home.root}; see `groupement status`", code=CONFLICT) from None
        yield
    finally:
        os.close(handle)


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file at once, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    fresh.replace(path)
