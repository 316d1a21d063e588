"""The machine and the versions a run was made with."""

import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psutil
from servicekit.bus.binary import find_server

_LIBRARIES = (
    "grpcio",
    "protobuf",
    "SQLAlchemy",
    "aiosqlite",
    "asyncpg",
    "nats-py",
    "cryptography",
    "joserfc",
    "uvloop",
)


def lines(folder: Path, postgres: str) -> Iterator[str]:
    """What to know of the machine, a line each; `postgres` is what its server says of itself."""
    memory = psutil.virtual_memory().total / 2**30
    yield f"{os.cpu_count()} cores, {_processor()}; {memory:.0f} GiB of memory"
    yield f"{platform.system()} {platform.release()}; files on {_filesystem(folder)}"
    yield f"load average over the last minute when it began: {os.getloadavg()[0]:.1f}"
    yield f"Python {sys.version.split()[0]}, SQLite {_sqlite()}, PostgreSQL {postgres}, {_nats()}"
    yield ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _filesystem(folder: Path) -> str:
    partitions = sorted(psutil.disk_partitions(all=True), key=lambda each: -len(each.mountpoint))
    return next((each.fstype for each in partitions if folder.is_relative_to(each.mountpoint)), "an unknown filesystem")


def _sqlite() -> str:
    return sqlite3.sqlite_version


def _nats() -> str:
    said = subprocess.run([str(find_server()), "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip().replace(": v", " ")
