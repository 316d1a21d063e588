"""ProgrammeService as its callers see it."""

from typing import Any

import pytest
from groupement.incubator.v1 import programme_service_pb2 as pb
from groupement.type.v1 import period_pb2
from incubator_house import ADMIN, Running
from servicekit.identifiers import new_id
from servicekit.refusals import Invalid, NotFound

STARTER: dict[str, Any] = {
    "name": "  Starter ",
    "description": "Trois mois.",
    "duration_months": 3,
    "stage_names": ["Étude de marché", "Techniques de vente"],
}
AUTUMN: dict[str, Any] = {
    "name": "Starter, automne",
    "period": period_pb2.Period(start_date="2026-09-01", end_date="2026-12-01"),
    "capacity": 12,
}


async def _programme(incubator: Running, **change: Any) -> Any:
    request = pb.CreateProgrammeRequest(**{**STARTER, **change})
    return (await incubator.programmes.CreateProgramme(request, **incubator.by_director)).programme


async def _cohort(incubator: Running, programme_id: str, **change: Any) -> Any:
    request = pb.OpenCohortRequest(**{**AUTUMN, "programme_id": programme_id, **change})
    return (await incubator.programmes.OpenCohort(request, **incubator.by_advisor)).cohort


async def test_a_programme_is_made_and_seen_by_all(incubator: Running) -> None:
    made = await _programme(incubator)
    seen = await incubator.programmes.ListProgrammes(pb.ListProgrammesRequest())
    assert list(seen.programmes) == [made]
    assert (made.name, made.duration_months, made.etag) == ("Starter", 3, '"1"')
    assert [(stage.position, stage.name) for stage in made.stages] == [
        (1, "Étude de marché"),
        (2, "Techniques de vente"),
    ]


async def test_an_admin_makes_programmes_too(incubator: Running) -> None:
    request = pb.CreateProgrammeRequest(**STARTER)
    assert (await incubator.programmes.CreateProgramme(request, **incubator.by(ADMIN, "ADMIN"))).programme.programme_id


async def test_a_cohort_is_opened_and_seen_by_all(incubator: Running) -> None:
    programme, other = await _programme(incubator), await _programme(incubator)
    cohort = await _cohort(incubator, programme.programme_id)
    await _cohort(incubator, other.programme_id)
    request = pb.ListCohortsRequest(programme_id=programme.programme_id)
    assert list((await incubator.programmes.ListCohorts(request)).cohorts) == [cohort]
    assert len((await incubator.programmes.ListCohorts(pb.ListCohortsRequest())).cohorts) == 2
    assert (cohort.capacity, cohort.taken, cohort.period.end_date) == (12, 0, "2026-12-01")


async def test_the_same_request_twice_makes_one_programme_and_one_cohort(incubator: Running) -> None:
    first, again = [await _programme(incubator, request_id="r-1") for _ in range(2)]
    assert first == again
    one, same = [await _cohort(incubator, first.programme_id, request_id="r-2") for _ in range(2)]
    assert one == same
    assert len((await incubator.programmes.ListProgrammes(pb.ListProgrammesRequest())).programmes) == 1
    assert len((await incubator.programmes.ListCohorts(pb.ListCohortsRequest())).cohorts) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "a" * 121}, "name"),
        ({"name": "nul\0"}, "name"),
        ({"description": "a" * 4001}, "description"),
        ({"duration_months": 61}, "duration_months"),
        ({"stage_names": []}, "stage_names"),
        ({"stage_names": ["Étude", "Étude "]}, "stage_names[1]"),
        ({"request_id": "no spaces here"}, "request_id"),
    ],
)
async def test_a_programme_is_refused_with_the_field_at_fault(
    incubator: Running, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _programme(incubator, **change)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"capacity": 501}, "capacity"),
        ({"period": None}, "period.start_date"),
        ({"period": period_pb2.Period(start_date="2026-09-01")}, "period.end_date"),
        ({"period": period_pb2.Period(start_date="2026-09-01", end_date="2026-08-01")}, "period.end_date"),
        ({"period": period_pb2.Period(start_date="1 septembre", end_date="2026-08-01")}, "period.start_date"),
    ],
)
async def test_a_cohort_is_refused_with_the_field_at_fault(
    incubator: Running, change: dict[str, Any], field: str
) -> None:
    programme = await _programme(incubator)
    with pytest.raises(Invalid) as refused:
        await _cohort(incubator, programme.programme_id, **change)
    assert refused.value.field == field


@pytest.mark.parametrize("programme_id", ["", "nul\0", "programme_1", new_id("cohort"), new_id("programme")])
async def test_a_cohort_of_no_programme_is_refused(incubator: Running, programme_id: str) -> None:
    with pytest.raises(NotFound) as refused:
        await _cohort(incubator, programme_id)
    assert refused.value.reason == "UNKNOWN_PROGRAMME"


async def test_lists_are_paged_and_a_token_belongs_to_its_list(incubator: Running) -> None:
    made = [await _programme(incubator, name=name) for name in ("Amorçage", "Couveuse", "Starter")]
    first = await incubator.programmes.ListProgrammes(pb.ListProgrammesRequest(page_size=2))
    request = pb.ListProgrammesRequest(page_size=2, page_token=first.next_page_token)
    second = await incubator.programmes.ListProgrammes(request)
    assert [*first.programmes, *second.programmes] == made
    assert second.next_page_token == ""
    cohorts = [
        await _cohort(
            incubator,
            made[0].programme_id,
            period=period_pb2.Period(start_date=f"2026-0{month}-01", end_date="2026-12-01"),
        )
        for month in (3, 2, 1)
    ]
    page = await incubator.programmes.ListCohorts(pb.ListCohortsRequest(page_size=1))
    rest = await incubator.programmes.ListCohorts(pb.ListCohortsRequest(page_token=page.next_page_token))
    assert [*page.cohorts, *rest.cohorts] == cohorts
    with pytest.raises(Invalid) as refused:
        await incubator.programmes.ListProgrammes(pb.ListProgrammesRequest(page_token=page.next_page_token))
    assert refused.value.field == "page_token"


@pytest.mark.parametrize("token", ["garbage", "WyJhIl0", "e30"])
async def test_a_page_token_that_was_never_given_is_refused(incubator: Running, token: str) -> None:
    for call, request in (
        (incubator.programmes.ListProgrammes, pb.ListProgrammesRequest(page_token=token)),
        (incubator.programmes.ListCohorts, pb.ListCohortsRequest(page_token=token)),
    ):
        with pytest.raises(Invalid) as refused:
            await call(request)
        assert refused.value.field == "page_token"
