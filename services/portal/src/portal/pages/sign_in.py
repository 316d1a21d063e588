"""Signing in: the provider sends the browser here with a challenge, this shows the form and answers the challenge."""

from groupement.shared_identity.v1.sign_in_service_pb2 import (
    GetChallengeRequest,
    SendSignInLinkRequest,
    SignInWithLinkRequest,
    SignInWithPasswordRequest,
)
from servicekit.refusals import NotFound, Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.journey import begin_sign_in, safe_path
from portal.refusals import status_of
from portal.visit import Visit


async def show(visit: Visit) -> Response:
    """`GET /connexion`: the form for a challenge; without one, off to the provider to get one."""
    challenge = visit.query("challenge")
    if not challenge:
        return await begin_sign_in(visit, safe_path(visit.query("retour")))
    asked = GetChallengeRequest(challenge=challenge)
    try:
        found = await visit.ask(visit.backends.identity.sign_in.GetChallenge, asked)
    except NotFound as refusal:
        return await visit.page("sign_in_expired.html", status=status_of(refusal), refusal=refusal)
    form = Form(values={"challenge": challenge, "email": found.login_hint, "password": ""})
    return await visit.page("sign_in.html", form=form, client_name=found.client_name)


async def by_password(visit: Visit) -> Response:
    """`POST /connexion`: sign in with a password."""
    form = await visit.form()

    async def act() -> Response:
        answer = await visit.ask(
            visit.backends.identity.sign_in.SignInWithPassword,
            SignInWithPasswordRequest(
                challenge=form.value("challenge"), email=form.value("email"), password=form.value("password")
            ),
        )
        return visit.redirect(answer.redirect_url)

    async def again(shown: Form, status: int) -> Response:
        return await visit.page("sign_in.html", status=status, form=shown, client_name="")

    return await visit.submit(form, act, again)


async def send_link(visit: Visit) -> Response:
    """`POST /connexion/lien`: mail a link that signs in. The answer is the same whether the address is known."""
    form = await visit.form()

    async def act() -> Response:
        await visit.ask(
            visit.backends.identity.sign_in.SendSignInLink,
            SendSignInLinkRequest(
                challenge=form.value("challenge"), email=form.value("email"), locale=visit.language.code
            ),
        )
        return visit.redirect("/courrier?pour=connexion")

    async def again(shown: Form, status: int) -> Response:
        return await visit.page("sign_in.html", status=status, form=shown, client_name="")

    return await visit.submit(form, act, again)


async def show_link(visit: Visit) -> Response:
    """`GET /lien`: one button; mail scanners follow links, they press no button.

    A browser that did not begin the sign-in could not end it: it is told so before the link is spent.
    """
    elsewhere = visit.portal.cookies.login(visit.request, visit.now) is None
    return await visit.page("link.html", form=Form(values={"code": visit.query("code")}), elsewhere=elsewhere)


async def by_link(visit: Visit) -> Response:
    """`POST /lien`: sign in with the code of a mailed link."""
    form = await visit.form()
    try:
        answer = await visit.ask(
            visit.backends.identity.sign_in.SignInWithLink, SignInWithLinkRequest(code=form.value("code"))
        )
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await visit.page("sign_in_expired.html", status=status_of(refusal), refusal=refusal)
    return visit.redirect(answer.redirect_url)
