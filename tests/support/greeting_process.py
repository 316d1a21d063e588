"""A whole service for tests, as a service's `__main__` is written: it greets, tells, hears and reminds."""

import sys
from pathlib import Path
from typing import Any

from bakery import METADATA, LoafBaked, baked, put_on_shelf, shelf
from greeting import Greetings, pb, pb_grpc
from servicekit.arguments import Verbs, main
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import utc_now
from servicekit.process import Instance
from servicekit.refusals import Invalid
from servicekit.rpc.commands import Commands
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.settings import InstanceSettings
from servicekit.sql import Database, Due, Work
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine


class FileUnreadable(Invalid):
    """The file to load cannot be read."""


class Door(Greetings):
    """Each greeting left is told, and reminded of at once."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._command = Commands(db)

    async def LeaveGreeting(self, request: Any, context: Any) -> Any:
        async with self._command(request, context) as work:
            work.announce(baked(request.text))
            work.schedule(Due(kind="reminder", key=request.text, at=utc_now()))
            return work.answer(pb.LeaveGreetingResponse(number=1))


async def remind(work: Work, due: Due) -> None:
    await work.execute(insert(shelf), {"fact_id": "reminder", "loaf_id": due.key, "version": 0, "grams": 0})


async def serve(settings: InstanceSettings) -> None:
    db = Database(settings.database_url, origin=settings.origin)
    await Instance(
        settings=settings,
        db=db,
        services=[(pb_grpc.add_GreetingServiceServicer_to_server, Door(db))],
        staff=StaffRoles(db),
        subscriptions=[Subscription(stream="EVENTS", message_type=LoafBaked, handler=put_on_shelf)],
        due={"reminder": remind},
    ).run()


async def migrate(settings: InstanceSettings) -> None:
    engine = create_async_engine(settings.database_url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()


async def load(settings: InstanceSettings, file: Path) -> None:
    raise FileUnreadable(field=str(file))


async def grant_staff(settings: InstanceSettings, person_id: str, role: str) -> None:
    raise RuntimeError(f"{person_id} must not be seen in what is logged")


if __name__ == "__main__":
    verbs = Verbs(serve=serve, migrate=migrate, load=load, grant_staff=grant_staff)
    sys.exit(main("bakery", verbs))
