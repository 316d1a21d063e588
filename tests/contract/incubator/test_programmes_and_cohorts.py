"""Programmes and cohorts are kept, listed in order, and their seats counted by the database itself."""

from dataclasses import replace
from datetime import date

import pytest
from incubating import AUTUMN, STARTER, a_cohort, a_programme, seats
from incubator.programmes import usecases as programmes
from incubator.programmes.domain import CohortFull, UnknownCohort, UnknownProgramme
from incubator.tables import cohort as cohort_table
from servicekit.fields import sort_name
from servicekit.identifiers import new_id
from servicekit.sql import Database
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError


async def test_a_programme_is_kept_with_its_stages_in_order(database: Database) -> None:
    async with database.work() as work:
        made = await a_programme(work)
    async with database.reading() as work:
        kept = await programmes.programme(work, made.programme_id)
    assert kept == made
    assert [(stage.position, stage.name) for stage in kept.stages] == [
        (1, "Étude de marché"),
        (2, "Techniques de vente"),
        (3, "Statuts juridiques"),
    ]


async def test_programmes_are_listed_by_name_without_case_or_accents(database: Database) -> None:
    async with database.work() as work:
        for name in ("Starter", "économie", "Amorçage", "Économie b", "couveuse"):
            await a_programme(work, replace(STARTER, name=name))
    async with database.reading() as work:
        listed = await programmes.programmes(work, after=None, most=10)
    assert [programme.name for programme in listed] == ["Amorçage", "couveuse", "économie", "Économie b", "Starter"]


async def test_programmes_are_paged_by_key_even_when_names_are_the_same(database: Database) -> None:
    async with database.work() as work:
        made = {(await a_programme(work)).programme_id for _ in range(5)}
    seen: list[str] = []
    after: tuple[str, str] | None = None
    async with database.reading() as work:
        while page := await programmes.programmes(work, after=after, most=2):
            seen += [programme.programme_id for programme in page]
            after = (sort_name(page[-1].name), page[-1].programme_id)
    assert seen == sorted(made)


async def test_cohorts_are_listed_the_latest_to_start_first(database: Database) -> None:
    async with database.work() as work:
        starter, couveuse = await a_programme(work), await a_programme(work)
        spring = await a_cohort(work, starter, starts_on=date(2026, 3, 1))
        autumn = await a_cohort(work, starter, starts_on=date(2026, 10, 1))
        other = await a_cohort(work, couveuse, starts_on=date(2026, 6, 1))
    async with database.reading() as work:
        every = await programmes.cohorts(work, programme_id=None, after=None, most=10)
        of_starter = await programmes.cohorts(work, programme_id=starter.programme_id, after=None, most=10)
        rest = await programmes.cohorts(work, programme_id=None, after=(autumn.starts_on, autumn.cohort_id), most=10)
    assert every == [autumn, other, spring]
    assert of_starter == [autumn, spring]
    assert rest == [other, spring]


async def test_a_cohort_needs_a_programme_that_exists(database: Database) -> None:
    wish = replace(AUTUMN, programme_id=new_id("programme"))
    with pytest.raises(UnknownProgramme):
        async with database.work() as work:
            await programmes.open_cohort(work, wish, cohort_id=new_id("cohort"))


async def test_cohorts_of_a_programme_that_does_not_exist_are_not_an_empty_list(database: Database) -> None:
    async with database.reading() as work:
        with pytest.raises(UnknownProgramme):
            await programmes.cohorts(work, programme_id=new_id("programme"), after=None, most=10)


async def test_the_seats_of_a_cohort_run_out_and_come_back(database: Database) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work), capacity=1)
        held = await programmes.take_seat(work, cohort.cohort_id)
    assert (held.taken, held.version) == (1, 2)
    with pytest.raises(CohortFull):
        async with database.work() as work:
            await programmes.take_seat(work, cohort.cohort_id)
    async with database.work() as work:
        await programmes.free_seat(work, cohort.cohort_id)
    assert await seats(database, cohort) == 0


async def test_a_seat_is_not_taken_in_a_cohort_that_does_not_exist(database: Database) -> None:
    async with database.work() as work:
        with pytest.raises(UnknownCohort):
            await programmes.take_seat(work, new_id("cohort"))


@pytest.mark.parametrize("taken", [-1, 6])
async def test_the_database_itself_refuses_more_projects_than_places_and_fewer_than_none(
    database: Database, taken: int
) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work), capacity=5)
    overfull = update(cohort_table).where(cohort_table.c.cohort_id == cohort.cohort_id).values(taken=taken)
    with pytest.raises(IntegrityError):
        async with database.work() as work:
            await work.execute(overfull)
    assert await seats(database, cohort) == 0
