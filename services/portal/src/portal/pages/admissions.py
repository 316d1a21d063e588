"""Applications as the team sees them: admitting to a cohort, declining."""

from collections.abc import Awaitable, Callable

from groupement.incubator.v1.application_pb2 import ApplicationState
from groupement.incubator.v1.call_service_pb2 import (
    AdmitApplicationRequest,
    DeclineApplicationRequest,
    ListApplicationsRequest,
    ListApplicationsResponse,
)
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.team import FOLLOWS_PROJECTS, cohorts_of, team_member
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit

TABS = {"": "SUBMITTED", "admises": "ADMITTED", "declinees": "DECLINED", "retirees": "WITHDRAWN"}
_PAGE = 50


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/candidatures?etat=&apres=`"""
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)
    return await _list_page(visit, house, Form(), 200)


async def admit(visit: Visit) -> Response:
    """`POST /equipe/{structure}/candidatures/{application}/admettre`"""
    form = await visit.form()
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)

    async def act() -> str:
        admitted = await visit.ask(
            visit.backends.incubator(house.slug).calls.AdmitApplication,
            AdmitApplicationRequest(
                application_id=visit.path("application"),
                cohort_id=form.value("cohort_id"),
                etag=form.value("etag"),
                request_id=form.request_id,
            ),
            structure=house.slug,
        )
        return visit.language.say("« %(project)s » est admis.", project=admitted.project.name)

    return await _decided(visit, house, form, act)


async def decline(visit: Visit) -> Response:
    """`POST /equipe/{structure}/candidatures/{application}/decliner`"""
    form = await visit.form()
    house, _ = await team_member(visit, FOLLOWS_PROJECTS)

    async def act() -> str:
        declined = await visit.ask(
            visit.backends.incubator(house.slug).calls.DeclineApplication,
            DeclineApplicationRequest(
                application_id=visit.path("application"), etag=form.value("etag"), request_id=form.request_id
            ),
            structure=house.slug,
        )
        return visit.language.say(
            "La candidature « %(project)s » n'est pas retenue.", project=declined.application.project_name
        )

    return await _decided(visit, house, form, act)


async def _decided(visit: Visit, house: House, form: Form, act: Callable[[], Awaitable[str]]) -> Response:
    """Decide, then back to the list with a sentence; or the list at once with what went wrong."""
    try:
        say = await act()
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _list_page(visit, house, form.refused(refusal, visit.language), form_status(refusal))
    return visit.redirect(f"/equipe/{house.slug}/candidatures", say=say)


async def _list_page(visit: Visit, house: House, form: Form, status: int) -> Response:
    tab = visit.query("etat") if visit.query("etat") in TABS else ""
    found = await _applications(visit, house, tab)
    programmes = await visit.showcase.programmes(house.slug)
    return await visit.page(
        "admissions.html",
        status=status,
        house=house,
        form=form,
        applications=found.applications,
        next_page=found.next_page_token,
        programmes={programme.programme_id: programme for programme in programmes},
        cohorts=await cohorts_of(visit, house),
        tab=tab,
        tabs=[(name, ApplicationState.Value(f"APPLICATION_STATE_{state}")) for name, state in TABS.items()],
    )


async def _applications(visit: Visit, house: House, tab: str) -> ListApplicationsResponse:
    wish = ListApplicationsRequest(
        state=ApplicationState.Value(f"APPLICATION_STATE_{TABS[tab]}"), page_size=_PAGE, page_token=visit.query("apres")
    )
    stub = visit.backends.incubator(house.slug).calls
    return await visit.ask(stub.ListApplications, wish, structure=house.slug)
