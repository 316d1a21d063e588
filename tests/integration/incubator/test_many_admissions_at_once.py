"""Thirty advisors press the button together: the cohort's places are given once each, over the real wire."""

import asyncio
from typing import Any

from groupement.incubator.v1 import call_service_pb2 as pb
from incubating import a_cohort, a_programme, an_application, seats, verbs
from incubator_house import Running
from servicekit.refusals import Refusal

PLACES, ADVISORS = 5, 30


async def test_thirty_admissions_for_five_places_admit_five(incubator: Running) -> None:
    async with incubator.database.work() as work:
        programme = await a_programme(work)
        cohort = await a_cohort(work, programme, capacity=PLACES)
        sent = [await an_application(work, programme) for _ in range(ADVISORS)]
    reasons = await asyncio.gather(
        *(_admit(incubator, each.application_id, cohort.cohort_id, f"admit-{n}") for n, each in enumerate(sent))
    )
    assert reasons.count("") == PLACES
    assert reasons.count("COHORT_FULL") == ADVISORS - PLACES
    assert await seats(incubator.database, cohort) == PLACES
    assert (await verbs(incubator.database))["membership_declared"] == PLACES


async def test_one_admission_asked_twenty_times_at_once_admits_once(incubator: Running) -> None:
    async with incubator.database.work() as work:
        programme = await a_programme(work)
        cohort = await a_cohort(work, programme, capacity=PLACES)
        sent = await an_application(work, programme)
    reasons = await asyncio.gather(
        *(_admit(incubator, sent.application_id, cohort.cohort_id, "admit-once") for _ in range(20))
    )
    assert reasons == [""] * 20
    assert await seats(incubator.database, cohort) == 1
    told = await verbs(incubator.database)
    assert (told["application_admitted"], told["membership_declared"]) == (1, 1)


async def _admit(incubator: Running, application_id: str, cohort_id: str, request_id: str) -> str:
    request = pb.AdmitApplicationRequest(application_id=application_id, cohort_id=cohort_id, request_id=request_id)
    options: dict[str, Any] = incubator.by_advisor
    try:
        await incubator.calls.AdmitApplication(request, **options)
    except Refusal as refusal:
        return refusal.reason
    return ""
