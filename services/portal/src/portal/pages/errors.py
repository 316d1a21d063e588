"""What went wrong, in words: refusals by their reason, pages that are not there, mistakes of our own."""

from http import HTTPStatus

import structlog
from servicekit.logs import frames_of
from servicekit.refusals import Refusal, Unauthenticated, Unavailable
from starlette.exceptions import HTTPException
from starlette.responses import Response

from portal.i18n import N_
from portal.pages.journey import DASHBOARD, begin_sign_in
from portal.refusals import status_of
from portal.request_log import page_of
from portal.visit import Visit

TITLES: dict[int, str] = {
    HTTPStatus.FORBIDDEN: N_("Cette page ne vous est pas ouverte"),
    HTTPStatus.NOT_FOUND: N_("Cette page n'existe pas"),
    HTTPStatus.METHOD_NOT_ALLOWED: N_("Cette page n'existe pas"),
    HTTPStatus.CONFLICT: N_("Ce n'est plus possible"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: N_("C'est trop long"),
    HTTPStatus.UNPROCESSABLE_ENTITY: N_("Quelque chose est à corriger"),
    HTTPStatus.TOO_MANY_REQUESTS: N_("Un peu de patience"),
    HTTPStatus.INTERNAL_SERVER_ERROR: N_("Une erreur de notre part"),
    HTTPStatus.SERVICE_UNAVAILABLE: N_("Ce service ne répond pas pour l'instant"),
}
_NOT_FOUND = N_("L'adresse a pu changer, ou la page a été retirée.")
_TOO_LONG = N_("Ce que vous avez envoyé dépasse ce que nous pouvons recevoir. Raccourcissez, puis renvoyez.")
_OURS = N_("Nous l'avons notée. Réessayez dans un moment ; rien de ce que vous aviez fait avant n'est perdu.")

log = structlog.get_logger("portal")


async def refused(visit: Visit, refusal: Refusal) -> Response:
    """The page of a refusal; whoever must sign in is sent to do so, and back."""
    if not isinstance(refusal, Unauthenticated):
        return await _error_page(visit, status_of(refusal), visit.sentence(refusal))
    try:
        response = await begin_sign_in(visit, visit.here() if visit.request.method == "GET" else DASHBOARD)
    except Unavailable as away:
        return await _error_page(visit, status_of(away), visit.sentence(away))
    if visit.session is not None:
        visit.portal.tokens.forget(visit.session.refresh_token)
        visit.portal.cookies.forget(response, "session")
    return response


async def not_served(visit: Visit, error: HTTPException) -> Response:
    """The page for an address we do not have, or a request we do not take."""
    status = HTTPStatus(error.status_code)
    sentence = _TOO_LONG if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else _NOT_FOUND
    return await _error_page(visit, status, visit.language.say(sentence))


async def unexpected(visit: Visit, error: Exception) -> Response:
    """The page for a mistake of ours, which is noted without anybody's words."""
    log.error("unexpected", page=page_of(visit.request.scope), frames=frames_of(error))
    return await _error_page(visit, HTTPStatus.INTERNAL_SERVER_ERROR, visit.language.say(_OURS))


async def _error_page(visit: Visit, status: int, sentence: str) -> Response:
    title = visit.language.say(TITLES.get(status, TITLES[HTTPStatus.NOT_FOUND]))
    return await visit.page("error.html", status=status, title=title, sentence=sentence, status_code=int(status))
