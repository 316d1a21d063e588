"""Ending an agreement: notice is given, rights close when it is over."""

from groupement.shared_identity.v1.agreement_service_pb2 import EndAgreementRequest
from starlette.responses import Response

from portal import formats
from portal.forms import Form
from portal.pages.agreements.listing import line_of
from portal.pages.team import DIRECTS, team_member
from portal.showcase import House
from portal.visit import Visit


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/conventions/{agreement}/terminer`"""
    house, _ = await team_member(visit, DIRECTS)
    return await _form_page(visit, house, Form(values={"end_date": ""}), 200)


async def end(visit: Visit) -> Response:
    """`POST /equipe/{structure}/conventions/{agreement}/terminer`"""
    form = await visit.form()
    house, _ = await team_member(visit, DIRECTS)

    async def act() -> Response:
        request = EndAgreementRequest(
            agreement_id=visit.path("agreement"),
            etag=form.value("etag"),
            end_date=form.value("end_date"),
            request_id=form.request_id,
        )
        stub = visit.backends.identity.agreements
        ended = (await visit.ask(stub.EndAgreement, request, structure=house.slug)).agreement
        day = formats.short_day(visit.language, ended.period.end_date)
        say = visit.language.say("Le préavis est donné : les droits se ferment après le %(day)s.", day=day)
        return visit.redirect(f"/equipe/{house.slug}/conventions?etat=terminees", say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _form_page(visit, house, shown, status)

    return await visit.submit(form, act, again)


async def _form_page(visit: Visit, house: House, form: Form, status: int) -> Response:
    line = await line_of(visit, house)
    return await visit.page("agreements/end.html", status=status, house=house, form=form, line=line)
