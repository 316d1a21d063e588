"""`python -m bench`: measures every row on both engines and writes docs/performance.md.

`--quick` measures so little that the figures mean nothing: it shows that the bench runs. `--only` takes some of the
rows (`doors commands registering relaying hearing catching_up pages directory`) and prints instead of writing.
"""

import argparse
import logging
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import ModuleType

import asyncpg
import structlog
import uvloop

from bench import catching_up, commands, directory, doors, hearing, machine, pages, registering, relaying, report
from bench.figures import Figure, Row
from bench.house import ENGINES, FULL, QUICK, Plan, ground, postgres

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
_PARTS: Mapping[str, ModuleType] = {
    "doors": doors,
    "commands": commands,
    "registering": registering,
    "relaying": relaying,
    "hearing": hearing,
    "catching_up": catching_up,
    "pages": pages,
    "directory": directory,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, then writes the page; gives the exit code: a goal missed is a result, not a failure."""
    given = _parsed(arguments)
    _hush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    plan = QUICK if given.quick else FULL
    began, when = monotonic(), datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="groupement-bench-") as made:
        folder = Path(made)
        with postgres(folder) as server:
            rows, described = uvloop.run(_measure(given.only, folder, server, plan))
    command = "python -m bench --quick" if given.quick else "make bench"
    text = report.page(rows, machine=described, when=when, lasted=monotonic() - began, command=command)
    if given.output:
        given.output.write_text(text)
        _say(f"written: {given.output}")
    else:
        sys.stdout.write(text)
    return 0


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures, as ratios to each limit.")
    parser.add_argument("--quick", action="store_true", help="measure so little that only its running is shown")
    parser.add_argument("--only", nargs="+", choices=list(_PARTS), default=list(_PARTS), help="some of the rows")
    parser.add_argument("--output", type=Path, help="the page to write (docs/performance.md for a whole run)")
    given = parser.parse_args(arguments)
    if given.output is None and not given.quick and given.only == list(_PARTS):
        given.output = PAGE
    return given


async def _measure(names: Sequence[str], folder: Path, server: str, plan: Plan) -> tuple[Sequence[Row], Sequence[str]]:
    described = list(machine.lines(folder, await _postgres_version(server)))
    measured: dict[str, dict[str, dict[str, Figure]]] = {name: {} for name in names}
    for name in names:
        for engine in ENGINES:
            began = monotonic()
            async with ground(engine, folder / name, server, plan) as here:
                measured[name][engine] = await _PARTS[name].measure(here)
            _say(f"{name} on {engine}: {monotonic() - began:.1f} s")
    rows = [row for name in names for row in report.merged(_PARTS[name].rows(), measured[name])]
    return rows, described


async def _postgres_version(server: str) -> str:
    connection = await asyncpg.connect(server)
    try:
        version: str = (await connection.fetchval("SHOW server_version")).split()[0]
    finally:
        await connection.close()
    return version


def _hush() -> None:
    """Connections made and lost on purpose are no news here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("asyncio").setLevel(logging.ERROR)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
