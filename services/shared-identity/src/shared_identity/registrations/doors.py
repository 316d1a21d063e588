"""What doors and reports read of registrations: seats, by ticket, by name, or all of an event at once."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from servicekit.fields import sort_name
from servicekit.sql import Work
from sqlalchemy import Column, ColumnElement, Row, func, or_, select

from shared_identity.registrations.domain import SEATED, BasisKind, Profile, State
from shared_identity.registrations.tables import registration, registration_basis


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A registration as a door knows it; `ticket_hash` is SHA-256 of its ticket's code."""

    registration_id: str
    state: State
    ticket_hash: str
    person_id: str | None
    given_name: str
    family_name: str
    profile: Profile
    session_ids: tuple[str, ...]
    access_needs: str
    diet: str

    @property
    def is_taken(self) -> bool:
        """Whether it is a seat at all: not given back, not only waited for."""
        return self.state in SEATED

    @property
    def has_needs(self) -> bool:
        """Whether there is something that only the welcome desk may read."""
        return bool(self.access_needs or self.diet)


_SEATED = registration.c.state.in_([state.value for state in SEATED])
_COLUMNS: Sequence[Column[Any]] = (
    registration.c.registration_id,
    registration.c.state,
    registration.c.code_digest,
    registration.c.person_id,
    registration.c.given_name,
    registration.c.family_name,
    registration.c.profile,
    registration.c.session_ids,
    registration.c.access_needs,
    registration.c.diet,
)


async def seats(work: Work, event_id: str) -> Sequence[Seat]:
    """All who have a seat at an event, by name."""
    return await _seats(work, event_id, _SEATED)


async def by_ticket(work: Work, event_id: str, hashes: Collection[str]) -> Mapping[str, Seat]:
    """The registrations of these tickets, whatever became of them, by SHA-256 of their codes."""
    found = await _seats(work, event_id, registration.c.code_digest.in_(hashes)) if hashes else []
    return {seat.ticket_hash: seat for seat in found}


async def by_id(work: Work, event_id: str, registration_ids: Collection[str]) -> Mapping[str, Seat]:
    """These registrations of an event, whatever became of them."""
    wanted = registration.c.registration_id.in_(registration_ids)
    found = await _seats(work, event_id, wanted) if registration_ids else []
    return {seat.registration_id: seat for seat in found}


async def named(work: Work, event_id: str, said: str, *, limit: int) -> Sequence[Seat]:
    """Those with a seat of whose name some word begins like this, or whose whole address this is."""
    words = sort_name(" ".join(said.split()))
    fits = or_(
        registration.c.sort_name.startswith(words, autoescape=True),
        registration.c.sort_name.contains(f" {words}", autoescape=True),
        registration.c.email == said.strip().lower(),
    )
    return await _seats(work, event_id, _SEATED, fits, limit=limit)


async def counts(work: Work, event_id: str) -> Mapping[State, int]:
    """How many registrations of an event are in each state."""
    many = func.count().label("many")
    wanted = select(registration.c.state, many).where(registration.c.event_id == event_id)
    rows = await work.execute(wanted.group_by(registration.c.state))
    return {State(row.state): row.many for row in rows}


async def bases(work: Work, event_id: str) -> Sequence[tuple[str, str, BasisKind]]:
    """Whose own those with a seat are: registration, organiser, why."""
    wanted = (
        select(registration_basis)
        .join(registration, registration.c.registration_id == registration_basis.c.registration_id)
        .where(registration.c.event_id == event_id, _SEATED)
    )
    rows = await work.execute(wanted)
    return [(row.registration_id, row.organiser_id, BasisKind(row.kind)) for row in rows]


async def at_events(work: Work, event_ids: Collection[str]) -> Sequence[tuple[str, str, State, str]]:
    """All who have a seat at one of these events: event, registration, state, person ("" without an account)."""
    columns = (registration.c.event_id, registration.c.registration_id, registration.c.state, registration.c.person_id)
    wanted = select(*columns).where(registration.c.event_id.in_(event_ids), _SEATED)
    rows = await work.execute(wanted)
    return [(row.event_id, row.registration_id, State(row.state), row.person_id or "") for row in rows]


async def unnamed_members(work: Work, event_ids: Collection[str]) -> Sequence[tuple[str, str, str]]:
    """Members with a seat at one of these events who were forgotten since: event, registration, organiser."""
    columns = (registration.c.event_id, registration.c.registration_id, registration_basis.c.organiser_id)
    wanted = (
        select(*columns)
        .join(registration_basis, registration.c.registration_id == registration_basis.c.registration_id)
        .where(registration.c.event_id.in_(event_ids), registration.c.person_id.is_(None), _SEATED)
        .where(registration_basis.c.kind == BasisKind.MEMBER.value)
    )
    return [(row.event_id, row.registration_id, row.organiser_id) for row in await work.execute(wanted)]


async def _seats(work: Work, event_id: str, *wanted: ColumnElement[bool], limit: int | None = None) -> Sequence[Seat]:
    order = (registration.c.sort_name, registration.c.registration_id)
    asked = select(*_COLUMNS).where(registration.c.event_id == event_id, *wanted).order_by(*order).limit(limit)
    return [_seat(row) for row in await work.execute(asked)]


def _seat(row: Row[Any]) -> Seat:
    return Seat(
        registration_id=row.registration_id,
        state=State(row.state),
        ticket_hash=row.code_digest,
        person_id=row.person_id,
        given_name=row.given_name,
        family_name=row.family_name,
        profile=Profile(row.profile),
        session_ids=tuple(json.loads(row.session_ids)),
        access_needs=row.access_needs,
        diet=row.diet,
    )
