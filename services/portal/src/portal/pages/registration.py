"""Registering, proving an address, choosing a new password."""

from groupement.shared_identity.v1.person_service_pb2 import (
    RegisterPersonRequest,
    RequestPasswordResetRequest,
    ResetPasswordRequest,
    VerifyEmailRequest,
)
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.journey import safe_path
from portal.refusals import status_of
from portal.rendering import with_query
from portal.visit import Visit

_FIELDS = ("given_name", "family_name", "email", "password")


async def show(visit: Visit) -> Response:
    """`GET /inscription`"""
    response = await visit.page("register.html", form=Form(values=dict.fromkeys(_FIELDS, "")))
    if visit.query("retour"):
        visit.portal.cookies.keep_return(response, safe_path(visit.query("retour")), visit.now)
    return response


async def register(visit: Visit) -> Response:
    """`POST /inscription`: the answer is the same whether the address is known."""
    form = await visit.form()

    async def act() -> Response:
        await visit.ask(
            visit.backends.identity.persons.RegisterPerson,
            RegisterPersonRequest(
                email=form.value("email"),
                given_name=form.value("given_name"),
                family_name=form.value("family_name"),
                password=form.value("password"),
                locale=visit.language.code,
                request_id=form.request_id,
            ),
        )
        return visit.redirect("/courrier?pour=inscription")

    async def again(shown: Form, status: int) -> Response:
        return await visit.page("register.html", status=status, form=shown)

    return await visit.submit(form, act, again)


async def show_verify(visit: Visit) -> Response:
    """`GET /verifier`: one button, since mail scanners follow links; then a thank you."""
    if visit.query("fait"):
        going = visit.portal.cookies.return_to(visit.request, visit.now)
        return await visit.page("verified.html", sign_in_url=with_query("/connexion", retour=going))
    return await visit.page("verify.html", form=Form(values={"code": visit.query("code")}))


async def verify(visit: Visit) -> Response:
    """`POST /verifier`: the address is proved, on to signing in."""
    form = await visit.form()
    try:
        await visit.ask(
            visit.backends.identity.persons.VerifyEmail,
            VerifyEmailRequest(code=form.value("code"), request_id=form.request_id),
        )
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await visit.page("sign_in_expired.html", status=status_of(refusal), refusal=refusal)
    return visit.redirect("/verifier?fait=oui")


async def show_mail_sent(visit: Visit) -> Response:
    """`GET /courrier`: a mail is on its way; what for is in the address, to whom is not."""
    return await visit.page("mail_sent.html", purpose=visit.query("pour"))


async def show_forgotten(visit: Visit) -> Response:
    """`GET /mot-de-passe-oublie`"""
    return await visit.page("forgotten.html", form=Form(values={"email": ""}))


async def forgotten(visit: Visit) -> Response:
    """`POST /mot-de-passe-oublie`: the answer is the same whether the address is known."""
    form = await visit.form()

    async def act() -> Response:
        await visit.ask(
            visit.backends.identity.persons.RequestPasswordReset, RequestPasswordResetRequest(email=form.value("email"))
        )
        return visit.redirect("/courrier?pour=mot-de-passe")

    async def again(shown: Form, status: int) -> Response:
        return await visit.page("forgotten.html", status=status, form=shown)

    return await visit.submit(form, act, again)


async def show_new_password(visit: Visit) -> Response:
    """`GET /nouveau-mot-de-passe`"""
    return await visit.page("new_password.html", form=Form(values={"code": visit.query("code"), "password": ""}))


async def new_password(visit: Visit) -> Response:
    """`POST /nouveau-mot-de-passe`: sets it, which ends every session."""
    form = await visit.form()

    async def act() -> Response:
        await visit.ask(
            visit.backends.identity.persons.ResetPassword,
            ResetPasswordRequest(code=form.value("code"), password=form.value("password"), request_id=form.request_id),
        )
        say = visit.language.say("Votre mot de passe est changé. Connectez-vous avec le nouveau.")
        response = visit.redirect("/", say=say)
        visit.portal.cookies.forget(response, "session")
        return response

    async def again(shown: Form, status: int) -> Response:
        return await visit.page("new_password.html", status=status, form=shown)

    return await visit.submit(form, act, again)
