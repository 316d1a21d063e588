"""CallService and ProjectService as their callers see them, from the application to the exit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from groupement.incubator.v1 import application_pb2, call_service_pb2, programme_service_pb2, project_pb2
from groupement.incubator.v1 import project_service_pb2 as pb
from groupement.type.v1 import period_pb2
from incubating import CAMILLE, NOOR, said, verbs
from incubator_house import Running
from servicekit.identifiers import new_id
from servicekit.refusals import Conflict, Invalid, NotFound, Refusal, Stale

LES_FANES = {
    "applicant_name": "Camille Fictive",
    "email": "camille@demo.example",
    "phone": "04 91 00 00 00",
    "project_name": "Les Fanes",
    "pitch": "Cuisiner ce que le marché jette.",
}


@dataclass(frozen=True)
class Offer:
    """A programme and a cohort of it."""

    programme: Any
    cohort: Any


async def _offer(incubator: Running, capacity: int = 5) -> Offer:
    wanted = programme_service_pb2.CreateProgrammeRequest(
        name="Starter", duration_months=3, stage_names=["Étude de marché", "Techniques de vente"]
    )
    programme = (await incubator.programmes.CreateProgramme(wanted, **incubator.by_director)).programme
    opening = programme_service_pb2.OpenCohortRequest(
        programme_id=programme.programme_id,
        name="Starter, automne",
        period=period_pb2.Period(start_date="2026-09-01", end_date="2026-12-01"),
        capacity=capacity,
    )
    return Offer(programme, (await incubator.programmes.OpenCohort(opening, **incubator.by_advisor)).cohort)


async def _apply(incubator: Running, offer: Offer, person_id: str = CAMILLE, **change: Any) -> Any:
    wish = {"programme_id": offer.programme.programme_id, **LES_FANES, **change}
    request = call_service_pb2.SubmitApplicationRequest(**wish)
    return (await incubator.calls.SubmitApplication(request, **incubator.by(person_id))).application


async def _admit(incubator: Running, application: Any, cohort_id: str, **change: Any) -> Any:
    request = call_service_pb2.AdmitApplicationRequest(
        application_id=application.application_id, cohort_id=cohort_id, **change
    )
    return await incubator.calls.AdmitApplication(request, **incubator.by_advisor)


async def _project(incubator: Running, offer: Offer, person_id: str = CAMILLE) -> Any:
    sent = await _apply(incubator, offer, person_id)
    return (await _admit(incubator, sent, offer.cohort.cohort_id)).project


async def _exit(incubator: Running, project: Any, **change: Any) -> Any:
    wish = {"project_id": project.project_id, "reason": project_pb2.EXIT_REASON_COMPLETED, **change}
    return (await incubator.projects.ExitProject(pb.ExitProjectRequest(**wish), **incubator.by_advisor)).project


async def test_a_holder_applies_is_admitted_moves_on_and_leaves(incubator: Running) -> None:
    offer = await _offer(incubator)
    sent = await _apply(incubator, offer)
    assert (sent.state, sent.etag) == (application_pb2.APPLICATION_STATE_SUBMITTED, '"1"')

    admitted = await _admit(incubator, sent, offer.cohort.cohort_id, etag=sent.etag)
    project = admitted.project
    assert admitted.application.project_id == project.project_id
    assert [(holder.person_id, holder.email) for holder in project.holders] == [(CAMILLE, "camille@demo.example")]

    moving = pb.MoveProjectRequest(
        project_id=project.project_id, stage_id=offer.programme.stages[1].stage_id, etag=project.etag
    )
    moved = (await incubator.projects.MoveProject(moving, **incubator.by_advisor)).project
    left = await _exit(incubator, moved, etag=moved.etag)
    assert (left.state, left.exit_date) == (project_pb2.PROJECT_STATE_EXITED, "2026-11-03")

    (declared,) = await said(incubator.database, "membership_declared")
    (ended,) = await said(incubator.database, "membership_ended")
    assert declared["kind"] == "MEMBERSHIP_KIND_INCUBATED"
    assert declared["membershipId"] == ended["membershipId"]
    assert (declared["personId"], ended["endDate"]) == (CAMILLE, "2026-11-03")


async def test_no_fact_names_a_person_or_their_address(incubator: Running) -> None:
    offer = await _offer(incubator)
    await _exit(incubator, await _project(incubator, offer))
    told = [await said(incubator.database, verb) for verb in await verbs(incubator.database)]
    assert len(told) == 5
    assert not any(word in str(told) for word in ("Camille", "demo.example", "Fanes", "Cuisiner", "04 91"))


async def test_the_same_admission_asked_twice_admits_once(incubator: Running) -> None:
    offer = await _offer(incubator, capacity=1)
    sent = await _apply(incubator, offer, request_id="apply-1")
    assert sent == await _apply(incubator, offer, request_id="apply-1")
    first = await _admit(incubator, sent, offer.cohort.cohort_id, etag='"1"', request_id="admit-1")
    again = await _admit(incubator, sent, offer.cohort.cohort_id, etag='"1"', request_id="admit-1")
    assert first == again
    assert (await verbs(incubator.database))["membership_declared"] == 1
    with pytest.raises(Invalid) as refused:
        await _admit(incubator, sent, offer.cohort.cohort_id, etag="", request_id="admit-1")
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_the_same_exit_and_the_same_move_asked_twice_happen_once(incubator: Running) -> None:
    offer = await _offer(incubator)
    project = await _project(incubator, offer)
    moving = pb.MoveProjectRequest(
        project_id=project.project_id,
        stage_id=offer.programme.stages[1].stage_id,
        etag=project.etag,
        request_id="move-1",
    )
    moved, again = [await incubator.projects.MoveProject(moving, **incubator.by_advisor) for _ in range(2)]
    assert moved == again
    left, same = [await _exit(incubator, project, request_id="exit-1") for _ in range(2)]
    assert left == same
    told = await verbs(incubator.database)
    assert (told["project_moved"], told["project_exited"], told["membership_ended"]) == (1, 1, 1)


async def test_the_same_withdrawal_and_the_same_decline_asked_twice_happen_once(incubator: Running) -> None:
    offer = await _offer(incubator)
    mine, theirs = await _apply(incubator, offer, CAMILLE), await _apply(incubator, offer, NOOR)
    taking = call_service_pb2.WithdrawApplicationRequest(application_id=mine.application_id, request_id="back-1")
    declining = call_service_pb2.DeclineApplicationRequest(application_id=theirs.application_id, request_id="no-1")
    for call, request, caller in (
        (incubator.calls.WithdrawApplication, taking, incubator.by(CAMILLE)),
        (incubator.calls.DeclineApplication, declining, incubator.by_advisor),
    ):
        assert await call(request, **caller) == await call(request, **caller)
    told = await verbs(incubator.database)
    assert (told["application_withdrawn"], told["application_declined"]) == (1, 1)


async def test_an_applicant_sees_and_takes_back_their_own_applications_only(incubator: Running) -> None:
    offer = await _offer(incubator)
    mine = await _apply(incubator, offer, CAMILLE)
    theirs = await _apply(incubator, offer, NOOR)
    listing = call_service_pb2.ListMyApplicationsRequest()
    listed = await incubator.calls.ListMyApplications(listing, **incubator.by(CAMILLE))
    assert list(listed.applications) == [mine]
    taking = call_service_pb2.WithdrawApplicationRequest(application_id=theirs.application_id)
    with pytest.raises(NotFound) as refused:
        await incubator.calls.WithdrawApplication(taking, **incubator.by(CAMILLE))
    assert refused.value.reason == "UNKNOWN_APPLICATION"
    taken = (await incubator.calls.WithdrawApplication(taking, **incubator.by(NOOR))).application
    assert taken.state == application_pb2.APPLICATION_STATE_WITHDRAWN
    with pytest.raises(Conflict) as decided:
        await incubator.calls.WithdrawApplication(taking, **incubator.by(NOOR))
    assert decided.value.reason == "ALREADY_DECIDED"


async def test_staff_lists_applications_by_state_page_by_page(incubator: Running) -> None:
    offer = await _offer(incubator)
    sent = []
    for person_id in (CAMILLE, NOOR, new_id("person")):
        sent.append(await _apply(incubator, offer, person_id))
        incubator.hands.forward(timedelta(minutes=1))
    declining = call_service_pb2.DeclineApplicationRequest(application_id=sent[1].application_id, etag='"1"')
    declined = (await incubator.calls.DeclineApplication(declining, **incubator.by_director)).application
    assert declined.state == application_pb2.APPLICATION_STATE_DECLINED
    assert declined.HasField("decide_time")
    open_ones = call_service_pb2.ListApplicationsRequest(state=application_pb2.APPLICATION_STATE_SUBMITTED, page_size=1)
    first = await incubator.calls.ListApplications(open_ones, **incubator.by_advisor)
    open_ones.page_token = first.next_page_token
    second = await incubator.calls.ListApplications(open_ones, **incubator.by_advisor)
    assert [*first.applications, *second.applications] == [sent[0], sent[2]]
    assert second.next_page_token == ""
    every = await incubator.calls.ListApplications(call_service_pb2.ListApplicationsRequest(), **incubator.by_advisor)
    assert list(every.applications) == [sent[0], declined, sent[2]]
    with pytest.raises(Invalid) as refused:
        odd = call_service_pb2.ListApplicationsRequest(state=99)  # type: ignore[arg-type]
        await incubator.calls.ListApplications(odd, **incubator.by_advisor)
    assert (refused.value.reason, refused.value.field) == ("STATE_UNKNOWN", "state")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"applicant_name": " "}, "applicant_name"),
        ({"applicant_name": "a" * 121}, "applicant_name"),
        ({"email": ""}, "email"),
        ({"email": "camille"}, "email"),
        ({"phone": "appelez-moi"}, "phone"),
        ({"project_name": ""}, "project_name"),
        ({"pitch": ""}, "pitch"),
        ({"pitch": "a" * 4001}, "pitch"),
        ({"pitch": "nul\0"}, "pitch"),
    ],
)
async def test_an_application_is_refused_with_the_field_at_fault(
    incubator: Running, change: dict[str, Any], field: str
) -> None:
    offer = await _offer(incubator)
    with pytest.raises(Invalid) as refused:
        await _apply(incubator, offer, **change)
    assert refused.value.field == field


async def test_an_application_may_be_sent_to_a_known_programme_once(incubator: Running) -> None:
    offer = await _offer(incubator)
    for programme_id in ("", "nul\0", new_id("programme")):
        with pytest.raises(NotFound) as unknown:
            await _apply(incubator, offer, programme_id=programme_id)
        assert unknown.value.reason == "UNKNOWN_PROGRAMME"
    await _apply(incubator, offer)
    with pytest.raises(Conflict) as refused:
        await _apply(incubator, offer)
    assert refused.value.reason == "ALREADY_APPLIED"


async def test_an_admission_is_refused_for_each_reason_of_the_contract(incubator: Running) -> None:
    offer, other = await _offer(incubator, capacity=1), await _offer(incubator)
    sent, late = await _apply(incubator, offer, CAMILLE), await _apply(incubator, offer, NOOR)
    ghost = application_pb2.Application(application_id=new_id("application"))

    assert await _refusal(_admit(incubator, ghost, offer.cohort.cohort_id)) == (NotFound, "UNKNOWN_APPLICATION")
    assert await _refusal(_admit(incubator, sent, new_id("cohort"))) == (NotFound, "UNKNOWN_COHORT")
    assert await _refusal(_admit(incubator, sent, "nul\0")) == (NotFound, "UNKNOWN_COHORT")
    elsewhere = _admit(incubator, sent, other.cohort.cohort_id)
    assert await _refusal(elsewhere) == (Invalid, "COHORT_OF_ANOTHER_PROGRAMME")
    stale = _admit(incubator, sent, offer.cohort.cohort_id, etag='"2"')
    assert await _refusal(stale) == (Stale, "STALE_ETAG")
    await _admit(incubator, sent, offer.cohort.cohort_id)
    assert await _refusal(_admit(incubator, sent, offer.cohort.cohort_id)) == (Conflict, "ALREADY_DECIDED")
    assert await _refusal(_admit(incubator, late, offer.cohort.cohort_id)) == (Conflict, "COHORT_FULL")


async def test_a_decline_is_refused_for_each_reason_of_the_contract(incubator: Running) -> None:
    offer = await _offer(incubator)
    sent = await _apply(incubator, offer)

    async def decline(application_id: str, etag: str = "") -> Any:
        request = call_service_pb2.DeclineApplicationRequest(application_id=application_id, etag=etag)
        return await incubator.calls.DeclineApplication(request, **incubator.by_advisor)

    for unknown in ("", "nul\0", new_id("project"), new_id("application")):
        assert await _refusal(decline(unknown)) == (NotFound, "UNKNOWN_APPLICATION")
    assert await _refusal(decline(sent.application_id, '"2"')) == (Stale, "STALE_ETAG")
    await decline(sent.application_id, '"1"')
    assert await _refusal(decline(sent.application_id)) == (Conflict, "ALREADY_DECIDED")


async def test_a_move_is_refused_for_each_reason_of_the_contract(incubator: Running) -> None:
    offer, other = await _offer(incubator), await _offer(incubator)
    project = await _project(incubator, offer)
    second, foreign = offer.programme.stages[1].stage_id, other.programme.stages[1].stage_id

    async def move(project_id: str, stage_id: str, etag: str = "") -> Any:
        request = pb.MoveProjectRequest(project_id=project_id, stage_id=stage_id, etag=etag)
        return await incubator.projects.MoveProject(request, **incubator.by_advisor)

    assert await _refusal(move(new_id("project"), second)) == (NotFound, "UNKNOWN_PROJECT")
    assert await _refusal(move("nul\0", second)) == (NotFound, "UNKNOWN_PROJECT")
    assert await _refusal(move(project.project_id, foreign)) == (NotFound, "UNKNOWN_STAGE")
    assert await _refusal(move(project.project_id, "nul\0")) == (NotFound, "UNKNOWN_STAGE")
    assert await _refusal(move(project.project_id, second, '"7"')) == (Stale, "STALE_ETAG")
    await _exit(incubator, project)
    assert await _refusal(move(project.project_id, second)) == (Conflict, "PROJECT_EXITED")


async def test_an_exit_is_refused_for_each_reason_of_the_contract(incubator: Running) -> None:
    project = await _project(incubator, await _offer(incubator))
    ghost = project_pb2.Project(project_id=new_id("project"))

    assert await _refusal(_exit(incubator, ghost)) == (NotFound, "UNKNOWN_PROJECT")
    assert await _refusal(_exit(incubator, project, reason=0)) == (Invalid, "FIELD_MISSING")
    assert await _refusal(_exit(incubator, project, reason=9)) == (Invalid, "EXIT_REASON_UNKNOWN")
    assert await _refusal(_exit(incubator, project, exit_date="hier")) == (Invalid, "DAY_MALFORMED")
    assert await _refusal(_exit(incubator, project, exit_date="2026-11-04")) == (Invalid, "EXIT_IN_FUTURE")
    assert await _refusal(_exit(incubator, project, exit_date="2026-11-02")) == (Invalid, "EXIT_BEFORE_BEGINNING")
    assert await _refusal(_exit(incubator, project, etag='"7"')) == (Stale, "STALE_ETAG")
    await _exit(incubator, project, etag='"1"')
    assert await _refusal(_exit(incubator, project)) == (Conflict, "PROJECT_EXITED")


async def test_a_day_begins_at_midnight_where_the_structure_is(incubator: Running) -> None:
    offer = await _offer(incubator)
    incubator.hands.at = incubator.hands.at.replace(hour=23, minute=30)
    await _project(incubator, offer)
    (declared,) = await said(incubator.database, "membership_declared")
    assert declared["period"]["startDate"] == "2026-11-04"


async def test_the_board_shows_who_is_where(incubator: Running) -> None:
    offer = await _offer(incubator)
    first, second = await _project(incubator, offer, CAMILLE), await _project(incubator, offer, NOOR)
    gone = await _exit(incubator, await _project(incubator, offer, new_id("person")))
    moving = pb.MoveProjectRequest(project_id=first.project_id, stage_id=offer.programme.stages[1].stage_id)
    moved = (await incubator.projects.MoveProject(moving, **incubator.by_advisor)).project
    request = pb.GetCohortBoardRequest(cohort_id=offer.cohort.cohort_id)
    board = await incubator.projects.GetCohortBoard(request, **incubator.by_director)
    assert [(column.stage, list(column.projects)) for column in board.columns] == [
        (offer.programme.stages[0], [second]),
        (offer.programme.stages[1], [moved]),
    ]
    assert (board.cohort.taken, board.programme, list(board.exited)) == (2, offer.programme, [])
    request.show_exited = True
    assert list((await incubator.projects.GetCohortBoard(request, **incubator.by_advisor)).exited) == [gone]
    for cohort_id in ("", "nul\0", new_id("cohort")):
        with pytest.raises(NotFound) as refused:
            unknown = pb.GetCohortBoardRequest(cohort_id=cohort_id)
            await incubator.projects.GetCohortBoard(unknown, **incubator.by_advisor)
        assert refused.value.reason == "UNKNOWN_COHORT"


async def test_a_project_is_seen_by_staff_and_its_holders_and_by_nobody_else(incubator: Running) -> None:
    project = await _project(incubator, await _offer(incubator), CAMILLE)
    request = pb.GetProjectRequest(project_id=project.project_id)
    for caller in (incubator.by_advisor, incubator.by_director, incubator.by(CAMILLE)):
        assert (await incubator.projects.GetProject(request, **caller)).project == project
    for stranger in (incubator.by(NOOR), incubator.by(NOOR, "ADVISOR"), incubator.by(NOOR, "MEMBER")):
        with pytest.raises(NotFound) as refused:
            await incubator.projects.GetProject(request, **stranger)
        assert refused.value.reason == "UNKNOWN_PROJECT"
    unknown = pb.GetProjectRequest(project_id=new_id("project"))
    assert await _refusal(incubator.projects.GetProject(unknown, **incubator.by_advisor)) == (
        NotFound,
        "UNKNOWN_PROJECT",
    )


async def test_a_holder_lists_their_own_projects_page_by_page(incubator: Running) -> None:
    offer = await _offer(incubator)
    mine = [await _project(incubator, offer, CAMILLE) for _ in range(2)]
    await _project(incubator, offer, NOOR)
    first = await incubator.projects.ListMyProjects(pb.ListMyProjectsRequest(page_size=1), **incubator.by(CAMILLE))
    rest = pb.ListMyProjectsRequest(page_size=1, page_token=first.next_page_token)
    second = await incubator.projects.ListMyProjects(rest, **incubator.by(CAMILLE))
    assert [*first.projects, *second.projects] == mine[::-1]
    assert second.next_page_token == ""


async def _refusal(call: Any) -> tuple[type[Refusal], str]:
    """The kind and the reason a call was refused for."""
    with pytest.raises(Refusal) as refused:
        await call
    return type(refused.value).__mro__[1], refused.value.reason
