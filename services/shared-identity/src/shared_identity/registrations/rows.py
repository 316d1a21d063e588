"""Registrations as rows, and back."""

import json
from typing import Any

from servicekit.fields import sort_name
from sqlalchemy import Row

from shared_identity.codes import Codes
from shared_identity.registrations.domain import Attendee, Basis, BasisKind, Invitation, Profile, Registration, State

_PLAIN = ("given_name", "family_name", "email", "locale", "organisation", "access_needs", "diet")
_SAME = (
    "registration_id",
    "event_id",
    "code_id",
    "pool_id",
    "person_id",
    "invitation_id",
    "visitor",
    "arrangement_version",
    "created_at",
    "joined_at",
    "expires_at",
    "version",
)


def of_registration(held: Registration, codes: Codes) -> dict[str, object]:
    """The row of a registration."""
    attendee = held.attendee
    row: dict[str, object] = {name: getattr(held, name) for name in _SAME}
    row |= {name: getattr(attendee, name) for name in _PLAIN}
    return row | {
        "state": held.state.value,
        "code_digest": codes.digest_of(held.code_id),
        "sort_name": sort_name(f"{attendee.family_name} {attendee.given_name}"),
        "profile": attendee.profile.value,
        "answers": json.dumps({key: list(values) for key, values in attendee.answers.items()}, ensure_ascii=False),
        "session_ids": json.dumps(held.session_ids),
        "told": json.dumps(sorted(held.told)),
    }


def registration(row: Row[Any], bases: frozenset[Basis] = frozenset()) -> Registration:
    """The registration of a row."""
    return Registration(
        **{name: getattr(row, name) for name in _SAME},
        state=State(row.state),
        attendee=_attendee(row),
        session_ids=tuple(json.loads(row.session_ids)),
        told=frozenset(json.loads(row.told)),
        bases=bases,
    )


def basis(row: Row[Any]) -> Basis:
    """Why a registrant is an organiser's own."""
    return Basis(organiser_id=row.organiser_id, kind=BasisKind(row.kind))


def invitation(row: Row[Any]) -> Invitation:
    """The invitation of a row."""
    return Invitation(
        invitation_id=row.invitation_id,
        event_id=row.event_id,
        organiser_id=row.organiser_id,
        email=row.email,
        created_at=row.created_at,
        used_by=row.used_by,
    )


def _attendee(row: Row[Any]) -> Attendee:
    return Attendee(
        **{name: getattr(row, name) for name in _PLAIN},
        profile=Profile(row.profile),
        answers={key: tuple(values) for key, values in json.loads(row.answers).items()},
    )
