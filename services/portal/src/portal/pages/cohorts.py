"""A cohort's board: who is where on the path; moving a project, recording that it left."""

from groupement.incubator.v1.project_pb2 import ExitReason, Project
from groupement.incubator.v1.project_service_pb2 import (
    ExitProjectRequest,
    GetCohortBoardRequest,
    GetCohortBoardResponse,
    GetProjectRequest,
    MoveProjectRequest,
)
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.team import FOLLOWS_PROJECTS, team_member
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit

_REASONS = ("COMPLETED", "ABANDONED", "REDIRECTED")


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/promotions/{cohort}?sorties=oui`"""
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)
    return await _board_page(visit, house, visit.path("cohort"), Form(), 200)


async def move(visit: Visit) -> Response:
    """`POST /equipe/{structure}/promotions/{cohort}/deplacer`"""
    form = await visit.form()
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)
    cohort_id = visit.path("cohort")
    try:
        moved = await visit.ask(
            visit.backends.incubator(house.slug).projects.MoveProject,
            MoveProjectRequest(
                project_id=form.value("project_id"),
                stage_id=form.value("stage_id"),
                etag=form.value("etag"),
                request_id=form.request_id,
            ),
            structure=house.slug,
        )
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _board_page(visit, house, cohort_id, form.refused(refusal, visit.language), form_status(refusal))
    say = visit.language.say("« %(project)s » est déplacé.", project=moved.project.name)
    return visit.redirect(f"/equipe/{house.slug}/promotions/{cohort_id}", say=say)


async def show_exit(visit: Visit) -> Response:
    """`GET /equipe/{structure}/projets/{project}/sortie`"""
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)
    project = await _project(visit, house)
    form = Form(values={"reason": "", "exit_date": visit.today().isoformat(), "etag": project.etag})
    return await _exit_page(visit, house, project, form, 200)


async def exit_(visit: Visit) -> Response:
    """`POST /equipe/{structure}/projets/{project}/sortie`"""
    form = await visit.form()
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)
    project = await _project(visit, house)

    async def act() -> Response:
        await visit.ask(
            visit.backends.incubator(house.slug).projects.ExitProject,
            ExitProjectRequest(
                project_id=project.project_id,
                reason=_reason(form.value("reason")),
                exit_date=form.value("exit_date"),
                etag=form.value("etag"),
                request_id=form.request_id,
            ),
            structure=house.slug,
        )
        say = visit.language.say("La sortie de « %(project)s » est enregistrée.", project=project.name)
        return visit.redirect(f"/equipe/{house.slug}/promotions/{project.cohort_id}", say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _exit_page(visit, house, project, shown, status)

    return await visit.submit(form, act, again)


async def _board_page(visit: Visit, house: House, cohort_id: str, form: Form, status: int) -> Response:
    show_exited = visit.query("sorties") == "oui"
    board: GetCohortBoardResponse = await visit.ask(
        visit.backends.incubator(house.slug).projects.GetCohortBoard,
        GetCohortBoardRequest(cohort_id=cohort_id, show_exited=show_exited),
        structure=house.slug,
    )
    return await visit.page("cohort.html", status=status, house=house, board=board, form=form, show_exited=show_exited)


async def _exit_page(visit: Visit, house: House, project: Project, form: Form, status: int) -> Response:
    reasons = [(name, _reason(name)) for name in _REASONS]
    return await visit.page("exit.html", status=status, house=house, project=project, form=form, reasons=reasons)


async def _project(visit: Visit, house: House) -> Project:
    stub = visit.backends.incubator(house.slug).projects
    wish = GetProjectRequest(project_id=visit.path("project"))
    return (await visit.ask(stub.GetProject, wish, structure=house.slug)).project


def _reason(name: str) -> ExitReason.ValueType:
    return ExitReason.Value(f"EXIT_REASON_{name}") if name in _REASONS else ExitReason.EXIT_REASON_UNSPECIFIED
