"""What the keyboard does, and switching the keys of one character off (WCAG 2.2, 2.1.4)."""

from starlette.responses import Response

from portal.visit import KEYS_COOKIE, Visit

_ON, _OFF = "on", "off"
_YEAR_SECONDS = 365 * 24 * 3600


async def show(visit: Visit) -> Response:
    """`GET /aide-clavier`: a page, and the help that `?` opens."""
    return await visit.page("keyboard.html", keys_on=visit.request.cookies.get(KEYS_COOKIE, _ON) == _ON)


async def switch(visit: Visit) -> Response:
    """`POST /aide-clavier`: `touches` is `oui` or `non`; kept by this browser."""
    form = await visit.form()
    chosen = _OFF if form.value("touches") == "non" else _ON
    say = visit.language.say("C'est noté pour ce navigateur.")
    response = visit.redirect("/aide-clavier", say=say)
    response.set_cookie(
        KEYS_COOKIE,
        chosen,
        max_age=_YEAR_SECONDS,
        secure=visit.portal.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response
