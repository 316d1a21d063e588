"""Applying to a programme, and taking an application back."""

from groupement.incubator.v1.call_service_pb2 import SubmitApplicationRequest, WithdrawApplicationRequest
from groupement.incubator.v1.programme_pb2 import Programme
from groupement.shared_identity.v1.person_pb2 import Person
from groupement.shared_identity.v1.person_service_pb2 import GetMyselfRequest
from servicekit.refusals import NotFound, Unavailable
from starlette.responses import Response

from portal.forms import Form
from portal.pages.dashboard import ApplicationLine, my_applications
from portal.showcase import House
from portal.visit import Visit


class UnknownApplication(NotFound):
    """There is no such application."""


async def show(visit: Visit) -> Response:
    """`GET /candidater/{structure}/{programme}`: what it is; the form for whoever has signed in."""
    house = await visit.showcase.house(visit.path("structure"))
    programme = await visit.showcase.programme(house.slug, visit.path("programme"))
    me = await _myself(visit, house) if visit.session else Person()
    name = f"{me.given_name} {me.family_name}".strip()
    form = Form(values={"applicant_name": name, "email": me.email, "phone": "", "project_name": "", "pitch": ""})
    return await _apply_page(visit, house, programme, form, 200)


async def apply(visit: Visit) -> Response:
    """`POST /candidater/{structure}/{programme}`"""
    form = await visit.form()
    visit.signed_in()
    house = await visit.showcase.house(visit.path("structure"))
    programme = await visit.showcase.programme(house.slug, visit.path("programme"))

    async def act() -> Response:
        await visit.ask(
            visit.backends.incubator(house.slug).calls.SubmitApplication,
            SubmitApplicationRequest(
                programme_id=programme.programme_id,
                applicant_name=form.value("applicant_name"),
                email=form.value("email"),
                phone=form.value("phone"),
                project_name=form.value("project_name"),
                pitch=form.value("pitch"),
                request_id=form.request_id,
            ),
            structure=house.slug,
        )
        say = visit.language.say("Votre candidature est envoyée. %(house)s vous répondra.", house=house.name)
        return visit.redirect("/tableau-de-bord", say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _apply_page(visit, house, programme, shown, status)

    return await visit.submit(form, act, again)


async def show_withdraw(visit: Visit) -> Response:
    """`GET /candidatures/{structure}/{application}/retirer`: asks once more."""
    return await _withdraw_page(visit, Form(), 200)


async def withdraw(visit: Visit) -> Response:
    """`POST /candidatures/{structure}/{application}/retirer`"""
    form = await visit.form()
    visit.signed_in()
    structure = visit.path("structure")

    async def act() -> Response:
        await visit.ask(
            visit.backends.incubator(structure).calls.WithdrawApplication,
            WithdrawApplicationRequest(application_id=visit.path("application"), request_id=form.request_id),
            structure=structure,
        )
        return visit.redirect("/tableau-de-bord", say=visit.language.say("Votre candidature est retirée."))

    async def again(shown: Form, status: int) -> Response:
        return await _withdraw_page(visit, shown, status)

    return await visit.submit(form, act, again)


async def _apply_page(visit: Visit, house: House, programme: Programme, form: Form, status: int) -> Response:
    return await visit.page("apply.html", status=status, house=house, programme=programme, form=form)


async def _withdraw_page(visit: Visit, form: Form, status: int) -> Response:
    visit.signed_in()
    house = await visit.showcase.house(visit.path("structure"))
    line = await _my_application(visit, house)
    return await visit.page("withdraw.html", status=status, house=house, line=line, form=form)


async def _my_application(visit: Visit, house: House) -> ApplicationLine:
    for line in await my_applications(visit, house):
        if line.application.application_id == visit.path("application"):
            return line
    raise UnknownApplication


async def _myself(visit: Visit, house: House) -> Person:
    """Who is calling, to fill the form in; nobody when shared-identity is away."""
    try:
        return (
            await visit.ask(visit.backends.identity.persons.GetMyself, GetMyselfRequest(), structure=house.slug)
        ).person
    except Unavailable:
        return Person()
