"""What is asked for, out of messages; malformed text becomes a refusal naming the field."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1 import joint_event_pb2 as pb
from groupement.shared_identity.v1 import joint_event_service_pb2 as service_pb
from servicekit.fields import FieldMissing, check_email, check_range, check_text, one_line, paragraphs
from servicekit.refusals import Invalid
from servicekit.timestamps import instant

from shared_identity.joint_events.parts import (
    MOST_CHOICES,
    Access,
    Arrangement,
    Challenge,
    Delegate,
    Details,
    Duty,
    Format,
    Organiser,
    Question,
    QuestionKind,
    Role,
    Session,
    Venue,
)
from shared_identity.joint_events.refused import (
    ChoicesMissing,
    DutyMissing,
    OrganiserAccessMissing,
    OrganiserRoleMissing,
    QuestionKindMissing,
    SessionFormatMissing,
    WebsiteMalformed,
)
from shared_identity.people.domain import email_address
from shared_identity.structures.domain import SlugMalformed

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")
_NAME, _LINE, _TEXT, _LONG = 160, 300, 4_000, 10_000
_MOST_DUTIES = 30
_MOST_POSITION = 1_000
_MOST_RETENTION = 1_095


def details(request: service_pb.CreateEventRequest | service_pb.UpdateEventRequest) -> Details:
    """What an event says of itself; raises Invalid naming the field."""
    if not _SLUG.fullmatch(request.slug):
        raise SlugMalformed(field="slug")
    return Details(
        slug=request.slug,
        title=_line("title", request.title, most=_NAME),
        summary=_line("summary", request.summary, required=False),
        description=_text("description", request.description, most=_LONG),
        starts_at=_instant("start_time", request.start_time, given=request.HasField("start_time")),
        ends_at=_instant("end_time", request.end_time, given=request.HasField("end_time")),
        venue=_venue(request.venue),
    )


def organiser(wish: pb.Organiser) -> Organiser:
    """An organiser; a structure's name and approvals are not for the wish to say. Raises Invalid naming the field."""
    partner = not wish.structure
    website = _website(wish.website)
    return Organiser(
        organiser_id=wish.organiser_id,
        structure=wish.structure,
        name=_line("organiser.name", wish.name, most=_NAME) if partner else "",
        website=website,
        role=Role(_named(pb.OrganiserRole.DESCRIPTOR, wish.role, OrganiserRoleMissing(field="organiser.role"))),
        shown=wish.shown,
        access=access("organiser.access", wish.access),
    )


def access(field: str, number: int) -> Access:
    """What may be done; raises OrganiserAccessMissing."""
    if number not in set(Access):
        raise OrganiserAccessMissing(field=field)
    return Access(number)


def delegate(request: service_pb.InviteDelegateRequest, fresh_id: str) -> Delegate:
    """Somebody to invite, by an address as people's are kept; raises Invalid naming the field."""
    check_email("email", request.email.strip())
    wished = access("access", request.access)
    if wished is Access.NONE:
        raise OrganiserAccessMissing(field="access")
    return Delegate(
        delegate_id=fresh_id,
        event_id=request.event_id,
        organiser_id=request.organiser_id,
        email=email_address(request.email),
        access=wished,
    )


def challenge(wish: pb.Challenge) -> Challenge:
    """A challenge; raises Invalid naming the field."""
    return Challenge(
        challenge_id=wish.challenge_id,
        title=_line("challenge.title", wish.title, most=_NAME),
        description=_text("challenge.description", wish.description),
        position=_position("challenge.position", wish.position),
    )


def session(wish: pb.Session) -> Session:
    """A session; raises Invalid naming the field."""
    return Session(
        session_id=wish.session_id,
        title=_line("session.title", wish.title, most=_NAME),
        description=_text("session.description", wish.description),
        format=Format(_named(pb.SessionFormat.DESCRIPTOR, wish.format, SessionFormatMissing(field="session.format"))),
        starts_at=_instant("session.start_time", wish.start_time, given=wish.HasField("start_time")),
        ends_at=_instant("session.end_time", wish.end_time, given=wish.HasField("end_time")),
        room=_line("session.room", wish.room, required=False),
        challenge_id=wish.challenge_id,
        speakers=_line("session.speakers", wish.speakers, most=_TEXT, required=False),
        chosen=wish.chosen,
    )


def question(wish: pb.Question) -> Question:
    """A question; choices only where it is answered by them. Raises Invalid naming the field."""
    kind = QuestionKind(_named(pb.QuestionKind.DESCRIPTOR, wish.kind, QuestionKindMissing(field="question.kind")))
    by_choices = kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)
    return Question(
        question_id=wish.question_id,
        label=_line("question.label", wish.label),
        kind=kind,
        choices=_choices(wish) if by_choices else (),
        required=wish.required,
        session_id=wish.session_id,
        position=_position("question.position", wish.position),
    )


def arrangement(wish: pb.Arrangement, now: datetime) -> Arrangement:
    """An arrangement as proposed now; raises Invalid naming the field."""
    if not 1 <= len(wish.duties) <= _MOST_DUTIES:
        raise DutyMissing(field="arrangement.duties")
    check_email("arrangement.contact", wish.contact.strip())
    check_range("arrangement.retention_days", wish.retention_days, least=0, most=_MOST_RETENTION)
    outline = _text("arrangement.outline", wish.outline, most=_LONG)
    check_text("arrangement.outline", outline, most=_LONG)
    return Arrangement(
        outline=outline,
        duties=tuple(_duty(duty, f"arrangement.duties[{at}]") for at, duty in enumerate(wish.duties)),
        contact=wish.contact.strip(),
        retention_days=wish.retention_days,
        proposed_at=now,
    )


def explanation(request: service_pb.CancelEventRequest) -> str:
    """Why an event is called off; raises Invalid naming the field."""
    text = _text("explanation", request.explanation)
    check_text("explanation", text, most=_TEXT)
    return text


def _venue(wish: pb.Venue) -> Venue:
    return Venue(
        name=_line("venue.name", wish.name, most=_NAME, required=False),
        address=_line("venue.address", wish.address, required=False),
        directions=_text("venue.directions", wish.directions),
        accessibility=_text("venue.accessibility", wish.accessibility),
    )


def _duty(wish: pb.Duty, field: str) -> Duty:
    return Duty(
        title=_line(f"{field}.title", wish.title),
        organiser_id=wish.organiser_id,
        terms=_text(f"{field}.terms", wish.terms),
    )


def _choices(wish: pb.Question) -> tuple[str, ...]:
    if len(wish.choices) > MOST_CHOICES:
        raise ChoicesMissing(field="question.choices")
    return tuple(_line(f"question.choices[{at}]", choice, most=_NAME) for at, choice in enumerate(wish.choices))


def _website(text: str) -> str:
    """An address to read more at, "" or https; raises WebsiteMalformed."""
    website = text.strip()
    check_text("organiser.website", website, most=_LINE, required=False)
    try:
        parts = urlsplit(website)
    except ValueError as error:
        raise WebsiteMalformed(field="organiser.website") from error
    if website and (parts.scheme != "https" or not parts.hostname or any(map(str.isspace, website))):
        raise WebsiteMalformed(field="organiser.website")
    return website


def _position(field: str, number: int) -> int:
    check_range(field, number, least=0, most=_MOST_POSITION)
    return number


def _named(kind: EnumDescriptor, number: int, missing: Invalid) -> str:
    """The name of an enum's value without its prefix; raises `missing` for none, or one we do not know."""
    known = kind.values_by_number.get(number)
    if known is None or not number:
        raise missing
    return str(known.name).removeprefix(str(kind.values_by_number[0].name).removesuffix("UNSPECIFIED"))


def _instant(field: str, sent: Timestamp, *, given: bool) -> datetime:
    if not given:
        raise FieldMissing(field=field)
    return instant(field, sent)


def _line(field: str, text: str, *, most: int = _LINE, required: bool = True) -> str:
    line = one_line(text)
    check_text(field, line, most=most, required=required)
    return line


def _text(field: str, text: str, *, most: int = _TEXT) -> str:
    written = paragraphs(text)
    check_text(field, written, most=most, required=False)
    return written
