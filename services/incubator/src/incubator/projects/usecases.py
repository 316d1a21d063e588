"""What may be done with projects."""

from collections.abc import Sequence
from datetime import date, datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from incubator.programmes import usecases as programmes
from incubator.projects import storage, wire
from incubator.projects.domain import (
    Board,
    Exit,
    Holder,
    Project,
    ProjectWish,
    UnknownProject,
    board,
)


async def begin(work: Work, wish: ProjectWish, *, project_id: str, now: datetime, today: date) -> Project:
    """Takes a project into a cohort, at the first stage, and declares its holders INCUBATED from today.

    Raises UnknownCohort, or CohortFull when no place is left.
    """
    cohort = await programmes.take_seat(work, wish.cohort_id)
    programme = await programmes.programme(work, cohort.programme_id)
    project = Project(
        project_id=project_id,
        programme_id=cohort.programme_id,
        cohort_id=cohort.cohort_id,
        name=wish.name,
        pitch=wish.pitch,
        holders=tuple(Holder(person=person, membership_id=new_id("membership")) for person in wish.people),
        stage_id=programme.stages[0].stage_id,
        stage_at=now,
        began_on=today,
        exit=None,
        version=1,
    )
    await storage.add(work, project)
    for holder in project.holders:
        work.announce(wire.membership_declared(project, holder, at=now))
    return project


async def project(work: Work, project_id: str) -> Project:
    """One project; raises UnknownProject."""
    return _known(await storage.project(work, project_id))


async def project_carried_by(work: Work, project_id: str, person_id: str) -> Project:
    """One project, for one of its holders; for others it is as if it did not exist (raises UnknownProject)."""
    found = await project(work, project_id)
    if not found.is_carried_by(person_id):
        raise UnknownProject(field="project_id")
    return found


async def projects_carried_by(
    work: Work, person_id: str, *, after: tuple[date, str] | None, most: int
) -> Sequence[Project]:
    """The projects a person carries, newest first, after a (day it began, id)."""
    return await storage.projects_carried_by(work, person_id, after=after, most=most)


async def cohort_board(work: Work, cohort_id: str, *, show_exited: bool) -> Board:
    """Who is where in a cohort; raises UnknownCohort."""
    cohort = await programmes.cohort(work, cohort_id)
    programme = await programmes.programme(work, cohort.programme_id)
    found = await storage.projects_of_cohort(work, cohort_id, exited_too=show_exited)
    return board(cohort, programme, found)


async def move(work: Work, project_id: str, stage_id: str, *, etag: str, now: datetime) -> Project:
    """Moves a project to another stage of its programme.

    Raises UnknownProject, UnknownStage, PROJECT_EXITED or StaleEtag.
    """
    held = _known(await storage.project_for_update(work, project_id))
    programme = await programmes.programme(work, held.programme_id)
    moved = held.move(programme.stage(stage_id), etag=etag, at=now)
    if moved is not held:
        await storage.save(work, moved)
        work.announce(wire.project_moved(moved, at=now))
    return moved


async def leave(work: Work, project_id: str, leaving: Exit, *, etag: str, now: datetime, today: date) -> Project:
    """Records that a project left: its place is free, its holders' membership ends that day.

    Raises UnknownProject, PROJECT_EXITED, StaleEtag, ExitInFuture or ExitBeforeBeginning.
    """
    held = _known(await storage.project_for_update(work, project_id))
    left = held.leave(leaving, etag=etag, today=today)
    await programmes.free_seat(work, left.cohort_id)
    await storage.save(work, left)
    work.announce(wire.project_exited(left, leaving, at=now))
    for holder in left.holders:
        work.announce(wire.membership_ended(holder, leaving, at=now))
    return left


def _known(found: Project | None) -> Project:
    if found is None:
        raise UnknownProject(field="project_id")
    return found
