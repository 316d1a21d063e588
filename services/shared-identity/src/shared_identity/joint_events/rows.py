"""Joint events between their values and their rows."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import (
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
    State,
    Venue,
)

Rows = Sequence[Row[Any]]
_DETAILS = ("slug", "title", "summary", "description", "starts_at", "ends_at")


def event(row: Row[Any], parts: Mapping[str, Rows], *, approvals: Rows, arrangements: Rows) -> JointEvent:
    """An event out of its row and those of its parts."""
    given: dict[str, set[int]] = defaultdict(set)
    for approval in approvals:
        given[approval.organiser_id].add(approval.version)
    proposed = [_arrangement(each) for each in arrangements]
    return JointEvent(
        event_id=row.event_id,
        details=_details(row),
        state=State(row.state),
        published_at=row.published_at,
        explanation=row.explanation,
        organisers=tuple(_organiser(each, given[each.organiser_id]) for each in parts["organisers"]),
        challenges=tuple(map(_challenge, parts["challenges"])),
        sessions=tuple(map(_session, parts["sessions"])),
        questions=tuple(map(_question, parts["questions"])),
        arrangement=proposed[-1] if proposed else None,
        in_force=next((each for each in proposed if each.version == row.arrangement_in_force), None),
        sequence=row.sequence,
        version=row.version,
    ).ordered()


def of_event(held: JointEvent) -> dict[str, object]:
    """The row of an event, without its parts."""
    details, venue = held.details, held.details.venue
    return {
        "event_id": held.event_id,
        **{name: getattr(details, name) for name in _DETAILS},
        "venue_name": venue.name,
        "venue_address": venue.address,
        "venue_directions": venue.directions,
        "venue_accessibility": venue.accessibility,
        "state": held.state,
        "published_at": held.published_at,
        "explanation": held.explanation,
        "arrangement_in_force": 0 if held.in_force is None else held.in_force.version,
        "sequence": held.sequence,
        "version": held.version,
    }


def of_part(event_id: str, part: Organiser | Challenge | Session | Question) -> dict[str, object]:
    """The row of a part."""
    match part:
        case Organiser():
            return {"event_id": event_id, **_of_organiser(part)}
        case Challenge():
            return {"event_id": event_id, **_plain(part, "challenge_id", "title", "description", "position")}
        case Session():
            return {"event_id": event_id, **_of_session(part)}
        case Question():
            return {"event_id": event_id, **_of_question(part)}


def of_arrangement(event_id: str, held: Arrangement) -> dict[str, object]:
    """The row of a version of the arrangement."""
    duties = [_plain(duty, "title", "organiser_id", "terms", "name") for duty in held.duties]
    return {
        "event_id": event_id,
        **_plain(held, "version", "outline", "contact", "retention_days", "proposed_at"),
        "duties": json.dumps(duties, ensure_ascii=False),
    }


def approvals(before: JointEvent, after: JointEvent, now: datetime) -> list[dict[str, object]]:
    """The rows of what was approved since."""
    known = {held.organiser_id: held.approvals for held in before.organisers}
    return [
        {"event_id": after.event_id, "version": version, "organiser_id": held.organiser_id, "approved_at": now}
        for held in after.organisers
        for version in sorted(held.approvals - known.get(held.organiser_id, frozenset()))
    ]


def delegate(row: Row[Any]) -> Delegate:
    """A delegate out of their row."""
    return Delegate(
        delegate_id=row.delegate_id,
        event_id=row.event_id,
        organiser_id=row.organiser_id,
        email=row.email,
        access=Access(row.access),
    )


def of_delegate(held: Delegate) -> dict[str, object]:
    """The row of a delegate."""
    plain = _plain(held, "delegate_id", "event_id", "organiser_id", "email")
    return {**plain, "access": int(held.access)}


def _details(row: Row[Any]) -> Details:
    venue = Venue(
        name=row.venue_name,
        address=row.venue_address,
        directions=row.venue_directions,
        accessibility=row.venue_accessibility,
    )
    return Details(venue=venue, **{name: getattr(row, name) for name in _DETAILS})


def _organiser(row: Row[Any], approved: set[int]) -> Organiser:
    return Organiser(
        organiser_id=row.organiser_id,
        structure=row.structure or "",
        name=row.partner,
        website=row.website,
        role=Role(row.role),
        shown=row.shown,
        access=Access(row.access),
        approvals=frozenset(approved),
    )


def _of_organiser(held: Organiser) -> dict[str, object]:
    return {
        **_plain(held, "organiser_id", "website", "role", "shown"),
        "structure": held.structure or None,
        "partner": "" if held.structure else held.name,
        "access": int(held.access),
    }


def _challenge(row: Row[Any]) -> Challenge:
    return Challenge(challenge_id=row.challenge_id, title=row.title, description=row.description, position=row.position)


def _session(row: Row[Any]) -> Session:
    return Session(
        session_id=row.session_id,
        title=row.title,
        description=row.description,
        format=Format(row.format),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        room=row.room,
        challenge_id=row.challenge_id or "",
        speakers=row.speakers,
        chosen=row.chosen,
    )


def _of_session(held: Session) -> dict[str, object]:
    names = ("session_id", "title", "description", "format", "starts_at", "ends_at", "room", "speakers", "chosen")
    return {**_plain(held, *names), "challenge_id": held.challenge_id or None}


def _question(row: Row[Any]) -> Question:
    return Question(
        question_id=row.question_id,
        label=row.label,
        kind=QuestionKind(row.kind),
        choices=tuple(json.loads(row.choices)),
        required=row.required,
        session_id=row.session_id or "",
        position=row.position,
    )


def _of_question(held: Question) -> dict[str, object]:
    return {
        **_plain(held, "question_id", "label", "kind", "required", "position"),
        "choices": json.dumps(held.choices, ensure_ascii=False),
        "session_id": held.session_id or None,
    }


def _arrangement(row: Row[Any]) -> Arrangement:
    return Arrangement(
        version=row.version,
        outline=row.outline,
        duties=tuple(Duty(**duty) for duty in json.loads(row.duties)),
        contact=row.contact,
        retention_days=row.retention_days,
        proposed_at=row.proposed_at,
    )


def _plain(held: object, *names: str) -> dict[str, object]:
    return {name: getattr(held, name) for name in names}
