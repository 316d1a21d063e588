"""The command line every service understands: serve, migrate, load FILE, grant-staff."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop

from servicekit import logs
from servicekit.refusals import Refusal
from servicekit.settings import InstanceSettings, SettingRefused

FAILED, MISUSED, MISCONFIGURED = 1, 2, 78
"""Exit codes: something was refused; the command line was (argparse); a setting was (sysexits.h, EX_CONFIG)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Verbs:
    """What a service does for each verb: `migrate` gives its database its tables, `load` reads installation data."""

    serve: Callable[[InstanceSettings], Awaitable[None]]
    migrate: Callable[[InstanceSettings], Awaitable[None]]
    load: Callable[[InstanceSettings, Path], Awaitable[None]]
    grant_staff: Callable[[InstanceSettings, str, str], Awaitable[None]]
    """Takes the person's id and the role."""


def main(kind: str, verbs: Verbs, arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says, on uvloop; gives the exit code. What is refused is one line on stderr."""
    asked = _parser(kind).parse_args(arguments)
    try:
        settings = InstanceSettings.read(kind)
        logs.configure(instance=settings.origin.instance, level=settings.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_do(verbs, settings, asked))
    except SettingRefused as refusal:
        sys.stderr.write(f"{kind}: {refusal}\n")
        return MISCONFIGURED
    except Refusal as refusal:
        where = f"{refusal.field}: " if refusal.field else ""
        sys.stderr.write(f"{kind}: {where}{refusal.message} ({refusal.reason})\n")
        return FAILED
    except OSError as error:
        sys.stderr.write(f"{kind}: {error}\n")
        return FAILED
    except Exception:
        log.exception("crashed")
        return FAILED
    return 0


async def _do(verbs: Verbs, settings: InstanceSettings, asked: argparse.Namespace) -> None:
    if asked.verb == "serve":
        await verbs.serve(settings)
    elif asked.verb == "migrate":
        await verbs.migrate(settings)
    elif asked.verb == "load":
        await verbs.load(settings, asked.file)
    else:
        await verbs.grant_staff(settings, asked.person, asked.role)


def _parser(kind: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {kind.replace('-', '_')}")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("serve", help="serve until told to stop")
    verbs.add_parser("migrate", help="bring the database's tables up to date")
    load = verbs.add_parser("load", help="read installation data (TOML); a second time changes nothing")
    load.add_argument("file", type=Path)
    grant = verbs.add_parser("grant-staff", help="give a person a role in this instance's staff record")
    grant.add_argument("--person", required=True)
    grant.add_argument("--role", required=True)
    return parser
