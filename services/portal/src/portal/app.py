"""The portal as an ASGI application: its addresses, what stands before every page, what becomes of errors."""

import gzip
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, cast

from servicekit.refusals import Refusal
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from portal import areas, theme
from portal.assets import takes_gzip
from portal.csrf import origin_of
from portal.headers import SecurityHeaders, security_headers
from portal.pages import (
    accessibility,
    admissions,
    applications,
    bookings,
    cards,
    cohorts,
    dashboard,
    errors,
    health,
    home,
    journey,
    keyboard,
    palette,
    places,
    registration,
    sign_in,
    styleguide,
    team,
    today,
    usages,
)
from portal.request_log import RequestLog
from portal.visit import Page, Portal, Visit

OnProblem = Callable[[Request, Exception], Awaitable[Response]]
Problem = TypeVar("Problem", bound=Exception)
LARGEST_BODY = 512 * 1024
"""Where reading stops whatever a request says of itself; forms are refused in words well before."""

GET_PAGES: dict[str, Page] = {
    "/": home.home,
    "/fr": home.switch_language,
    "/en": home.switch_language,
    "/connexion": sign_in.show,
    "/lien": sign_in.show_link,
    "/inscription": registration.show,
    "/verifier": registration.show_verify,
    "/courrier": registration.show_mail_sent,
    "/mot-de-passe-oublie": registration.show_forgotten,
    "/nouveau-mot-de-passe": registration.show_new_password,
    "/auth/callback": journey.callback,
    "/tableau-de-bord": dashboard.show,
    "/carte/remplacer": cards.show_replace,
    "/candidater/{structure}/{programme}": applications.show,
    "/candidatures/{structure}/{application}/retirer": applications.show_withdraw,
    "/espaces": places.index,
    "/espaces/{structure}/{place}": places.show_day,
    "/espaces/{structure}/{place}/reserver": bookings.show,
    "/reservations/{structure}/{booking}/annuler": bookings.show_cancel,
    "/equipe/{structure}": team.show,
    "/equipe/{structure}/promotions/{cohort}": cohorts.show,
    "/equipe/{structure}/projets/{project}/sortie": cohorts.show_exit,
    "/equipe/{structure}/candidatures": admissions.show,
    "/equipe/{structure}/lieux/{place}": today.show,
    "/equipe/{structure}/usages": usages.show,
    "/palette": palette.show,
    "/aide-clavier": keyboard.show,
    "/accessibilite": accessibility.show,
    "/styleguide": styleguide.show,
    "/healthz": health.healthz,
    "/readyz": health.readyz,
    **areas.gets(),
}
POST_PAGES: dict[str, Page] = {
    "/connexion": sign_in.by_password,
    "/connexion/lien": sign_in.send_link,
    "/lien": sign_in.by_link,
    "/inscription": registration.register,
    "/verifier": registration.verify,
    "/mot-de-passe-oublie": registration.forgotten,
    "/nouveau-mot-de-passe": registration.new_password,
    "/deconnexion": journey.sign_out,
    "/carte/remplacer": cards.replace,
    "/candidater/{structure}/{programme}": applications.apply,
    "/candidatures/{structure}/{application}/retirer": applications.withdraw,
    "/espaces/{structure}/{place}/reserver": bookings.book,
    "/reservations/{structure}/{booking}/annuler": bookings.cancel,
    "/equipe/{structure}/promotions/{cohort}/deplacer": cohorts.move,
    "/equipe/{structure}/projets/{project}/sortie": cohorts.exit_,
    "/equipe/{structure}/candidatures/{application}/admettre": admissions.admit,
    "/equipe/{structure}/candidatures/{application}/decliner": admissions.decline,
    "/equipe/{structure}/lieux/{place}/passages": today.check_in,
    "/aide-clavier": keyboard.switch,
    "/styleguide": styleguide.send,
    **areas.posts(),
}


def build(portal: Portal) -> ASGIApp:
    """The application over what the process keeps."""
    inner = Starlette(
        routes=_routes(portal),
        middleware=[Middleware(RequestLog)],
        exception_handlers={
            Refusal: _answering(portal, errors.refused),
            HTTPException: _answering(portal, errors.not_served),
            Exception: _answering(portal, errors.unexpected),
        },
        max_body_size=LARGEST_BODY,
    )
    headers = security_headers(issuer_origin=origin_of(portal.settings.issuer), secure=portal.settings.secure)
    return SecurityHeaders(inner, headers)


def _routes(portal: Portal) -> Sequence[BaseRoute]:
    gets = [Route(path, _visiting(portal, page), methods=["GET"]) for path, page in GET_PAGES.items()]
    posts = [Route(path, _visiting(portal, page), methods=["POST"]) for path, page in POST_PAGES.items()]
    return [
        *gets,
        *posts,
        Route("/theme.css", _visiting(portal, _theme), methods=["GET"]),
        Route("/static/{digest}/{name}", portal.assets.serve, methods=["GET"]),
    ]


def _visiting(portal: Portal, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await page(Visit(request, portal))

    return answer


def _answering(portal: Portal, page: Callable[[Visit, Problem], Awaitable[Response]]) -> OnProblem:
    async def answer(request: Request, problem: Exception) -> Response:
        return await page(Visit(request, portal), cast(Problem, problem))

    return answer


async def _theme(visit: Visit) -> Response:
    """`GET /theme.css`: the colours of every structure."""
    sheet = theme.style_sheet((await visit.showcase.houses()).values())
    headers = {"cache-control": "private, max-age=300", "vary": "accept-encoding"}
    if takes_gzip(visit.request):
        packed = gzip.compress(sheet.encode(), mtime=0)
        return Response(packed, media_type="text/css", headers=headers | {"content-encoding": "gzip"})
    return Response(sheet, media_type="text/css", headers=headers)
