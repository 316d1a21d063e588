"""The file that `load` reads: what an incubator begins with, its days counted from today ("today-30")."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from servicekit.refusals import Invalid

_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,4}))?")


class InstallationRefused(Invalid):
    """The file cannot be loaded; the message is one line that says where and why."""


def _day(written: object, info: ValidationInfo) -> object:
    """A day counted from today; what is no such thing is left to the next check."""
    match = _RELATIVE.fullmatch(written) if isinstance(written, str) else None
    if match is None or not isinstance(info.context, Mapping):
        return written
    sign, days = match.groups()
    today: date = info.context["today"]
    return today + timedelta(days=int(f"{sign}{days}") if days else 0)


Day = Annotated[date, BeforeValidator(_day)]
PersonId = Annotated[str, Field(pattern="^person_[0-9a-f]{32}$")]
ProgrammeId = Annotated[str, Field(pattern="^programme_[0-9a-f]{32}$")]
CohortId = Annotated[str, Field(pattern="^cohort_[0-9a-f]{32}$")]
ProjectId = Annotated[str, Field(pattern="^project_[0-9a-f]{32}$")]
ApplicationId = Annotated[str, Field(pattern="^application_[0-9a-f]{32}$")]


class Entry(BaseModel):
    """One table of the file; a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StaffEntry(Entry):
    """A person and the role they hold."""

    person_id: PersonId
    role: str


class ProgrammeEntry(Entry):
    """A programme and its stages in order."""

    programme_id: ProgrammeId
    name: str
    description: str
    duration_months: int
    stages: list[str]


class CohortEntry(Entry):
    """A cohort of a programme."""

    cohort_id: CohortId
    programme_id: ProgrammeId
    name: str
    first_day: Day
    last_day: Day
    capacity: int


class HolderEntry(Entry):
    """Somebody who carries a project."""

    person_id: PersonId
    name: str
    email: str


class ExitEntry(Entry):
    """Why a project left, and its last day."""

    reason: str
    day: Day


class ProjectEntry(Entry):
    """A project of a cohort, the stage it stands at (from one) and since when; its exit, if it left."""

    project_id: ProjectId
    cohort_id: CohortId
    name: str
    pitch: str
    admitted: Day
    stage: int = Field(default=1, ge=1)
    stage_since: Day | None = None
    holders: list[HolderEntry]
    exit: ExitEntry | None = None


class ApplicationEntry(Entry):
    """An application that awaits its decision."""

    application_id: ApplicationId
    programme_id: ProgrammeId
    person_id: PersonId
    applicant_name: str
    email: str
    phone: str = ""
    project_name: str
    pitch: str
    sent: Day


class Installation(Entry):
    """All that a file holds."""

    staff: list[StaffEntry] = []
    programmes: list[ProgrammeEntry] = []
    cohorts: list[CohortEntry] = []
    projects: list[ProjectEntry] = []
    applications: list[ApplicationEntry] = []


def read_installation(path: Path, *, today: date) -> Installation:
    """The content of a file, its days counted from `today`; raises InstallationRefused."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return Installation.model_validate(written, context={"today": today})
    except OSError as error:
        raise InstallationRefused(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise InstallationRefused(f"{path}: {_first_fault(error)}") from error
    except ValueError as error:
        raise InstallationRefused(f"{path}: not TOML: {error}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
