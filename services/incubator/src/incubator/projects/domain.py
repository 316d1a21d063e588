"""Projects, those who carry them, and what may happen to them on their path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from servicekit.etags import check_etag
from servicekit.fields import check_email, check_text
from servicekit.refusals import Conflict, Invalid, NotFound

from incubator.programmes.domain import Cohort, Programme, Stage

LONGEST_NAME = 120
LONGEST_PITCH = 4000


class UnknownProject(NotFound):
    """There is no such project."""


class ProjectAlreadyExited(Conflict):
    """This project has already left its programme."""

    reason = "PROJECT_EXITED"


class ExitInFuture(Invalid):
    """An exit is recorded when it has happened, not before."""


class ExitBeforeBeginning(Invalid):
    """A project cannot leave before the day it was admitted."""


class HolderMissing(Invalid):
    """A project needs somebody to carry it."""


class HolderRepeated(Invalid):
    """The same person is named twice among those who carry this project."""


class ProjectState(StrEnum):
    """Whether the structure still accompanies a project."""

    ACTIVE = "ACTIVE"
    EXITED = "EXITED"


class ExitReason(StrEnum):
    """Why a project left."""

    COMPLETED = "COMPLETED"
    ABANDONED = "ABANDONED"
    REDIRECTED = "REDIRECTED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody, as the structure itself knows them."""

    person_id: str
    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Somebody who carries a project, and the membership the structure declared for it."""

    person: Person
    membership_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exit:
    """Why a project left, and its last day."""

    reason: ExitReason
    on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What holders bring and the structure incubates, since the day it was admitted."""

    project_id: str
    programme_id: str
    cohort_id: str
    name: str
    pitch: str
    holders: Sequence[Holder]
    stage_id: str
    stage_at: datetime
    began_on: date
    exit: Exit | None
    version: int

    @property
    def state(self) -> ProjectState:
        """Whether it is still accompanied."""
        return ProjectState.ACTIVE if self.exit is None else ProjectState.EXITED

    def is_carried_by(self, person_id: str) -> bool:
        """Whether that person is one of its holders."""
        return any(holder.person.person_id == person_id for holder in self.holders)

    def move(self, stage: Stage, *, etag: str, at: datetime) -> "Project":
        """The project at another stage; itself when it stands there already. Raises StaleEtag or PROJECT_EXITED."""
        self._check_open(etag)
        if stage.stage_id == self.stage_id:
            return self
        return replace(self, stage_id=stage.stage_id, stage_at=at, version=self.version + 1)

    def leave(self, leaving: Exit, *, etag: str, today: date) -> "Project":
        """The project as it left; raises StaleEtag, PROJECT_EXITED, ExitInFuture or ExitBeforeBeginning."""
        self._check_open(etag)
        if leaving.on > today:
            raise ExitInFuture(field="exit_date", today=today.isoformat())
        if leaving.on < self.began_on:
            raise ExitBeforeBeginning(field="exit_date", began=self.began_on.isoformat())
        return replace(self, exit=leaving, version=self.version + 1)

    def _check_open(self, etag: str) -> None:
        check_etag(etag, self.version)
        if self.exit is not None:
            raise ProjectAlreadyExited(exit_date=self.exit.on.isoformat())


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectWish:
    """A project to be taken in; raises Invalid naming the field at fault."""

    cohort_id: str
    name: str
    pitch: str
    people: Sequence[Person]

    def __post_init__(self) -> None:
        check_text("project_name", self.name, most=LONGEST_NAME)
        check_text("pitch", self.pitch, most=LONGEST_PITCH)
        if not self.people:
            raise HolderMissing(field="holders")
        for position, person in enumerate(self.people):
            check_text(f"holders[{position}].name", person.name, most=LONGEST_NAME)
            check_email(f"holders[{position}].email", person.email)
            if any(person.person_id == other.person_id for other in self.people[:position]):
                raise HolderRepeated(field=f"holders[{position}].person_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """Who is where: a cohort's stages in order with the projects at each, and those who left."""

    cohort: Cohort
    programme: Programme
    columns: Sequence[tuple[Stage, Sequence[Project]]]
    exited: Sequence[Project]


def board(cohort: Cohort, programme: Programme, projects: Iterable[Project]) -> Board:
    """The board of a cohort: the longest waiting first at each stage, the latest to leave first among the others."""
    active: dict[str, list[Project]] = {stage.stage_id: [] for stage in programme.stages}
    exited: list[tuple[date, Project]] = []
    for project in projects:
        if project.exit is None:
            active[project.stage_id].append(project)
        else:
            exited.append((project.exit.on, project))
    for waiting in active.values():
        waiting.sort(key=lambda project: (project.stage_at, project.project_id))
    exited.sort(key=lambda left: (left[0], left[1].project_id), reverse=True)
    return Board(
        cohort=cohort,
        programme=programme,
        columns=[(stage, active[stage.stage_id]) for stage in programme.stages],
        exited=[project for _, project in exited],
    )
