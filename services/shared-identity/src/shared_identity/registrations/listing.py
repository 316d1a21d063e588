"""Lists and counts of registrations: an organiser reads its own, by a row that says why; of the others, numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from servicekit.fields import sort_name
from servicekit.sql import Work
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_

from shared_identity.registrations import storage
from shared_identity.registrations.domain import SEATED, Profile, Registration, State
from shared_identity.registrations.tables import registration, registration_address, registration_basis
from shared_identity.registrations.views import Choice

NameKey = tuple[str, str]
"""Where a list by name goes on: the name as it sorts, the registration."""

_BY_NAME = (registration.c.sort_name, registration.c.registration_id)


async def own(
    work: Work, event_id: str, organiser_id: str, choice: Choice, *, after: NameKey | None, most: int
) -> Sequence[Registration]:
    """An organiser's own registrants, by name, after one of them; each with why this organiser sees them."""
    wanted = select(registration).where(_own(event_id, organiser_id), *_chosen(choice))
    if after is not None:
        wanted = wanted.where(after < tuple_(*_BY_NAME))
    found = await storage.with_bases(work, wanted.order_by(*_BY_NAME).limit(most))
    return [_as_seen_by(held, organiser_id) for held in found]


def name_key(held: Registration) -> NameKey:
    """Where a registration stands in a list by name."""
    return sort_name(f"{held.attendee.family_name} {held.attendee.given_name}"), held.registration_id


async def one_of_own(work: Work, event_id: str, organiser_id: str, registration_id: str) -> Registration | None:
    """One of an organiser's own registrants, with why this organiser sees them; None when they are not its own."""
    wanted = select(registration).where(_own(event_id, organiser_id), registration.c.registration_id == registration_id)
    found = await storage.with_bases(work, wanted)
    return _as_seen_by(found[0], organiser_id) if found else None


async def by_state(work: Work, event_id: str, organiser_id: str | None = None) -> Mapping[State, int]:
    """How many registrations are in each state: an organiser's own, or all."""
    rows = await work.execute(
        select(registration.c.state, func.count().label("many"))
        .where(_mine_or_all(event_id, organiser_id))
        .group_by(registration.c.state)
    )
    return {State(row.state): row.many for row in rows}


async def by_profile(work: Work, event_id: str, organiser_id: str) -> Mapping[Profile, int]:
    """How many of an organiser's own with a seat say they are what."""
    rows = await work.execute(
        select(registration.c.profile, func.count().label("many"))
        .where(_own(event_id, organiser_id), registration.c.state.in_([state.value for state in SEATED]))
        .group_by(registration.c.profile)
    )
    return {Profile(row.profile): row.many for row in rows}


async def of_person(work: Work, person_id: str, email: str) -> Sequence[Registration]:
    """Registrations of a person, and the live ones of an address they have proved."""
    at_address = select(registration_address.c.registration_id).where(registration_address.c.email == email)
    mine = registration.c.person_id == person_id
    wanted = or_(mine, registration.c.registration_id.in_(at_address)) if email else mine
    return await storage.with_bases(work, select(registration).where(wanted))


async def of_event(
    work: Work, event_id: str, states: Collection[State], *, most: int, after: str = ""
) -> Sequence[Registration]:
    """Registrations of an event in these states, by id, after one of them."""
    wanted: Select[tuple[object, ...]] = (
        select(registration)
        .where(
            registration.c.event_id == event_id,
            registration.c.state.in_([state.value for state in states]),
            registration.c.registration_id > after,
        )
        .order_by(registration.c.registration_id)
        .limit(most)
    )
    return await storage.with_bases(work, wanted)


async def attended(work: Work, event_id: str, registration_ids: Collection[str]) -> Collection[str]:
    """Those of these registrations that came, as far as the closing of the event says it."""
    came = select(registration.c.registration_id).where(
        registration.c.event_id == event_id,
        registration.c.registration_id.in_(registration_ids),
        registration.c.state == State.ATTENDED.value,
    )
    return set((await work.execute(came)).scalars()) if registration_ids else set()


async def has_own(work: Work, organiser_id: str) -> bool:
    """Whether anybody is, or was, an organiser's own."""
    wanted = select(registration_basis.c.kind).where(registration_basis.c.organiser_id == organiser_id).limit(1)
    return (await work.execute(wanted)).first() is not None


def _own(event_id: str, organiser_id: str) -> ColumnElement[bool]:
    """The border between organisers: no row of `registration_basis`, no row of `registration`."""
    theirs = exists().where(
        registration_basis.c.registration_id == registration.c.registration_id,
        registration_basis.c.organiser_id == organiser_id,
    )
    return and_(registration.c.event_id == event_id, theirs)


def _mine_or_all(event_id: str, organiser_id: str | None) -> ColumnElement[bool]:
    return registration.c.event_id == event_id if organiser_id is None else _own(event_id, organiser_id)


def _chosen(choice: Choice) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [registration.c.state.in_(sorted(state.value for state in choice.states))]
    if choice.session_id:
        wanted.append(registration.c.session_ids.contains(f'"{choice.session_id}"', autoescape=True))
    if words := sort_name(" ".join(choice.query.split())):
        wanted.append(
            or_(
                registration.c.sort_name.startswith(words, autoescape=True),
                registration.c.sort_name.contains(f" {words}", autoescape=True),
                registration.c.email.startswith(choice.query.strip().lower(), autoescape=True),
            )
        )
    return wanted


def _as_seen_by(held: Registration, organiser_id: str) -> Registration:
    """Without what is for the welcome desk, and without what the registrant is to others."""
    bases = frozenset(basis for basis in held.bases if basis.organiser_id == organiser_id)
    return replace(held, bases=bases, attendee=held.attendee.without_needs())
