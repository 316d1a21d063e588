"""An application is sent once, decided once, and becomes a project when it is admitted."""

import asyncio
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from incubating import CAMILLE, LES_FANES, NOOR, NOW, TODAY, a_cohort, a_programme, an_application, said, seats, verbs
from incubator.calls import usecases as calls
from incubator.calls.domain import (
    AlreadyApplied,
    AlreadyDecided,
    Application,
    ApplicationState,
    CohortOfAnotherProgramme,
    UnknownApplication,
)
from incubator.programmes.domain import CohortFull, Programme, UnknownCohort, UnknownProgramme
from incubator.projects import usecases as projects
from incubator.tables import application as application_table
from servicekit.etags import StaleEtag
from servicekit.identifiers import new_id
from servicekit.sql import Database
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

LATER = NOW + timedelta(days=1)


@pytest.fixture
async def programme(database: Database) -> Programme:
    """A programme to apply to."""
    async with database.work() as work:
        return await a_programme(work)


async def test_an_application_is_kept_as_it_was_sent(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        sent = await an_application(work, programme, person_id=CAMILLE)
    async with database.reading() as work:
        assert await calls.application(work, sent.application_id) == sent
    assert (sent.state, sent.version, sent.submitted_at) == (ApplicationState.SUBMITTED, 1, NOW)
    assert await said(database, "application_submitted") == [
        {"applicationId": sent.application_id, "programmeId": programme.programme_id}
    ]


async def test_nobody_applies_to_a_programme_that_does_not_exist(database: Database) -> None:
    wish = replace(LES_FANES, programme_id=new_id("programme"))
    with pytest.raises(UnknownProgramme):
        async with database.work() as work:
            await calls.send(work, wish, application_id=new_id("application"), person_id=CAMILLE, now=NOW)


async def test_one_application_a_person_and_programme_may_be_open(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        first = await an_application(work, programme, person_id=CAMILLE)
        await an_application(work, await a_programme(work), person_id=CAMILLE)
        await an_application(work, programme, person_id=NOOR)
    with pytest.raises(AlreadyApplied):
        async with database.work() as work:
            await an_application(work, programme, person_id=CAMILLE)
    async with database.work() as work:
        await calls.withdraw(work, first.application_id, person_id=CAMILLE, now=LATER)
        again = await an_application(work, programme, person_id=CAMILLE)
    assert again.application_id != first.application_id


async def test_of_many_sent_at_once_one_is_received(database: Database, programme: Programme) -> None:
    async def send() -> Application | AlreadyApplied:
        try:
            async with database.work() as work:
                return await an_application(work, programme, person_id=CAMILLE)
        except AlreadyApplied as refusal:
            return refusal

    outcomes = await asyncio.gather(*(send() for _ in range(12)))
    assert sum(isinstance(outcome, Application) for outcome in outcomes) == 1
    assert (await verbs(database))["application_submitted"] == 1


async def test_the_database_itself_refuses_a_second_open_application(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        sent = await an_application(work, programme, person_id=CAMILLE)
    twin = asdict(sent) | {"application_id": new_id("application")}
    with pytest.raises(IntegrityError):
        async with database.work() as work:
            await work.execute(insert(application_table), twin)


async def test_an_admission_makes_the_project_and_declares_its_holder(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, programme)
        sent = await an_application(work, programme, person_id=CAMILLE)
    async with database.work() as work:
        admitted, project = await calls.admit(
            work, sent.application_id, cohort.cohort_id, etag='"1"', now=LATER, today=TODAY
        )
    assert (admitted.state, admitted.project_id) == (ApplicationState.ADMITTED, project.project_id)
    assert (admitted.decided_at, admitted.version) == (LATER, 2)
    assert (project.name, project.pitch, project.cohort_id) == (sent.project_name, sent.pitch, cohort.cohort_id)
    (holder,) = project.holders
    assert (holder.person.person_id, holder.person.name, holder.person.email) == (
        CAMILLE,
        sent.applicant_name,
        sent.email,
    )
    assert await seats(database, cohort) == 1
    assert await verbs(database) == {
        "application_submitted": 1,
        "application_admitted": 1,
        "membership_declared": 1,
    }
    async with database.reading() as work:
        assert await projects.project(work, project.project_id) == project


async def test_what_is_decided_is_not_decided_again(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, programme)
        sent = await an_application(work, programme, person_id=CAMILLE)
        await calls.decline(work, sent.application_id, etag='"1"', now=LATER)
    for decide in (_admit, _decline, _withdraw):
        with pytest.raises(AlreadyDecided):
            await decide(database, sent, cohort.cohort_id)
    assert await seats(database, cohort) == 0
    assert await verbs(database) == {"application_submitted": 1, "application_declined": 1}


async def test_of_two_who_read_the_same_application_the_second_decides_on_a_stale_etag(
    database: Database, programme: Programme
) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, programme)
        sent = await an_application(work, programme)
    await _admit(database, sent, cohort.cohort_id, etag='"1"')
    with pytest.raises(StaleEtag):
        await _decline(database, sent, etag='"1"')
    with pytest.raises(StaleEtag):
        await _admit(database, sent, cohort.cohort_id, etag='"1"')
    assert await seats(database, cohort) == 1


async def test_two_advisors_at_once_admit_an_application_once(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, programme)
        sent = await an_application(work, programme)
    outcomes = await asyncio.gather(
        *(_admit(database, sent, cohort.cohort_id) for _ in range(8)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyDecided) for outcome in outcomes) == 7
    assert (await verbs(database))["membership_declared"] == 1
    assert await seats(database, cohort) == 1


async def test_an_application_enters_a_cohort_of_its_own_programme_only(
    database: Database, programme: Programme
) -> None:
    async with database.work() as work:
        other = await a_cohort(work, await a_programme(work))
        sent = await an_application(work, programme)
    with pytest.raises(CohortOfAnotherProgramme) as refused:
        await _admit(database, sent, other.cohort_id)
    assert refused.value.field == "cohort_id"
    with pytest.raises(UnknownCohort):
        await _admit(database, sent, new_id("cohort"))
    assert await seats(database, other) == 0


async def test_a_full_cohort_leaves_the_application_undecided(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        cohort = await a_cohort(work, programme, capacity=1)
        first, second = await an_application(work, programme), await an_application(work, programme)
    await _admit(database, first, cohort.cohort_id)
    with pytest.raises(CohortFull):
        await _admit(database, second, cohort.cohort_id)
    async with database.reading() as work:
        kept = await calls.application(work, second.application_id)
    assert kept == second
    assert (await verbs(database))["membership_declared"] == 1


async def test_only_the_applicant_takes_an_application_back(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        sent = await an_application(work, programme, person_id=CAMILLE)
    with pytest.raises(UnknownApplication):
        async with database.work() as work:
            await calls.withdraw(work, sent.application_id, person_id=NOOR, now=LATER)
    async with database.work() as work:
        taken = await calls.withdraw(work, sent.application_id, person_id=CAMILLE, now=LATER)
    assert (taken.state, taken.decided_at) == (ApplicationState.WITHDRAWN, LATER)
    assert await said(database, "application_withdrawn") == [{"applicationId": sent.application_id}]


async def test_what_was_never_sent_cannot_be_decided(database: Database, programme: Programme) -> None:
    async with database.work() as work:
        with pytest.raises(UnknownApplication):
            await calls.decline(work, new_id("application"), etag="", now=LATER)


async def test_applications_are_listed_oldest_first_and_mine_newest_first(
    database: Database, programme: Programme
) -> None:
    async with database.work() as work:
        first = await an_application(work, programme, person_id=CAMILLE)
        second = await an_application(work, programme, person_id=NOOR, now=LATER)
        third = await an_application(work, await a_programme(work), person_id=CAMILLE, now=LATER)
        declined = await calls.decline(work, second.application_id, etag="", now=LATER)
    later = sorted([declined, third], key=lambda application: application.application_id)
    async with database.reading() as work:
        every = await calls.applications(work, state=None, after=None, most=10)
        rest = await calls.applications(work, state=None, after=(NOW, first.application_id), most=10)
        open_ones = await calls.applications(work, state=ApplicationState.SUBMITTED, after=None, most=10)
        mine = await calls.applications_of(work, CAMILLE, after=None, most=10)
        my_rest = await calls.applications_of(work, CAMILLE, after=(LATER, third.application_id), most=10)
    assert every == [first, *later]
    assert rest == later
    assert open_ones == [first, third]
    assert mine == [third, first]
    assert my_rest == [first]


async def _admit(database: Database, sent: Application, cohort_id: str, etag: str = "") -> None:
    async with database.work() as work:
        await calls.admit(work, sent.application_id, cohort_id, etag=etag, now=LATER, today=TODAY)


async def _decline(database: Database, sent: Application, _cohort_id: str = "", etag: str = "") -> None:
    async with database.work() as work:
        await calls.decline(work, sent.application_id, etag=etag, now=LATER)


async def _withdraw(database: Database, sent: Application, _cohort_id: str = "") -> None:
    async with database.work() as work:
        await calls.withdraw(work, sent.application_id, person_id=sent.person_id, now=LATER)
