"""A project declares its holders' memberships when it begins and ends them when it leaves."""

import asyncio
from datetime import date, timedelta

import pytest
from incubating import CAMILLE, NOOR, NOW, TODAY, a_cohort, a_programme, a_project, said, seats, verbs
from incubator.programmes.domain import CohortFull, UnknownCohort, UnknownStage
from incubator.projects import usecases as projects
from incubator.projects.domain import Exit, ExitReason, ProjectAlreadyExited, UnknownProject
from servicekit.etags import StaleEtag
from servicekit.identifiers import new_id
from servicekit.sql import Database

LATER = NOW + timedelta(days=30)
LATER_DAY = TODAY + timedelta(days=30)
COMPLETED = Exit(reason=ExitReason.COMPLETED, on=LATER_DAY)


async def test_a_project_begins_at_the_first_stage_and_takes_a_seat(database: Database) -> None:
    async with database.work() as work:
        programme = await a_programme(work)
        cohort = await a_cohort(work, programme)
        begun = await a_project(work, cohort, CAMILLE, NOOR)
    async with database.reading() as work:
        kept = await projects.project(work, begun.project_id)
    assert (kept.stage_id, kept.stage_at) == (programme.stages[0].stage_id, NOW)
    assert [holder.person.person_id for holder in kept.holders] == [CAMILLE, NOOR]
    assert await seats(database, cohort) == 1


async def test_each_holder_is_declared_incubated_exactly_once(database: Database) -> None:
    async with database.work() as work:
        project = await a_project(work, await a_cohort(work, await a_programme(work)), CAMILLE, NOOR)
    declared = await said(database, "membership_declared")
    assert declared == [
        {
            "membershipId": holder.membership_id,
            "personId": holder.person.person_id,
            "kind": "MEMBERSHIP_KIND_INCUBATED",
            "period": {"startDate": "2026-11-03"},
        }
        for holder in project.holders
    ]


async def test_an_exit_frees_the_seat_and_ends_every_membership_once(database: Database) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work), capacity=1)
        project = await a_project(work, cohort, CAMILLE, NOOR)
    async with database.work() as work:
        left = await projects.leave(work, project.project_id, COMPLETED, etag='"1"', now=LATER, today=LATER_DAY)
    assert (left.exit, left.version) == (COMPLETED, 2)
    assert await seats(database, cohort) == 0
    assert await said(database, "membership_ended") == [
        {"membershipId": h.membership_id, "personId": h.person.person_id, "endDate": "2026-12-03"}
        for h in project.holders
    ]
    assert await said(database, "project_exited") == [
        {"projectId": project.project_id, "reason": "EXIT_REASON_COMPLETED"}
    ]
    async with database.work() as work:
        await a_project(work, cohort)
    assert await seats(database, cohort) == 1


async def test_a_second_exit_is_refused_and_ends_nothing_again(database: Database) -> None:
    async with database.work() as work:
        project = await a_project(work, await a_cohort(work, await a_programme(work)), CAMILLE)
        await projects.leave(work, project.project_id, COMPLETED, etag="", now=LATER, today=LATER_DAY)
    with pytest.raises(ProjectAlreadyExited):
        async with database.work() as work:
            await projects.leave(work, project.project_id, COMPLETED, etag="", now=LATER, today=LATER_DAY)
    assert (await verbs(database))["membership_ended"] == 1


async def test_of_many_exits_at_once_one_happens(database: Database) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work))
        project = await a_project(work, cohort, CAMILLE)
        await a_project(work, cohort, NOOR)

    async def leave() -> None:
        async with database.work() as work:
            await projects.leave(work, project.project_id, COMPLETED, etag="", now=LATER, today=LATER_DAY)

    outcomes = await asyncio.gather(*(leave() for _ in range(8)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ProjectAlreadyExited) for outcome in outcomes) == 7
    assert await seats(database, cohort) == 1
    assert (await verbs(database))["membership_ended"] == 1


async def test_a_project_moves_to_another_stage_of_its_programme(database: Database) -> None:
    async with database.work() as work:
        programme = await a_programme(work)
        project = await a_project(work, await a_cohort(work, programme))
        third = programme.stages[2].stage_id
        moved = await projects.move(work, project.project_id, third, etag='"1"', now=LATER)
    assert (moved.stage_id, moved.stage_at, moved.version) == (third, LATER, 2)
    assert await said(database, "project_moved") == [{"projectId": project.project_id, "stageId": third}]


async def test_moving_to_where_it_stands_changes_and_tells_nothing(database: Database) -> None:
    async with database.work() as work:
        project = await a_project(work, await a_cohort(work, await a_programme(work)))
        again = await projects.move(work, project.project_id, project.stage_id, etag="", now=LATER)
    assert (again.stage_at, again.version) == (NOW, 1)
    assert (await verbs(database))["project_moved"] == 0


async def test_a_project_does_not_move_on_a_stale_etag_to_a_foreign_stage_or_after_its_exit(
    database: Database,
) -> None:
    async with database.work() as work:
        programme, other = await a_programme(work), await a_programme(work)
        project = await a_project(work, await a_cohort(work, programme))
        second = programme.stages[1].stage_id
        with pytest.raises(StaleEtag):
            await projects.move(work, project.project_id, second, etag='"9"', now=LATER)
        with pytest.raises(UnknownStage):
            await projects.move(work, project.project_id, other.stages[1].stage_id, etag="", now=LATER)
        with pytest.raises(UnknownProject):
            await projects.move(work, new_id("project"), second, etag="", now=LATER)
        await projects.leave(work, project.project_id, COMPLETED, etag="", now=LATER, today=LATER_DAY)
        with pytest.raises(ProjectAlreadyExited):
            await projects.move(work, project.project_id, second, etag="", now=LATER)


async def test_a_project_is_not_begun_in_a_cohort_that_is_full(database: Database) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work), capacity=1)
        await a_project(work, cohort)
    with pytest.raises(CohortFull):
        async with database.work() as work:
            await a_project(work, cohort)
    assert (await verbs(database))["membership_declared"] == 1


async def test_the_board_shows_who_is_where_the_longest_waiting_first(database: Database) -> None:
    async with database.work() as work:
        programme = await a_programme(work)
        cohort = await a_cohort(work, programme)
        young = await a_project(work, cohort, now=NOW)
        old = await a_project(work, cohort, now=NOW - timedelta(days=9))
        advanced = await a_project(work, cohort)
        gone = await a_project(work, cohort)
        await projects.move(work, advanced.project_id, programme.stages[1].stage_id, etag="", now=LATER)
        await projects.leave(work, gone.project_id, COMPLETED, etag="", now=LATER, today=LATER_DAY)
        await a_project(work, await a_cohort(work, programme))
    async with database.reading() as work:
        board = await projects.cohort_board(work, cohort.cohort_id, show_exited=False)
        whole = await projects.cohort_board(work, cohort.cohort_id, show_exited=True)
    columns = [[project.project_id for project in waiting] for _, waiting in board.columns]
    assert columns == [[old.project_id, young.project_id], [advanced.project_id], []]
    assert board.exited == []
    assert [project.project_id for project in whole.exited] == [gone.project_id]
    assert whole.columns == board.columns
    assert board.cohort.taken == 3


async def test_there_is_no_board_of_a_cohort_that_does_not_exist(database: Database) -> None:
    async with database.reading() as work:
        with pytest.raises(UnknownCohort):
            await projects.cohort_board(work, new_id("cohort"), show_exited=True)


async def test_a_project_exists_for_its_holders_and_not_for_others(database: Database) -> None:
    async with database.work() as work:
        project = await a_project(work, await a_cohort(work, await a_programme(work)), CAMILLE)
    async with database.reading() as work:
        assert await projects.project_carried_by(work, project.project_id, CAMILLE) == project
        with pytest.raises(UnknownProject):
            await projects.project_carried_by(work, project.project_id, NOOR)


async def test_a_person_finds_their_own_projects_newest_first(database: Database) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, await a_programme(work))
        old = await a_project(work, cohort, CAMILLE, today=date(2026, 1, 1))
        new = await a_project(work, cohort, CAMILLE, NOOR, today=date(2026, 5, 1))
        await a_project(work, cohort, NOOR)
    async with database.reading() as work:
        mine = await projects.projects_carried_by(work, CAMILLE, after=None, most=10)
        rest = await projects.projects_carried_by(work, CAMILLE, after=(new.began_on, new.project_id), most=10)
    assert mine == [new, old]
    assert rest == [old]
