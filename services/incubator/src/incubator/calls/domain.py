"""Applications to a programme and how they are decided."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from servicekit.etags import check_etag
from servicekit.fields import check_email, check_phone, check_text
from servicekit.refusals import Conflict, Invalid, NotFound

LONGEST_NAME = 120
LONGEST_PITCH = 4000


class UnknownApplication(NotFound):
    """There is no such application."""


class AlreadyApplied(Conflict):
    """Another application of yours to this programme awaits its decision."""


class AlreadyDecided(Conflict):
    """This application has already been decided, or taken back."""


class CohortOfAnotherProgramme(Invalid):
    """This cohort goes through another programme than the one applied to."""


class ApplicationState(StrEnum):
    """How far an application has come."""

    SUBMITTED = "SUBMITTED"
    ADMITTED = "ADMITTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationWish:
    """An application as it is sent; raises Invalid naming the field at fault."""

    programme_id: str
    applicant_name: str
    email: str
    phone: str
    project_name: str
    pitch: str

    def __post_init__(self) -> None:
        check_text("applicant_name", self.applicant_name, most=LONGEST_NAME)
        check_email("email", self.email)
        check_phone("phone", self.phone)
        check_text("project_name", self.project_name, most=LONGEST_NAME)
        check_text("pitch", self.pitch, most=LONGEST_PITCH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """A request to enter a programme, with the structure's own copy of name and contact."""

    application_id: str
    programme_id: str
    person_id: str
    applicant_name: str
    email: str
    phone: str
    project_name: str
    pitch: str
    state: ApplicationState
    project_id: str | None
    submitted_at: datetime
    decided_at: datetime | None
    version: int

    def check_open(self, etag: str = "") -> None:
        """Refuse to decide it when it changed since it was read (StaleEtag) or is decided (AlreadyDecided)."""
        check_etag(etag, self.version)
        if self.state is not ApplicationState.SUBMITTED:
            raise AlreadyDecided(state=self.state)

    def admit(self, project_id: str, *, at: datetime) -> "Application":
        """The application as it became a project; raises AlreadyDecided."""
        self.check_open()
        return replace(self._decide(ApplicationState.ADMITTED, at), project_id=project_id)

    def decline(self, *, at: datetime) -> "Application":
        """The application as it was declined; raises AlreadyDecided."""
        self.check_open()
        return self._decide(ApplicationState.DECLINED, at)

    def withdraw(self, *, at: datetime) -> "Application":
        """The application as its applicant took it back; raises AlreadyDecided."""
        self.check_open()
        return self._decide(ApplicationState.WITHDRAWN, at)

    def _decide(self, state: ApplicationState, at: datetime) -> "Application":
        return replace(self, state=state, decided_at=at, version=self.version + 1)


def submit(wish: ApplicationWish, *, application_id: str, person_id: str, at: datetime) -> Application:
    """An application as it comes in."""
    return Application(
        application_id=application_id,
        programme_id=wish.programme_id,
        person_id=person_id,
        applicant_name=wish.applicant_name,
        email=wish.email,
        phone=wish.phone,
        project_name=wish.project_name,
        pitch=wish.pitch,
        state=ApplicationState.SUBMITTED,
        project_id=None,
        submitted_at=at,
        decided_at=None,
        version=1,
    )
