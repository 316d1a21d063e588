"""To the provider and back: beginning a sign-in, receiving its code, ending it."""

import hmac

from servicekit.refusals import Unauthenticated, Unavailable
from starlette.responses import Response

from portal.proofs import new_login
from portal.refusals import status_of
from portal.session import Session
from portal.visit import Visit

DASHBOARD = "/tableau-de-bord"


def safe_path(path: str) -> str:
    """A path of our own to return to; the dashboard for anything that could lead elsewhere."""
    inner = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inner and "\\" not in path else DASHBOARD


async def begin_sign_in(visit: Visit, return_to: str) -> Response:
    """Send the browser to the provider, with a cookie that tells the answer to this question from any other."""
    login = new_login(return_to)
    response = visit.redirect(await visit.portal.provider.authorization_url(login))
    visit.portal.cookies.keep_login(response, login, visit.now)
    return response


async def callback(visit: Visit) -> Response:
    """`GET /auth/callback`: the code becomes a session, when this browser asked for it."""
    login = visit.portal.cookies.login(visit.request, visit.now)
    if login is None or not hmac.compare_digest(login.state, visit.query("state")):
        return await visit.page("sign_in_elsewhere.html")
    try:
        session = await visit.portal.provider.redeem(visit.query("code"), login, issuer=visit.query("iss"))
    except Unauthenticated as refusal:
        return await visit.page("sign_in_expired.html", status=status_of(refusal), refusal=refusal)
    response = visit.redirect(login.return_to)
    visit.portal.cookies.keep_session(response, session, visit.now)
    visit.portal.cookies.forget(response, "login", "return")
    return response


async def sign_out(visit: Visit) -> Response:
    """`POST /deconnexion`: the refresh token is revoked, the cookie taken back, the provider's session ended.

    What a door kept on the phone goes too, also when the session was over already (W3C Clear Site Data).
    """
    await visit.form()
    response = visit.redirect("/") if visit.session is None else await _signed_out(visit, visit.session)
    response.headers["clear-site-data"] = '"storage"'
    return response


async def _signed_out(visit: Visit, session: Session) -> Response:
    visit.portal.tokens.forget(session.refresh_token)
    try:
        await visit.portal.provider.revoke(session.refresh_token)
        response = visit.redirect(await visit.portal.provider.end_session_url(session))
    except Unavailable:
        response = visit.redirect("/", say=visit.language.say("Vous êtes déconnecté de cet appareil."))
    visit.portal.cookies.forget(response, "session")
    return response
