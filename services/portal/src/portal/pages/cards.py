"""Replacing one's card: the old one opens nothing any more."""

from groupement.shared_identity.v1.person_service_pb2 import ReplaceMyCardRequest
from starlette.responses import Response

from portal.forms import Form
from portal.visit import Visit


async def show_replace(visit: Visit) -> Response:
    """`GET /carte/remplacer`: asks once more."""
    visit.signed_in()
    return await _page(visit, Form(), 200)


async def replace(visit: Visit) -> Response:
    """`POST /carte/remplacer`; any structure's token will do."""
    form = await visit.form()
    visit.signed_in()

    async def act() -> Response:
        await visit.ask(
            visit.backends.identity.persons.ReplaceMyCard,
            ReplaceMyCardRequest(request_id=form.request_id),
            structure=visit.portal.settings.structures[0],
        )
        say = visit.language.say("Voici votre nouvelle carte. L'ancienne n'ouvre plus rien.")
        return visit.redirect("/tableau-de-bord", say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _page(visit, shown, status)

    return await visit.submit(form, act, again)


async def _page(visit: Visit, form: Form, status: int) -> Response:
    return await visit.page("replace_card.html", status=status, form=form)
