"""Programmes and cohorts as rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from servicekit.fields import sort_name
from servicekit.sql import Work
from sqlalchemy import (
    Row,
    bindparam,
    insert,
    select,
    tuple_,
    update,
)

from incubator.programmes.domain import Cohort, Programme, Stage
from incubator.tables import cohort as cohort_table
from incubator.tables import programme as programme_table
from incubator.tables import stage as stage_table

_TAKE = (
    update(cohort_table)
    .where(cohort_table.c.cohort_id == bindparam("wanted"), cohort_table.c.taken < cohort_table.c.capacity)
    .values(taken=cohort_table.c.taken + 1, version=cohort_table.c.version + 1)
    .returning(cohort_table)
)
_FREE = (
    update(cohort_table)
    .where(cohort_table.c.cohort_id == bindparam("left"))
    .values(taken=cohort_table.c.taken - 1, version=cohort_table.c.version + 1)
)


async def add_programme(work: Work, programme: Programme) -> None:
    """Keeps a new programme and its stages."""
    row = {
        "programme_id": programme.programme_id,
        "name": programme.name,
        "sort_name": sort_name(programme.name),
        "description": programme.description,
        "duration_months": programme.duration_months,
        "version": programme.version,
    }
    stages = [
        {"stage_id": s.stage_id, "programme_id": programme.programme_id, "name": s.name, "position": s.position}
        for s in programme.stages
    ]
    await work.execute(insert(programme_table), row)
    await work.execute(insert(stage_table), stages)


async def programme(work: Work, programme_id: str) -> Programme | None:
    """One programme with its stages."""
    rows = await work.execute(select(programme_table).where(programme_table.c.programme_id == programme_id))
    found = await _with_stages(work, rows.all())
    return found[0] if found else None


async def programmes(work: Work, *, after: tuple[str, str] | None, most: int) -> Sequence[Programme]:
    """Programmes by name."""
    key = tuple_(programme_table.c.sort_name, programme_table.c.programme_id)
    listed = select(programme_table).order_by(*key).limit(most)
    rows = await work.execute(listed if after is None else listed.where(key > after))
    return await _with_stages(work, rows.all())


async def add_cohort(work: Work, cohort: Cohort) -> None:
    """Keeps a new cohort."""
    row = {
        "cohort_id": cohort.cohort_id,
        "programme_id": cohort.programme_id,
        "name": cohort.name,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "capacity": cohort.capacity,
        "taken": cohort.taken,
        "version": cohort.version,
    }
    await work.execute(insert(cohort_table), row)


async def cohort(work: Work, cohort_id: str) -> Cohort | None:
    """One cohort."""
    row = (await work.execute(select(cohort_table).where(cohort_table.c.cohort_id == cohort_id))).first()
    return None if row is None else _cohort(row)


async def cohorts(
    work: Work, *, programme_id: str | None, after: tuple[date, str] | None, most: int
) -> Sequence[Cohort]:
    """Cohorts, the latest to start first."""
    key = tuple_(cohort_table.c.starts_on, cohort_table.c.cohort_id)
    listed = select(cohort_table).order_by(*(column.desc() for column in key)).limit(most)
    if programme_id is not None:
        listed = listed.where(cohort_table.c.programme_id == programme_id)
    rows = await work.execute(listed if after is None else listed.where(key < after))
    return [_cohort(row) for row in rows]


async def take_seat(work: Work, cohort_id: str) -> Cohort | None:
    """Takes one place if one is left, in one statement: two transactions cannot take the same."""
    row = (await work.execute(_TAKE, {"wanted": cohort_id})).first()
    return None if row is None else _cohort(row)


async def free_seat(work: Work, cohort_id: str) -> None:
    """Gives one place back."""
    await work.execute(_FREE, {"left": cohort_id})


async def _with_stages(work: Work, rows: Sequence[Row[Any]]) -> Sequence[Programme]:
    stages = await _stages(work, [row.programme_id for row in rows])
    return [_programme(row, stages[row.programme_id]) for row in rows]


async def _stages(work: Work, programme_ids: Sequence[str]) -> Mapping[str, Sequence[Stage]]:
    found: defaultdict[str, list[Stage]] = defaultdict(list)
    if programme_ids:
        listed = select(stage_table).where(stage_table.c.programme_id.in_(programme_ids))
        for row in await work.execute(listed.order_by(stage_table.c.programme_id, stage_table.c.position)):
            found[row.programme_id].append(Stage(stage_id=row.stage_id, name=row.name, position=row.position))
    return found


def _programme(row: Row[Any], stages: Sequence[Stage]) -> Programme:
    return Programme(
        programme_id=row.programme_id,
        name=row.name,
        description=row.description,
        duration_months=row.duration_months,
        stages=tuple(stages),
        version=row.version,
    )


def _cohort(row: Row[Any]) -> Cohort:
    return Cohort(
        cohort_id=row.cohort_id,
        programme_id=row.programme_id,
        name=row.name,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        capacity=row.capacity,
        taken=row.taken,
        version=row.version,
    )
