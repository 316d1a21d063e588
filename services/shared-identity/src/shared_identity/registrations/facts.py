"""What structures are told of their members' registrations: opaque ids, each to those it is addressed to only."""

from collections.abc import Iterable
from datetime import datetime

from groupement.shared_identity.v1 import events_pb2
from servicekit.facts import fact
from servicekit.sql import Work

from shared_identity.registrations.domain import Registration


def confirmed(work: Work, held: Registration, *, at: datetime) -> None:
    """A member has a seat, or other sessions than before."""
    message = events_pb2.RegistrationConfirmed(
        registration_id=held.registration_id,
        event_id=held.event_id,
        person_id=held.person_id or "",
        session_ids=held.session_ids,
    )
    _tell(work, held, message, at)


def cancelled(work: Work, held: Registration, *, at: datetime) -> None:
    """A member has a seat no more."""
    message = events_pb2.RegistrationCancelled(
        registration_id=held.registration_id, event_id=held.event_id, person_id=held.person_id or ""
    )
    _tell(work, held, message, at)


def attended(work: Work, held: Registration, *, at: datetime) -> None:
    """A member came."""
    message = events_pb2.RegistrationAttended(
        registration_id=held.registration_id, event_id=held.event_id, person_id=held.person_id or ""
    )
    _tell(work, held, message, at)


Told = events_pb2.RegistrationConfirmed | events_pb2.RegistrationCancelled | events_pb2.RegistrationAttended


def _tell(work: Work, held: Registration, message: Told, at: datetime) -> None:
    for structure in _sorted(held.told if held.person_id else ()):
        work.announce(fact(message, aggregate_id=held.registration_id, version=held.version, at=at, to=structure))


def _sorted(structures: Iterable[str]) -> list[str]:
    return sorted(structures)
