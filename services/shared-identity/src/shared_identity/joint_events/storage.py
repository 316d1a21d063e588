"""Joint events as rows: read whole, written by their differences."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import Work, insert, insert_if_absent
from servicekit.sql.tables import due
from sqlalchemy import Row, Select, Table, bindparam, delete, or_, select, tuple_, update

from shared_identity.joint_events import rows
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Delegate
from shared_identity.joint_events.tables import (
    arrangement,
    arrangement_approval,
    delegate,
    event_challenge,
    event_question,
    event_session,
    joint_event,
    organiser,
)

Key = tuple[datetime, str]
"""Where a list of events stands: a start, or an end, and an event."""

_PARTS: tuple[tuple[Table, str], ...] = (
    (organiser, "organisers"),
    (event_challenge, "challenges"),
    (event_session, "sessions"),
    (event_question, "questions"),
)
"""Parts in the order they are added: each refers to none but those before."""


def _of_events(table: Table) -> Select[Any]:
    return select(table).where(table.c.event_id.in_(bindparam("event_ids", expanding=True)))


_OF_EVENTS = {table: _of_events(table) for table in (*(table for table, _ in _PARTS), arrangement_approval)}
_LIVE_ARRANGEMENTS = (
    _of_events(arrangement)
    .join(joint_event, joint_event.c.event_id == arrangement.c.event_id)
    .where(arrangement.c.version >= joint_event.c.arrangement_in_force)
    .order_by(arrangement.c.version)
)
"""Of each event the version in force and those after it: the others are history."""
_BY_ID = select(joint_event).where(joint_event.c.event_id == bindparam("event_id"))
_BY_SLUG = select(joint_event).where(joint_event.c.slug == bindparam("slug"))


async def read(work: Work, event_id: str) -> JointEvent | None:
    """One event."""
    return await _one(work, _BY_ID, {"event_id": event_id})


async def by_slug(work: Work, slug: str) -> JointEvent | None:
    """The event of that slug."""
    return await _one(work, _BY_SLUG, {"slug": slug})


async def for_update(work: Work, event_id: str) -> JointEvent | None:
    """One event, which nobody else may change before this work ends."""
    return await _one(work, _BY_ID.with_for_update(key_share=True), {"event_id": event_id})


async def add(work: Work, event: JointEvent) -> bool:
    """Keeps a new event with its parts; False when its slug is taken."""
    if not await insert_if_absent(work, joint_event, rows.of_event(event)):
        return False
    for table, parts in _PARTS:
        await _add(work, table, [rows.of_part(event.event_id, part) for part in getattr(event, parts)])
    return True


async def slug_taken(work: Work, slug: str, event_id: str) -> bool:
    """Whether another event has this slug."""
    wanted = select(joint_event.c.event_id).where(joint_event.c.slug == slug, joint_event.c.event_id != event_id)
    return (await work.execute(wanted)).first() is not None


async def save(work: Work, before: JointEvent, after: JointEvent, now: datetime) -> None:
    """Keeps an event as it became; what was approved is noted with its time."""
    held = update(joint_event).where(joint_event.c.event_id == after.event_id)
    await work.execute(held.values(rows.of_event(after)))
    for table, parts in _PARTS:
        await _put(work, table, after.event_id, getattr(before, parts), getattr(after, parts))
    for table, parts in reversed(_PARTS):
        await _drop(work, table, getattr(before, parts), getattr(after, parts))
    if after.arrangement is not None and after.arrangement != before.arrangement:
        await work.execute(insert(arrangement), rows.of_arrangement(after.event_id, after.arrangement))
    await insert_if_absent(work, arrangement_approval, rows.approvals(before, after, now))


async def published(work: Work, *, now: datetime, past: bool, after: Key | None, limit: int) -> Sequence[JointEvent]:
    """Published events: those not over, the next first, or those over, the latest first; after a (start, event)."""
    key = (joint_event.c.starts_at, joint_event.c.event_id)
    over = joint_event.c.ends_at <= now if past else joint_event.c.ends_at > now
    wanted = select(joint_event).where(joint_event.c.published_at.is_not(None), over)
    if after is not None:
        wanted = wanted.where(tuple_(*key) < after if past else tuple_(*key) > after)
    order = [column.desc() for column in key] if past else list(key)
    return await _several(work, wanted.order_by(*order).limit(limit))


async def began(work: Work, since: datetime, until: datetime) -> Sequence[JointEvent]:
    """Events that start in a stretch of time, its end excluded, in their order; of their parts the organisers only."""
    wanted = select(joint_event).where(joint_event.c.starts_at >= since, joint_event.c.starts_at < until)
    found = (await work.execute(wanted.order_by(joint_event.c.starts_at, joint_event.c.event_id))).all()
    held = await _parts(work, _OF_EVENTS[organiser], [row.event_id for row in found])
    none: Mapping[str, Sequence[Row[Any]]] = {name: () for _, name in _PARTS}
    return [rows.event(row, {**none, "organisers": held[row.event_id]}, approvals=(), arrangements=()) for row in found]


async def concerning(work: Work, *, structure: str, email: str, after: Key | None, limit: int) -> Sequence[JointEvent]:
    """Events a structure organises, or for which an address was invited; the latest start first; "" for neither."""
    own = select(organiser.c.event_id).where(organiser.c.structure == structure, organiser.c.access > 1)
    invited = (
        select(delegate.c.event_id)
        .join(organiser, organiser.c.organiser_id == delegate.c.organiser_id)
        .where(delegate.c.email == email, delegate.c.access > 1, organiser.c.access > 1)
    )
    wanted = select(joint_event).where(or_(joint_event.c.event_id.in_(own), joint_event.c.event_id.in_(invited)))
    key = (joint_event.c.starts_at, joint_event.c.event_id)
    if after is not None:
        wanted = wanted.where(tuple_(*key) < after)
    return await _several(work, wanted.order_by(*(column.desc() for column in key)).limit(limit))


async def delegations(work: Work, email: str, event_ids: Collection[str]) -> Mapping[str, Sequence[Delegate]]:
    """For whom an address acts, by event."""
    wanted = select(delegate).where(delegate.c.email == email, delegate.c.event_id.in_(event_ids))
    found: dict[str, list[Delegate]] = defaultdict(list)
    for row in await work.execute(wanted):
        found[row.event_id].append(rows.delegate(row))
    return found


async def read_delegate(work: Work, event_id: str, delegate_id: str) -> Delegate | None:
    """One delegate of an event."""
    wanted = select(delegate).where(delegate.c.event_id == event_id, delegate.c.delegate_id == delegate_id)
    row = (await work.execute(wanted)).first()
    return None if row is None else rows.delegate(row)


async def invited(work: Work, organiser_id: str, email: str) -> Delegate | None:
    """The delegate of an organiser at that address."""
    wanted = select(delegate).where(delegate.c.organiser_id == organiser_id, delegate.c.email == email)
    row = (await work.execute(wanted)).first()
    return None if row is None else rows.delegate(row)


async def count_delegates(work: Work, event_id: str) -> int:
    """How many delegates an event has."""
    wanted = select(delegate.c.delegate_id).where(delegate.c.event_id == event_id)
    return len((await work.execute(wanted)).all())


async def delegates(work: Work, event_id: str, *, organiser_id: str, after: str, limit: int) -> Sequence[Delegate]:
    """Delegates of an event, of one organiser or of all when ""; after one of them."""
    wanted = select(delegate).where(delegate.c.event_id == event_id, delegate.c.delegate_id > after)
    if organiser_id:
        wanted = wanted.where(delegate.c.organiser_id == organiser_id)
    return [rows.delegate(row) for row in await work.execute(wanted.order_by(delegate.c.delegate_id).limit(limit))]


async def put_delegate(work: Work, invited: Delegate) -> None:
    """Keeps a delegate, new or changed."""
    putting = insert(delegate)
    await work.execute(
        putting.on_conflict_do_update(
            index_elements=[delegate.c.delegate_id], set_={"access": putting.excluded["access"]}
        ),
        rows.of_delegate(invited),
    )


async def drop_delegate(work: Work, delegate_id: str) -> None:
    """Takes a delegate away."""
    await work.execute(delete(delegate).where(delegate.c.delegate_id == delegate_id))


async def _one(work: Work, wanted: Select[Any], given: Mapping[str, str]) -> JointEvent | None:
    found = await _whole(work, (await work.execute(wanted, given)).all())
    return found[0] if found else None


async def _several(work: Work, wanted: Select[Any]) -> Sequence[JointEvent]:
    return await _whole(work, (await work.execute(wanted)).all())


async def _whole(work: Work, found: Sequence[Row[Any]]) -> Sequence[JointEvent]:
    """Events with all their parts."""
    ids = [row.event_id for row in found]
    if not ids:
        return []
    parts = {name: await _parts(work, _OF_EVENTS[table], ids) for table, name in _PARTS}
    approvals = await _parts(work, _OF_EVENTS[arrangement_approval], ids)
    arrangements = await _parts(work, _LIVE_ARRANGEMENTS, ids)
    return [
        rows.event(
            row,
            {name: held[row.event_id] for name, held in parts.items()},
            approvals=approvals[row.event_id],
            arrangements=arrangements[row.event_id],
        )
        for row in found
    ]


async def _parts(work: Work, wanted: Select[Any], event_ids: Collection[str]) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in await work.execute(wanted, {"event_ids": event_ids}):
        found[row.event_id].append(row)
    return found


async def _put(work: Work, table: Table, event_id: str, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Adds the parts that are new, changes those that changed."""
    known = {part.key for part in before}
    key = table.primary_key.columns[0]
    for part in after:
        row = rows.of_part(event_id, part)
        if part.key in known and part not in before:
            await work.execute(update(table).where(key == part.key).values(row))
    await _add(work, table, [rows.of_part(event_id, part) for part in after if part.key not in known])


async def _add(work: Work, table: Table, added: Sequence[Mapping[str, object]]) -> None:
    if added:
        await work.execute(insert(table), added)


async def _drop(work: Work, table: Table, before: Sequence[Any], after: Sequence[Any]) -> None:
    gone = {part.key for part in before} - {part.key for part in after}
    if gone:
        await work.execute(delete(table).where(table.primary_key.columns[0].in_(sorted(gone))))


async def put_off(work: Work, kind: str, key: str) -> Mapping[str, str]:
    """What was said with something that is put off; nothing when it is not."""
    row = (await work.execute(select(due.c.payload).where(due.c.kind == kind, due.c.key == key))).first()
    return {} if row is None else json.loads(row.payload)


_VERSION = select(joint_event.c.version).where(joint_event.c.event_id == bindparam("event_id"))


async def version_of(work: Work, event_id: str) -> int | None:
    """The version an event has come to; None when there is none."""
    row = (await work.execute(_VERSION, {"event_id": event_id})).first()
    return None if row is None else int(row.version)
