"""Joint events as messages; facts to announce. What is asked for is read in `wishes`."""

from datetime import datetime

from groupement.shared_identity.v1 import events_pb2
from groupement.shared_identity.v1 import joint_event_pb2 as pb
from groupement.shared_identity.v1 import joint_event_service_pb2 as service_pb
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.timestamps import timestamp

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import (
    Arrangement,
    Challenge,
    Delegate,
    Duty,
    Organiser,
    Question,
    Session,
    Venue,
)
from shared_identity.joint_events.standing import Standing


def to_message(event: JointEvent) -> pb.JointEvent:
    """An event as its organisers read it."""
    message = _common(event)
    message.organisers.extend(map(organiser_message, event.organisers))
    message.etag = etag(event.version)
    return message


def public_message(event: JointEvent) -> pb.JointEvent:
    """An event as the public reads it, out of `JointEvent.as_public`."""
    message = _common(event)
    message.organisers.extend(map(_shown, event.organisers))
    return message


def organiser_message(organiser: Organiser) -> pb.Organiser:
    """An organiser as the others read it."""
    message = _shown(organiser)
    message.access = pb.OrganiserAccess.ValueType(organiser.access)
    message.approved_arrangement = max(organiser.approvals, default=0)
    return message


def challenge_message(challenge: Challenge) -> pb.Challenge:
    """A challenge."""
    return pb.Challenge(
        challenge_id=challenge.challenge_id,
        title=challenge.title,
        description=challenge.description,
        position=challenge.position,
    )


def session_message(session: Session) -> pb.Session:
    """A session."""
    return pb.Session(
        session_id=session.session_id,
        title=session.title,
        description=session.description,
        format=pb.SessionFormat.Value(f"SESSION_FORMAT_{session.format}"),
        start_time=timestamp(session.starts_at),
        end_time=timestamp(session.ends_at),
        room=session.room,
        challenge_id=session.challenge_id,
        speakers=session.speakers,
        chosen=session.chosen,
    )


def question_message(question: Question) -> pb.Question:
    """A question."""
    return pb.Question(
        question_id=question.question_id,
        label=question.label,
        kind=pb.QuestionKind.Value(f"QUESTION_KIND_{question.kind}"),
        choices=question.choices,
        required=question.required,
        session_id=question.session_id,
        position=question.position,
    )


def delegate_message(delegate: Delegate) -> pb.Delegate:
    """A delegate, as those who may know them read them."""
    return pb.Delegate(
        delegate_id=delegate.delegate_id,
        organiser_id=delegate.organiser_id,
        email=delegate.email,
        access=pb.OrganiserAccess.ValueType(delegate.access),
    )


def standing_message(standing: Standing) -> pb.Standing:
    """What the caller may do."""
    return pb.Standing(
        organiser_id=standing.organiser_id,
        access=pb.OrganiserAccess.ValueType(standing.access),
        granted=pb.OrganiserAccess.ValueType(standing.granted),
    )


def my_event_message(event: JointEvent, standing: Standing) -> service_pb.MyEvent:
    """An event and what the caller may do there."""
    return service_pb.MyEvent(event=to_message(event), standing=standing_message(standing))


def joint_event_published(event: JointEvent, at: datetime) -> Fact:
    """The fact for all: it is announced."""
    message = events_pb2.JointEventPublished(event_id=event.event_id, slug=event.slug)
    return fact(message, aggregate_id=event.event_id, version=event.version, at=at)


def joint_event_changed(event: JointEvent, at: datetime) -> Fact:
    """The fact for all: it says something else now, was closed or cancelled."""
    message = events_pb2.JointEventChanged(event_id=event.event_id, state=event.state, sequence=event.sequence)
    return fact(message, aggregate_id=event.event_id, version=event.version, at=at)


def _common(event: JointEvent) -> pb.JointEvent:
    details = event.details
    return pb.JointEvent(
        event_id=event.event_id,
        slug=details.slug,
        title=details.title,
        summary=details.summary,
        description=details.description,
        start_time=timestamp(details.starts_at),
        end_time=timestamp(details.ends_at),
        venue=_venue(details.venue),
        state=pb.JointEventState.Value(f"JOINT_EVENT_STATE_{event.state}"),
        sessions=map(session_message, event.sessions),
        challenges=map(challenge_message, event.challenges),
        questions=map(question_message, event.questions),
        arrangement=None if event.arrangement is None else _arrangement(event.arrangement),
        sequence=event.sequence,
        arrangement_in_force=0 if event.in_force is None else event.in_force.version,
        explanation=event.explanation,
        publish_time=None if event.published_at is None else timestamp(event.published_at),
    )


def _shown(organiser: Organiser) -> pb.Organiser:
    return pb.Organiser(
        organiser_id=organiser.organiser_id,
        structure=organiser.structure,
        name=organiser.name,
        website=organiser.website,
        role=pb.OrganiserRole.Value(f"ORGANISER_ROLE_{organiser.role}"),
        shown=organiser.shown,
    )


def _venue(venue: Venue) -> pb.Venue:
    return pb.Venue(
        name=venue.name, address=venue.address, directions=venue.directions, accessibility=venue.accessibility
    )


def _arrangement(arrangement: Arrangement) -> pb.Arrangement:
    return pb.Arrangement(
        version=arrangement.version,
        outline=arrangement.outline,
        duties=map(_duty, arrangement.duties),
        contact=arrangement.contact,
        retention_days=arrangement.days_kept,
        create_time=timestamp(arrangement.proposed_at),
    )


def _duty(duty: Duty) -> pb.Duty:
    return pb.Duty(title=duty.title, organiser_id=duty.organiser_id, terms=duty.terms, name=duty.name)
