"""What may be done with programmes and cohorts."""

from collections.abc import Sequence
from datetime import date

from servicekit.identifiers import new_id
from servicekit.sql import Work

from incubator.programmes import storage
from incubator.programmes.domain import (
    Cohort,
    CohortFull,
    CohortWish,
    Programme,
    ProgrammeWish,
    UnknownCohort,
    UnknownProgramme,
    path,
)


async def create_programme(work: Work, wish: ProgrammeWish, *, programme_id: str) -> Programme:
    """Makes a programme with its stages."""
    programme = Programme(
        programme_id=programme_id,
        name=wish.name,
        description=wish.description,
        duration_months=wish.duration_months,
        stages=path(wish.stage_names, [new_id("stage") for _ in wish.stage_names]),
        version=1,
    )
    await storage.add_programme(work, programme)
    return programme


async def programme(work: Work, programme_id: str) -> Programme:
    """One programme; raises UnknownProgramme."""
    found = await storage.programme(work, programme_id)
    if found is None:
        raise UnknownProgramme(field="programme_id")
    return found


async def programmes(work: Work, *, after: tuple[str, str] | None, most: int) -> Sequence[Programme]:
    """Programmes by name, after a (sort name, id)."""
    return await storage.programmes(work, after=after, most=most)


async def open_cohort(work: Work, wish: CohortWish, *, cohort_id: str) -> Cohort:
    """Opens a cohort; raises UnknownProgramme."""
    offered = await programme(work, wish.programme_id)
    cohort = Cohort(
        cohort_id=cohort_id,
        programme_id=offered.programme_id,
        name=wish.name,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        capacity=wish.capacity,
        taken=0,
        version=1,
    )
    await storage.add_cohort(work, cohort)
    return cohort


async def cohort(work: Work, cohort_id: str) -> Cohort:
    """One cohort; raises UnknownCohort."""
    found = await storage.cohort(work, cohort_id)
    if found is None:
        raise UnknownCohort(field="cohort_id")
    return found


async def cohorts(
    work: Work, *, programme_id: str | None, after: tuple[date, str] | None, most: int
) -> Sequence[Cohort]:
    """Cohorts of one programme, or all, the latest to start first, after a (first day, id); raises UnknownProgramme."""
    if programme_id is not None:
        await programme(work, programme_id)
    return await storage.cohorts(work, programme_id=programme_id, after=after, most=most)


async def take_seat(work: Work, cohort_id: str) -> Cohort:
    """Takes a place of a cohort; raises UnknownCohort, or CohortFull when none is left."""
    held = await storage.take_seat(work, cohort_id)
    if held is None:
        full = await cohort(work, cohort_id)
        raise CohortFull(capacity=str(full.capacity))
    return held


async def free_seat(work: Work, cohort_id: str) -> None:
    """Gives a place of a cohort back."""
    await storage.free_seat(work, cohort_id)
