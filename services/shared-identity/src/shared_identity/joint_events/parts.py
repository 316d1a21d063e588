"""What a joint event is made of: organisers, sessions, challenges, questions, the arrangement between organisers."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from shared_identity.joint_events.refused import ChoicesMissing, EndsBeforeItStarts

FEWEST_CHOICES, MOST_CHOICES = 2, 20
FEWEST_DAYS_KEPT = 9
"""A door closes within two days of the end, and phones that were offline are heard for a week more."""

TELL_AFTER = timedelta(minutes=5)
"""How long after an event got another time or place it is told, unless configured otherwise."""


class State(StrEnum):
    """How far an event has come."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class Role(StrEnum):
    """The part an organiser takes."""

    LEAD = "LEAD"
    CO_ORGANISER = "CO_ORGANISER"
    HOST_VENUE = "HOST_VENUE"
    PARTNER = "PARTNER"


class Access(IntEnum):
    """What may be done; each includes those below it. The numbers are those of the contract."""

    NONE = 1
    DOOR = 2
    OWN_REGISTRANTS = 3
    MANAGE = 4


class Format(StrEnum):
    """What kind of moment a session is."""

    PLENARY = "PLENARY"
    TALK = "TALK"
    WORKSHOP = "WORKSHOP"
    CLOSING = "CLOSING"
    SOCIAL = "SOCIAL"


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "TEXT"
    CHOICE = "CHOICE"
    CHOICES = "CHOICES"
    YES_NO = "YES_NO"


@dataclass(frozen=True, kw_only=True, slots=True)
class Venue:
    """Where an event takes place."""

    name: str = ""
    address: str = ""
    directions: str = ""
    accessibility: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What an event says of itself."""

    slug: str
    title: str
    summary: str
    description: str
    starts_at: datetime
    ends_at: datetime
    venue: Venue

    def __post_init__(self) -> None:
        """Raises EndsBeforeItStarts."""
        if self.ends_at <= self.starts_at:
            raise EndsBeforeItStarts(field="end_time")


@dataclass(frozen=True, kw_only=True, slots=True)
class Organiser:
    """A structure by its slug, or a partner ("" for a structure); `approvals` are the versions it approved."""

    organiser_id: str = ""
    structure: str = ""
    name: str
    website: str = ""
    role: Role
    shown: bool
    access: Access
    approvals: frozenset[int] = field(default_factory=frozenset)

    @property
    def key(self) -> str:
        """Its identifier."""
        return self.organiser_id

    @property
    def sees_registrants(self) -> bool:
        """Whether it decides with the others about the people registered, and must approve how (RGPD art. 26)."""
        return self.access >= Access.OWN_REGISTRANTS

    def known_as(self, organiser_id: str) -> "Organiser":
        """The same, identified."""
        return replace(self, organiser_id=organiser_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Delegate:
    """Somebody who acts for an organiser, by the address they were invited at."""

    delegate_id: str
    event_id: str
    organiser_id: str
    email: str
    access: Access


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """A question the event works on."""

    challenge_id: str = ""
    title: str
    description: str = ""
    position: int = 0

    @property
    def key(self) -> str:
        """Its identifier."""
        return self.challenge_id

    def known_as(self, challenge_id: str) -> "Challenge":
        """The same, identified."""
        return replace(self, challenge_id=challenge_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A part of the event, from `starts_at` until `ends_at`, excluded; it has seats of its own when it is `chosen`."""

    session_id: str = ""
    title: str
    description: str = ""
    format: Format
    starts_at: datetime
    ends_at: datetime
    room: str = ""
    challenge_id: str = ""
    speakers: str = ""
    chosen: bool = False

    def __post_init__(self) -> None:
        """Raises EndsBeforeItStarts."""
        if self.ends_at <= self.starts_at:
            raise EndsBeforeItStarts(field="session.end_time")

    @property
    def key(self) -> str:
        """Its identifier."""
        return self.session_id

    def known_as(self, session_id: str) -> "Session":
        """The same, identified."""
        return replace(self, session_id=session_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Asked at registration: of everybody, or of those who chose one session."""

    question_id: str = ""
    label: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    required: bool = False
    session_id: str = ""
    position: int = 0

    def __post_init__(self) -> None:
        """Raises ChoicesMissing."""
        if not self.by_choices:
            return
        enough = FEWEST_CHOICES <= len(self.choices) <= MOST_CHOICES
        if not enough or len(set(self.choices)) < len(self.choices):
            raise ChoicesMissing(field="question.choices")

    @property
    def by_choices(self) -> bool:
        """Whether it is answered by choosing."""
        return self.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)

    @property
    def key(self) -> str:
        """Its identifier."""
        return self.question_id

    def known_as(self, question_id: str) -> "Question":
        """The same, identified."""
        return replace(self, question_id=question_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """An obligation of the joint controllers, and who answers for it; `name` as the organiser was called then."""

    title: str
    organiser_id: str
    terms: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """How the organisers share their duties towards the people registered (RGPD art. 26), one version of it."""

    version: int = 0
    outline: str
    duties: tuple[Duty, ...]
    contact: str
    retention_days: int
    proposed_at: datetime

    @property
    def days_kept(self) -> int:
        """How many days after the event what was registered is kept: never fewer than doors need to tell who came."""
        return max(self.retention_days, FEWEST_DAYS_KEPT)

    def burdens(self, organiser_id: str) -> bool:
        """Whether a duty falls to this organiser."""
        return any(duty.organiser_id == organiser_id for duty in self.duties)
