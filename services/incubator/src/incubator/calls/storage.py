"""Applications as rows."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from servicekit.sql import Work, insert_if_absent
from sqlalchemy import (
    Row,
    select,
    tuple_,
    update,
)

from incubator.calls.domain import Application, ApplicationState
from incubator.tables import application as application_table

_CHANGING = ("state", "project_id", "decided_at", "version")
_key = tuple_(application_table.c.submitted_at, application_table.c.application_id)


async def add_if_none_open(work: Work, application: Application) -> bool:
    """Keeps a new application, unless the database holds an open one of that person to that programme."""
    return bool(await insert_if_absent(work, application_table, asdict(application)))


async def save(work: Work, application: Application) -> None:
    """Keeps what changed of an application."""
    changed = update(application_table).where(application_table.c.application_id == application.application_id)
    await work.execute(changed.values({name: getattr(application, name) for name in _CHANGING}))


async def application(work: Work, application_id: str) -> Application | None:
    """One application."""
    wanted = select(application_table).where(application_table.c.application_id == application_id)
    row = (await work.execute(wanted)).first()
    return None if row is None else _application(row)


async def application_for_update(work: Work, application_id: str) -> Application | None:
    """One application, held so that nobody else decides it before this work ends."""
    wanted = select(application_table).where(application_table.c.application_id == application_id)
    row = (await work.execute(wanted.with_for_update())).first()
    return None if row is None else _application(row)


async def applications_of(
    work: Work, person_id: str, *, after: tuple[datetime, str] | None, most: int
) -> Sequence[Application]:
    """The applications of a person, newest first."""
    listed = select(application_table).where(application_table.c.person_id == person_id)
    listed = listed.order_by(*(column.desc() for column in _key)).limit(most)
    rows = await work.execute(listed if after is None else listed.where(_key < after))
    return [_application(row) for row in rows]


async def applications(
    work: Work, *, state: ApplicationState | None, after: tuple[datetime, str] | None, most: int
) -> Sequence[Application]:
    """Applications, in one state or all, oldest first."""
    listed = select(application_table).order_by(*_key).limit(most)
    if state is not None:
        listed = listed.where(application_table.c.state == state)
    rows = await work.execute(listed if after is None else listed.where(_key > after))
    return [_application(row) for row in rows]


def _application(row: Row[Any]) -> Application:
    return Application(**{**row._mapping, "state": ApplicationState(row.state)})
