"""Finding a nats-server recent enough: the one installed beside our Python, or any on PATH."""

import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

OLDEST = (2, 14, 4)
"""The first version whose durable sourcing works across accounts."""

_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


class ServerMissing(RuntimeError):
    """No nats-server recent enough was found."""


def find_server() -> Path:
    """The nats-server to run; raises ServerMissing when there is none, or only older ones."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = [Path(path) for path in (shutil.which(beside), shutil.which("nats-server")) if path]
    for path in found:
        if version(path) >= OLDEST:
            return path
    raise ServerMissing(f"nats-server {'.'.join(map(str, OLDEST))} or newer is needed; found {found or 'none'}")


def version(server: Path) -> tuple[int, ...]:
    """The version a nats-server says it is."""
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True, timeout=10)  # noqa: S603
    match = _VERSION.search(said.stdout)
    return tuple(int(part) for part in match.groups()) if match else (0, 0, 0)
