"""shared-identity on the command line: serve, migrate, load, keys."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog
import uvloop
from servicekit import logs
from servicekit.arguments import FAILED, MISCONFIGURED
from servicekit.clock import utc_now
from servicekit.forgetting import begin_forgetting
from servicekit.refusals import Refusal
from servicekit.settings import SettingRefused
from servicekit.sql import Database
from servicekit.sql.migrations import upgrade

from shared_identity import keys
from shared_identity.assembly import instance
from shared_identity.codes import Codes
from shared_identity.config import KIND, Settings, settings
from shared_identity.load import load
from shared_identity.passwords import Passwords
from shared_identity.schema import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"

Verb = Callable[[Settings, argparse.Namespace], Awaitable[str]]
log = structlog.get_logger(__name__)


async def _serve(config: Settings, _: argparse.Namespace) -> str:
    await asyncio.to_thread(keys.complete, config.keys_dir, utc_now())
    db = Database(config.instance.database_url, origin=config.instance.origin)
    made, let_go = instance(config, db, utc_now)
    try:
        await begin_forgetting(db, utc_now)
        await made.run()
    finally:
        let_go()
    return ""


async def _migrate(config: Settings, _: argparse.Namespace) -> str:
    ran = await upgrade(config.instance.database_url, MIGRATIONS, METADATA)
    made = await asyncio.to_thread(keys.make, config.keys_dir, utc_now())
    return f"migrated: {', '.join(ran) or 'nothing to do'}; keys made: {', '.join(made) or 'none'}"


async def _load(config: Settings, arguments: argparse.Namespace) -> str:
    codes = Codes(keys.read(config.keys_dir).codes)
    db = Database(config.instance.database_url, origin=config.instance.origin)
    passwords = Passwords()
    try:
        changed = await load(db, arguments.file, arguments.passwords, passwords, codes=codes, now=utc_now())
    finally:
        passwords.close()
        await db.close()
    return "loaded" if changed else "loaded: nothing new"


async def _keys(config: Settings, arguments: argparse.Namespace) -> str:
    make = keys.rotate if arguments.rotate else keys.make
    made = await asyncio.to_thread(make, config.keys_dir, utc_now())
    return f"keys made: {', '.join(made) or 'none'}"


def _arguments(written: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m shared_identity", description="What the groupement shares.")
    verbs = parser.add_subparsers(required=True, metavar="serve | migrate | load | keys")
    verbs.add_parser("serve", help="answer until told to stop").set_defaults(verb=_serve)
    verbs.add_parser("migrate", help="bring the database up to date, make missing keys").set_defaults(verb=_migrate)
    loading = verbs.add_parser("load", help="bring in what a file holds and the database does not")
    loading.add_argument("file", type=Path)
    loading.add_argument("--passwords", type=Path, help='JSON file: {"e-mail": "password"}')
    loading.set_defaults(verb=_load)
    making = verbs.add_parser("keys", help="make missing keys and write the public ones")
    making.add_argument("--rotate", action="store_true", help="add new keys, which sign from the next start on")
    making.set_defaults(verb=_keys)
    return parser.parse_args(written)


def main(written: Sequence[str] | None = None) -> int:
    """Does what the command line says; gives the exit code. What goes wrong is one line on standard error."""
    arguments = _arguments(written)
    try:
        config = settings()
        logs.configure(instance=config.instance.origin.instance, level=config.instance.log_level)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            said = runner.run(arguments.verb(config, arguments))
    except SettingRefused as refusal:
        return _complain(str(refusal), MISCONFIGURED)
    except Refusal as refusal:
        where = f"{refusal.field}: " if refusal.field else ""
        return _complain(f"{where}{refusal.message} ({refusal.reason})", FAILED)
    except OSError as error:
        return _complain(str(error), FAILED)
    except Exception:
        log.exception("crashed")
        return FAILED
    if said:
        sys.stdout.write(f"{said}\n")
    return 0


def _complain(why: str, code: int) -> int:
    sys.stderr.write(f"{KIND}: {why}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
