"""Registrations: who has a seat, who waits for one, who was offered one; how each becomes what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from servicekit.fields import EmailMalformed, check_email, check_text, one_line, paragraphs

from shared_identity.joint_events.parts import TELL_AFTER
from shared_identity.people.domain import MalformedEmail, email_address
from shared_identity.registrations.refused import NoSeat, NotLapsed, NotWaiting, OfferLapsed
from shared_identity.seats.domain import Claims

LOCALES = ("fr", "en")
NEEDS_KEPT = timedelta(days=7)
"""How long after an event access needs and diet are kept."""

_MOST_NAME = 100
_MOST_ORGANISATION = 200
_MOST_NEEDS = 500


class State(StrEnum):
    """How far a registration has come."""

    HELD = "HELD"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    WAITING = "WAITING"
    OFFERED = "OFFERED"
    LAPSED = "LAPSED"
    ATTENDED = "ATTENDED"
    NO_SHOW = "NO_SHOW"


SEATED = (State.CONFIRMED, State.ATTENDED, State.NO_SHOW)
"""Those who have, or had, a seat for good."""

LISTED = tuple(state for state in State if state not in (State.HELD, State.EXPIRED))
"""What organisers see: a form that was never finished is nobody's registration."""


class Profile(StrEnum):
    """Who somebody says they are; "" when they do not say."""

    UNSAID = ""
    CITIZEN = "CITIZEN"
    COMPANY = "COMPANY"
    ASSOCIATION = "ASSOCIATION"
    PUBLIC_BODY = "PUBLIC_BODY"
    PROJECT_HOLDER = "PROJECT_HOLDER"
    OTHER = "OTHER"


class BasisKind(StrEnum):
    """Why a registrant is an organiser's own."""

    MEMBER = "MEMBER"
    INVITED = "INVITED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """How long a seat is kept while a form is filled, how long an offer stands, how many seats one visitor keeps.

    And how long after an event got another time or place people are told.
    """

    hold: timedelta = timedelta(minutes=10)
    offer: timedelta = timedelta(days=1)
    most_holds: int = 20
    tell_after: timedelta = TELL_AFTER


def address(field: str, text: str) -> str:
    """An address mail can be sent to, in the one form people's are kept in; raises FieldMissing, EmailMalformed."""
    line = one_line(text)
    check_email(field, line)
    try:
        return email_address(line)
    except MalformedEmail as error:
        raise EmailMalformed(field=field) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """An organiser whose own a registrant is, and why."""

    organiser_id: str
    kind: BasisKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendee:
    """The human a seat is for, as they said themselves; all "" while a seat is only kept."""

    given_name: str = ""
    family_name: str = ""
    email: str = ""
    locale: str = LOCALES[0]
    profile: Profile = Profile.UNSAID
    organisation: str = ""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    access_needs: str = ""
    diet: str = ""

    @property
    def has_needs(self) -> bool:
        """Whether there is something that only the welcome desk may read."""
        return bool(self.access_needs or self.diet)

    def without_needs(self) -> "Attendee":
        """As the welcome desk need not know them."""
        return replace(self, access_needs="", diet="")

    def tidied(self) -> "Attendee":
        """As we keep it; raises Invalid naming the field."""
        tidy = replace(
            self,
            given_name=one_line(self.given_name),
            family_name=one_line(self.family_name),
            locale=self.locale if self.locale in LOCALES else LOCALES[0],
            organisation=one_line(self.organisation),
            access_needs=paragraphs(self.access_needs),
            diet=paragraphs(self.diet),
        )
        tidy._check()
        return replace(tidy, email=address("attendee.email", tidy.email))

    def _check(self) -> None:
        check_text("attendee.given_name", self.given_name, most=_MOST_NAME)
        check_text("attendee.family_name", self.family_name, most=_MOST_NAME)
        check_text("attendee.organisation", self.organisation, most=_MOST_ORGANISATION, required=False)
        check_text("attendee.access_needs", self.access_needs, most=_MOST_NEEDS, required=False)
        check_text("attendee.diet", self.diet, most=_MOST_NEEDS, required=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What somebody asks for: who comes, to which sessions, having been shown which version of the arrangement."""

    attendee: Attendee
    session_ids: tuple[str, ...] = ()
    arrangement_version: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """One seat at an event, or the wish for one.

    `pool_id` is the pool its seat comes from, None without a seat; `told` are the structures that were told of it.
    """

    registration_id: str
    event_id: str
    state: State
    code_id: str
    attendee: Attendee = field(default_factory=Attendee)
    session_ids: tuple[str, ...] = ()
    pool_id: str | None = None
    person_id: str | None = None
    invitation_id: str | None = None
    bases: frozenset[Basis] = frozenset()
    told: frozenset[str] = frozenset()
    visitor: str = ""
    arrangement_version: int = 0
    created_at: datetime
    joined_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 1

    @property
    def claims(self) -> Claims:
        """Which seats it may take besides the open ones."""
        return Claims(
            inviters=frozenset(basis.organiser_id for basis in self.bases if basis.kind is BasisKind.INVITED),
            homes=frozenset(basis.organiser_id for basis in self.bases if basis.kind is BasisKind.MEMBER),
        )

    @property
    def is_live(self) -> bool:
        """Whether it is a registration at all: with a seat, or in the list."""
        return self.state in (*SEATED, State.WAITING, State.OFFERED)

    def lapsed(self, now: datetime) -> bool:
        """Whether the seat kept or offered should be given back by now."""
        return self.expires_at is not None and self.expires_at <= now

    def confirmed(self, wish: Wish, *, code_id: str) -> "Registration":
        """The seat kept, now for somebody."""
        return self._next(
            state=State.CONFIRMED,
            attendee=wish.attendee,
            session_ids=wish.session_ids,
            arrangement_version=wish.arrangement_version,
            code_id=code_id,
            visitor="",
            expires_at=None,
        )

    def expired(self) -> "Registration":
        """The seat kept, given back."""
        return self._gone(State.EXPIRED)

    def offered(self, pool_id: str, until: datetime) -> "Registration":
        """The wish, with a seat offered until an instant."""
        return self._next(state=State.OFFERED, pool_id=pool_id, expires_at=until)

    def accepted(self, now: datetime) -> "Registration":
        """The seat offered, taken; raises OfferLapsed."""
        if self.state is not State.OFFERED or self.lapsed(now):
            raise OfferLapsed(field="code")
        return self._next(state=State.CONFIRMED, expires_at=None, joined_at=None)

    def left(self) -> "Registration":
        """The seat offered, or the place in the list, left; needs stay while one may join again. Raises NotWaiting."""
        if self.state not in (State.OFFERED, State.WAITING):
            raise NotWaiting(field="code")
        return self._next(state=State.LAPSED, pool_id=None, expires_at=None, joined_at=None)

    def by_now(self, now: datetime) -> "Registration":
        """As it is by now: an offer whose time is over is lapsed, swept or not."""
        return self.left() if self.state is State.OFFERED and self.lapsed(now) else self

    def rejoined(self, now: datetime) -> "Registration":
        """In the list again, at its end; raises NotLapsed."""
        if self.state is not State.LAPSED:
            raise NotLapsed(field="code")
        return self._next(state=State.WAITING, joined_at=now)

    def cancelled(self, *, code_id: str = "") -> "Registration":
        """Given back, needs forgotten; under another code when handed over, so that the old one opens nothing."""
        return replace(self._gone(State.CANCELLED), code_id=code_id or self.code_id)

    def moved(self, session_ids: tuple[str, ...]) -> "Registration":
        """With other sessions; raises NoSeat."""
        self.check_seat()
        return self._next(session_ids=session_ids)

    def closed(self, *, present: bool) -> "Registration":
        """As it stays once the event is over."""
        return self._next(state=State.ATTENDED if present else State.NO_SHOW)

    def check_seat(self) -> None:
        """Raises NoSeat unless it is confirmed."""
        if self.state is not State.CONFIRMED:
            raise NoSeat(field="code")

    def _gone(self, state: State) -> "Registration":
        attendee = self.attendee.without_needs()
        return self._next(state=state, attendee=attendee, pool_id=None, expires_at=None, joined_at=None)

    def _next(self, **changes: object) -> "Registration":
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """A link that an organiser gave out; `used_by` is the registration made with it."""

    invitation_id: str
    event_id: str
    organiser_id: str
    email: str
    created_at: datetime
    used_by: str | None = None
