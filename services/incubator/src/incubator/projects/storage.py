"""Projects and their holders as rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from servicekit.sql import Work
from sqlalchemy import (
    Row,
    Select,
    insert,
    select,
    tuple_,
    update,
)

from incubator.projects.domain import Exit, ExitReason, Holder, Person, Project, ProjectState
from incubator.tables import holder as holder_table
from incubator.tables import project as project_table


async def add(work: Work, project: Project) -> None:
    """Keeps a new project and its holders."""
    await work.execute(insert(project_table), _row(project))
    await work.execute(insert(holder_table), [*_holder_rows(project)])


async def save(work: Work, project: Project) -> None:
    """Keeps what changed of a project; its holders do not change."""
    changed = update(project_table).where(project_table.c.project_id == project.project_id)
    await work.execute(changed.values(_changing(project)))


async def project(work: Work, project_id: str) -> Project | None:
    """One project with its holders."""
    return await _one(work, select(project_table).where(project_table.c.project_id == project_id))


async def project_for_update(work: Work, project_id: str) -> Project | None:
    """One project, held so that nobody else changes it before this work ends."""
    held = select(project_table).where(project_table.c.project_id == project_id)
    return await _one(work, held.with_for_update())


async def projects_of_cohort(work: Work, cohort_id: str, *, exited_too: bool) -> Sequence[Project]:
    """The projects of a cohort, those that left only when asked for."""
    listed = select(project_table).where(project_table.c.cohort_id == cohort_id)
    if not exited_too:
        listed = listed.where(project_table.c.state == ProjectState.ACTIVE)
    return await _with_holders(work, listed)


async def projects_carried_by(
    work: Work, person_id: str, *, after: tuple[date, str] | None, most: int
) -> Sequence[Project]:
    """The projects a person carries, newest first."""
    key = tuple_(project_table.c.began_on, project_table.c.project_id)
    listed = (
        select(project_table)
        .join(holder_table, holder_table.c.project_id == project_table.c.project_id)
        .where(holder_table.c.person_id == person_id)
        .order_by(*(column.desc() for column in key))
        .limit(most)
    )
    return await _with_holders(work, listed if after is None else listed.where(key < after))


async def _one(work: Work, wanted: Select[Any]) -> Project | None:
    found = await _with_holders(work, wanted)
    return found[0] if found else None


async def _with_holders(work: Work, wanted: Select[Any]) -> Sequence[Project]:
    rows = (await work.execute(wanted)).all()
    holders = await _holders(work, [row.project_id for row in rows])
    return [_project(row, holders[row.project_id]) for row in rows]


async def _holders(work: Work, project_ids: Sequence[str]) -> Mapping[str, Sequence[Holder]]:
    found: defaultdict[str, list[Holder]] = defaultdict(list)
    if project_ids:
        listed = select(holder_table).where(holder_table.c.project_id.in_(project_ids))
        for row in await work.execute(listed.order_by(holder_table.c.project_id, holder_table.c.position)):
            found[row.project_id].append(_holder(row))
    return found


def _row(project: Project) -> dict[str, object]:
    return {
        "project_id": project.project_id,
        "programme_id": project.programme_id,
        "cohort_id": project.cohort_id,
        "name": project.name,
        "pitch": project.pitch,
        "began_on": project.began_on,
        **_changing(project),
    }


def _changing(project: Project) -> dict[str, object]:
    return {
        "stage_id": project.stage_id,
        "stage_at": project.stage_at,
        "state": project.state,
        "exit_reason": project.exit.reason if project.exit else None,
        "exited_on": project.exit.on if project.exit else None,
        "version": project.version,
    }


def _holder_rows(project: Project) -> list[dict[str, object]]:
    return [
        {
            "project_id": project.project_id,
            "person_id": holder.person.person_id,
            "position": position,
            "name": holder.person.name,
            "email": holder.person.email,
            "membership_id": holder.membership_id,
        }
        for position, holder in enumerate(project.holders, start=1)
    ]


def _project(row: Row[Any], holders: Sequence[Holder]) -> Project:
    left = None if row.exited_on is None else Exit(reason=ExitReason(row.exit_reason), on=row.exited_on)
    return Project(
        project_id=row.project_id,
        programme_id=row.programme_id,
        cohort_id=row.cohort_id,
        name=row.name,
        pitch=row.pitch,
        holders=tuple(holders),
        stage_id=row.stage_id,
        stage_at=row.stage_at,
        began_on=row.began_on,
        exit=left,
        version=row.version,
    )


def _holder(row: Row[Any]) -> Holder:
    person = Person(person_id=row.person_id, name=row.name, email=row.email)
    return Holder(person=person, membership_id=row.membership_id)
