"""Registrations in the database.

What is locked, and in which order, so that nobody waits in a circle: an event, an address, an invitation, then pools
(as `seats.storage` orders them), then registrations. All changes but a plain hold and its confirmation are made by
whoever holds the event's pools.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from servicekit.sql import Work, insert
from sqlalchemy import ColumnElement, Select, Text, bindparam, delete, func, literal_column, select, tuple_, update

from shared_identity.codes import Codes
from shared_identity.registrations import rows
from shared_identity.registrations.domain import Basis, Registration, State
from shared_identity.registrations.tables import registration, registration_address, registration_basis

QueueKey = tuple[datetime, str]
"""Where somebody stands in a list: since when, and who."""

_MUTABLE = [column.name for column in registration.columns if column.name not in ("registration_id", "created_at")]
_ADD = insert(registration)
_SAVE = (
    update(registration)
    .where(registration.c.registration_id == bindparam("of_registration"))
    .values({name: bindparam(f"new_{name}") for name in _MUTABLE})
)
_HELD: ColumnElement[str] = literal_column(f"'{State.HELD}'", Text)
_STILL_HELD = (registration.c.state == _HELD) & (registration.c.expires_at > bindparam("now"))
_CONFIRMED = [name for name in _MUTABLE if name not in ("event_id", "pool_id", "invitation_id", "joined_at")]
_CONFIRM = (
    update(registration)
    .where(registration.c.registration_id == bindparam("of_registration"), _STILL_HELD)
    .values({name: bindparam(f"new_{name}") for name in _CONFIRMED})
    .returning(registration.c.registration_id)
)
_BY_CODE = select(registration).where(registration.c.code_digest == bindparam("digest"))
_BY_ID = select(registration).where(registration.c.registration_id == bindparam("registration_id"))
_BY_ID_LOCKED = _BY_ID.with_for_update()
_HOLDS = (
    select(func.count())
    .select_from(registration)
    .where(
        registration.c.visitor == bindparam("visitor"),
        registration.c.state == _HELD,
        registration.c.expires_at > bindparam("now"),
    )
)
_HELD_WITH = select(registration).where(
    registration.c.event_id == bindparam("event_id"),
    registration.c.invitation_id == bindparam("invitation_id"),
    _STILL_HELD,
)
_WAITING = (registration.c.event_id == bindparam("event_id")) & (registration.c.state == State.WAITING.value)
_PLACE = tuple_(registration.c.joined_at, registration.c.registration_id)
_QUEUE = select(registration).where(_WAITING).order_by(registration.c.joined_at, registration.c.registration_id)
_COUNT_WAITING = select(func.count()).select_from(registration).where(_WAITING)
_OVERDUE = (
    select(registration)
    .where(
        registration.c.event_id == bindparam("event_id"),
        registration.c.state.in_([State.HELD.value, State.OFFERED.value]),
        registration.c.expires_at <= bindparam("now"),
    )
    .order_by(registration.c.expires_at, registration.c.registration_id)
)
_CLAIM = insert(registration_address).on_conflict_do_nothing().returning(registration_address.c.registration_id)
_KNOWN = select(registration_address.c.registration_id).where(
    registration_address.c.event_id == bindparam("event_id"), registration_address.c.email == bindparam("email")
)
_FREE = delete(registration_address).where(
    registration_address.c.event_id == bindparam("event_id"),
    registration_address.c.email == bindparam("email"),
    registration_address.c.registration_id == bindparam("registration_id"),
)
_SETTLE_BASES = insert(registration_basis).on_conflict_do_nothing()


async def add(work: Work, new: Registration, codes: Codes) -> None:
    """Keeps a new registration, and whose own it is."""
    work.send(_ADD, rows.of_registration(new, codes))
    await add_bases(work, new.registration_id, new.bases)


async def save(work: Work, changed: Registration, codes: Codes) -> None:
    """Keeps a registration as it became; its event's pools are held by this work."""
    work.send(_SAVE, _changes(changed, codes))


async def confirm(work: Work, changed: Registration, codes: Codes, now: datetime) -> bool:
    """Keeps a registration made of a seat that is still kept; False when it no longer is."""
    changes = _changes(changed, codes, _CONFIRMED)
    return (await work.execute(_CONFIRM, {**changes, "now": now})).first() is not None


async def add_bases(work: Work, registration_id: str, bases: Collection[Basis]) -> None:
    """Keeps whose own a registrant is."""
    ordered = sorted(bases, key=lambda basis: (basis.organiser_id, basis.kind))
    given = [
        {"registration_id": registration_id, "organiser_id": b.organiser_id, "kind": b.kind.value} for b in ordered
    ]
    work.send(_SETTLE_BASES, given)


async def by_code(work: Work, digest: str) -> Registration | None:
    """The registration of a code; whose own it is, is not told."""
    row = (await work.execute(_BY_CODE, {"digest": digest})).first()
    return None if row is None else rows.registration(row)


async def find(work: Work, registration_id: str) -> Registration | None:
    """One registration; whose own it is, is not told."""
    row = (await work.execute(_BY_ID, {"registration_id": registration_id})).first()
    return None if row is None else rows.registration(row)


async def locked(work: Work, registration_id: str) -> Registration:
    """One registration that is there, and that nobody else changes until this work ends; its event's pools are held."""
    row = (await work.execute(_BY_ID_LOCKED, {"registration_id": registration_id})).one()
    return rows.registration(row)


async def holds_of(work: Work, visitor: str, now: datetime) -> int:
    """How many seats a visitor keeps."""
    return int((await work.execute(_HOLDS, {"visitor": visitor, "now": now})).scalar_one())


async def held_with(work: Work, event_id: str, invitation_id: str, now: datetime) -> Registration | None:
    """The seat kept with an invitation, which is held by this work: there is one at most."""
    given = {"event_id": event_id, "invitation_id": invitation_id, "now": now}
    row = (await work.execute(_HELD_WITH, given)).first()
    return None if row is None else rows.registration(row)


async def waiting(work: Work, event_id: str, *, after: QueueKey | None, most: int) -> Sequence[Registration]:
    """Those who wait, in order, with whose own they are; after one of them."""
    wanted = _QUEUE if after is None else _QUEUE.where(after < _PLACE)
    return await with_bases(work, wanted.limit(most), {"event_id": event_id})


async def count_waiting(work: Work, event_id: str) -> int:
    """How many wait."""
    return int((await work.execute(_COUNT_WAITING, {"event_id": event_id})).scalar_one())


async def ahead_of(work: Work, event_id: str, key: QueueKey) -> int:
    """How many wait before somebody."""
    return int((await work.execute(_COUNT_WAITING.where(key > _PLACE), {"event_id": event_id})).scalar_one())


async def overdue(work: Work, event_id: str, now: datetime) -> Sequence[Registration]:
    """Seats kept or offered whose time is over, the longest first."""
    return [rows.registration(row) for row in await work.execute(_OVERDUE, {"event_id": event_id, "now": now})]


async def claim_address(work: Work, event_id: str, email: str, registration_id: str) -> bool:
    """Gives an address at an event to a registration; False when it is another's. Comes before any lock on pools."""
    row = {"event_id": event_id, "email": email, "registration_id": registration_id}
    return (await work.execute(_CLAIM, row)).first() is not None


async def registered_at(work: Work, event_id: str, email: str) -> str | None:
    """The live registration of an address."""
    row = (await work.execute(_KNOWN, {"event_id": event_id, "email": email})).first()
    return None if row is None else str(row.registration_id)


async def free_address(work: Work, gone: Registration) -> None:
    """Lets the address of a registration be registered again."""
    given = {"event_id": gone.event_id, "email": gone.attendee.email, "registration_id": gone.registration_id}
    work.send(_FREE, given)


async def with_bases(
    work: Work, wanted: Select[tuple[object, ...]], given: Mapping[str, object] | None = None
) -> Sequence[Registration]:
    """Registrations, with whose own they are."""
    found = (await work.execute(wanted, given)).all()
    ids = [row.registration_id for row in found]
    bases: dict[str, set[Basis]] = defaultdict(set)
    if ids:
        asked = select(registration_basis).where(registration_basis.c.registration_id.in_(ids))
        for row in await work.execute(asked):
            bases[row.registration_id].add(rows.basis(row))
    return [rows.registration(row, frozenset(bases[row.registration_id])) for row in found]


def _changes(changed: Registration, codes: Codes, columns: Sequence[str] = _MUTABLE) -> dict[str, object]:
    row = rows.of_registration(changed, codes)
    return {f"new_{name}": row[name] for name in columns} | {"of_registration": changed.registration_id}


async def forget_needs(work: Work, event_id: str, states: Collection[State] = tuple(State)) -> None:
    """Forgets access needs and diet of everybody in these states at an event."""
    some = (registration.c.access_needs != "") | (registration.c.diet != "")
    whose = (registration.c.event_id == event_id, registration.c.state.in_([state.value for state in states]))
    gone = update(registration).where(*whose, some)
    await work.execute(gone.values(access_needs="", diet=""))


async def forget_registrants(work: Work, event_id: str) -> None:
    """Forgets who registered to an event: what is left counts, names nobody, and no ticket opens it."""
    whose = registration.c.event_id == event_id
    texts = ("given_name", "family_name", "sort_name", "email", "organisation", "access_needs", "diet", "visitor")
    nothing = dict.fromkeys(texts, "") | {"answers": "{}", "told": "[]", "person_id": None, "invitation_id": None}
    await work.execute(update(registration).where(whose).values(**nothing, code_digest=registration.c.registration_id))
    await work.execute(delete(registration_address).where(registration_address.c.event_id == event_id))
