"""Thirty advisors admit at once to a cohort of five places: five come in. The control goes over."""

import asyncio
from collections.abc import Sequence

import pytest
from engines import Databases
from incubating import INCUBATOR, NOW, TODAY, a_cohort, a_programme, an_application, seats, verbs
from incubator.calls import usecases as calls
from incubator.calls.domain import Application
from incubator.programmes import storage
from incubator.programmes.domain import Cohort, CohortFull
from incubator.tables import METADATA
from servicekit.sql import Database, Work
from sqlalchemy import MetaData, Table, update

PLACES, ADVISORS = 5, 30


async def test_thirty_admissions_for_five_places_admit_five(database: Database) -> None:
    cohort, sent = await _thirty_applications(database)
    outcomes = await asyncio.gather(*(_admit(database, each, cohort) for each in sent))
    assert sum(outcomes) == PLACES
    assert await seats(database, cohort) == PLACES
    told = await verbs(database)
    assert (told["application_admitted"], told["membership_declared"]) == (PLACES, PLACES)


async def test_control_without_the_guard_the_same_race_goes_over(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    unguarded = await databases.make(_without_the_check(), INCUBATOR)
    cohort, sent = await _thirty_applications(unguarded)
    monkeypatch.setattr(storage, "take_seat", _take_whatever_is_left)
    outcomes = await asyncio.gather(*(_look_then_admit(unguarded, each, cohort) for each in sent))
    assert sum(outcomes) > PLACES
    assert await seats(unguarded, cohort) > PLACES


async def test_control_the_check_alone_still_holds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, sent = await _thirty_applications(database)
    monkeypatch.setattr(storage, "take_seat", _take_whatever_is_left)
    outcomes = await asyncio.gather(
        *(_look_then_admit(database, each, cohort) for each in sent), return_exceptions=True
    )
    assert sum(outcome is True for outcome in outcomes) == PLACES
    assert await seats(database, cohort) == PLACES


async def _thirty_applications(database: Database) -> tuple[Cohort, Sequence[Application]]:
    async with database.work() as work:
        programme = await a_programme(work)
        cohort = await a_cohort(work, programme, capacity=PLACES)
        return cohort, [await an_application(work, programme) for _ in range(ADVISORS)]


async def _admit(database: Database, sent: Application, cohort: Cohort) -> bool:
    try:
        async with database.work() as work:
            await calls.admit(work, sent.application_id, cohort.cohort_id, etag='"1"', now=NOW, today=TODAY)
    except CohortFull:
        return False
    return True


async def _look_then_admit(database: Database, sent: Application, cohort: Cohort) -> bool:
    """Admission as it is often written: look whether there is room, then come in."""
    if await seats(database, cohort) >= PLACES:
        return False
    await asyncio.sleep(0)
    return await _admit(database, sent, cohort)


async def _take_whatever_is_left(work: Work, cohort_id: str) -> Cohort | None:
    """The seat, taken without asking again whether there is one."""
    table = METADATA.tables["cohort"]
    taken = update(table).where(table.c.cohort_id == cohort_id).values(taken=table.c.taken + 1)
    await work.execute(taken)
    return await storage.cohort(work, cohort_id)


def _without_the_check() -> MetaData:
    """The incubator's tables, but a cohort that believes whatever it is told."""
    bare = MetaData(naming_convention=METADATA.naming_convention)
    for table in METADATA.sorted_tables:
        copied: Table = table.to_metadata(bare)
        copied.constraints -= {rule for rule in copied.constraints if rule.name == "cohort_never_overfull"}
    return bare
