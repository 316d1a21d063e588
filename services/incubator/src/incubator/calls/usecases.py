"""What may be done with applications."""

from collections.abc import Sequence
from datetime import date, datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from incubator.calls import storage, wire
from incubator.calls.domain import (
    AlreadyApplied,
    Application,
    ApplicationState,
    ApplicationWish,
    CohortOfAnotherProgramme,
    UnknownApplication,
    submit,
)
from incubator.programmes import usecases as programmes
from incubator.projects import usecases as projects
from incubator.projects.domain import Person, Project, ProjectWish

Key = tuple[datetime, str]


async def send(work: Work, wish: ApplicationWish, *, application_id: str, person_id: str, now: datetime) -> Application:
    """Receives an application; raises UnknownProgramme, or AlreadyApplied while another awaits its decision."""
    await programmes.programme(work, wish.programme_id)
    application = submit(wish, application_id=application_id, person_id=person_id, at=now)
    if not await storage.add_if_none_open(work, application):
        raise AlreadyApplied(field="programme_id")
    work.announce(wire.application_submitted(application, at=now))
    return application


async def withdraw(work: Work, application_id: str, *, person_id: str, now: datetime) -> Application:
    """Takes one's own application back; raises UnknownApplication (also to others) or AlreadyDecided."""
    held = await _held(work, application_id)
    if held.person_id != person_id:
        raise UnknownApplication(field="application_id")
    withdrawn = held.withdraw(at=now)
    await storage.save(work, withdrawn)
    work.announce(wire.application_withdrawn(withdrawn, at=now))
    return withdrawn


async def admit(
    work: Work, application_id: str, cohort_id: str, *, etag: str, now: datetime, today: date
) -> tuple[Application, Project]:
    """Admits an application to a cohort: it becomes a project there, its applicant is INCUBATED from today.

    Raises UnknownApplication, StaleEtag, AlreadyDecided, UnknownCohort, CohortOfAnotherProgramme or CohortFull.
    """
    held = await _held(work, application_id)
    held.check_open(etag)
    cohort = await programmes.cohort(work, cohort_id)
    if cohort.programme_id != held.programme_id:
        raise CohortOfAnotherProgramme(field="cohort_id")
    project = await projects.begin(
        work, _project_wish(held, cohort_id), project_id=new_id("project"), now=now, today=today
    )
    admitted = held.admit(project.project_id, at=now)
    await storage.save(work, admitted)
    work.announce(wire.application_admitted(admitted, project, at=now))
    return admitted, project


async def decline(work: Work, application_id: str, *, etag: str, now: datetime) -> Application:
    """Declines an application; raises UnknownApplication, StaleEtag or AlreadyDecided."""
    held = await _held(work, application_id)
    held.check_open(etag)
    declined = held.decline(at=now)
    await storage.save(work, declined)
    work.announce(wire.application_declined(declined, at=now))
    return declined


async def application(work: Work, application_id: str) -> Application:
    """One application; raises UnknownApplication."""
    return _known(await storage.application(work, application_id))


async def applications_of(work: Work, person_id: str, *, after: Key | None, most: int) -> Sequence[Application]:
    """The applications of a person, newest first, after a (sent, id)."""
    return await storage.applications_of(work, person_id, after=after, most=most)


async def applications(
    work: Work, *, state: ApplicationState | None, after: Key | None, most: int
) -> Sequence[Application]:
    """Applications, in one state or all, oldest first, after a (sent, id)."""
    return await storage.applications(work, state=state, after=after, most=most)


async def _held(work: Work, application_id: str) -> Application:
    return _known(await storage.application_for_update(work, application_id))


def _known(found: Application | None) -> Application:
    if found is None:
        raise UnknownApplication(field="application_id")
    return found


def _project_wish(admitted: Application, cohort_id: str) -> ProjectWish:
    applicant = Person(person_id=admitted.person_id, name=admitted.applicant_name, email=admitted.email)
    return ProjectWish(cohort_id=cohort_id, name=admitted.project_name, pitch=admitted.pitch, people=[applicant])
