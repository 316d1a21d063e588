"""The provider's front doors: one that browsers come to, one that clients come to with their certificate."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from servicekit.clock import Clock
from servicekit.logs import frames_of
from servicekit.refusals import Refusal, Unavailable
from servicekit.sql import Database
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from shared_identity.keys import Keys
from shared_identity.listeners import client_uris
from shared_identity.oidc import usecases, wire
from shared_identity.oidc.domain import (
    TOKEN_LIFE,
    AuthorizationRequest,
    Client,
    ClientUnknown,
    GrantRefused,
    GrantTypeUnsupported,
    Login,
    OAuthRefusal,
    RequestMalformed,
    TokenRefused,
    Voice,
    authorization_request,
    client_of,
    logout_address,
)
from shared_identity.oidc.parameters import Parameters, form_of, needed, parameters_of, with_parameters
from shared_identity.oidc.wire import TokenPress
from shared_identity.sign_in.domain import UnknownChallenge

_BEARER = "Bearer "
_log = structlog.get_logger(__name__)
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_PUBLIC = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The OpenID provider. `mtls` is the address of its second door, `portal_url` where its screens are."""

    db: Database
    keys: Keys
    clients: Mapping[str, Client]
    issuer: str
    mtls: str
    portal_url: str
    clock: Clock

    def for_browsers(self) -> Starlette:
        """Discovery, authorization and logout."""
        both = ["GET", "POST"]
        return _app(
            Route("/.well-known/openid-configuration", self.configuration),
            Route("/jwks.json", self.jwks),
            Route("/authorize", self.authorize, methods=both),
            Route("/authorize/resume", self.resume),
            Route("/end_session", self.end_session, methods=both),
            Route("/healthz", self.health),
        )

    def for_clients(self) -> Starlette:
        """Tokens, for who shows a registered certificate."""
        return _app(
            Route("/token", self.token, methods=["POST"]),
            Route("/revoke", self.revoke, methods=["POST"]),
            Route("/userinfo", self.userinfo, methods=["GET", "POST"]),
        )

    @property
    def _press(self) -> TokenPress:
        return TokenPress(self.issuer, self.keys)

    async def configuration(self, _request: Request) -> Response:
        """OpenID Connect Discovery."""
        return JSONResponse(wire.metadata(self.issuer, self.mtls), headers=_PUBLIC)

    async def jwks(self, _request: Request) -> Response:
        """The public keys."""
        return Response(self.keys.public(), media_type="application/json", headers=_PUBLIC)

    async def health(self, _request: Request) -> Response:
        """Whether the process lives."""
        return PlainTextResponse("ok\n")

    async def authorize(self, request: Request) -> Response:
        """Takes a browser in and sends it to the portal with a challenge.

        What is wrong is told to the client, unless the client or its return address is what is wrong.
        """
        parameters = await parameters_of(request)
        client = client_of(parameters, self.clients)
        try:
            return await self._challenge(authorization_request(parameters), client)
        except OAuthRefusal as refused:
            answer = {**wire.error_body(refused), "state": parameters.get("state", "")}
            return self._back(parameters["redirect_uri"], answer)

    async def resume(self, request: Request) -> Response:
        """Takes back a browser whose person signed in, and sends it to the client with a code.

        Who comes a second time, or late, is shown to the portal, where signing in begins again.
        """
        secret = (await parameters_of(request)).get("resume", "")
        try:
            async with self.db.work() as work:
                back = await usecases.resume(work, secret, self.clients, now=self.clock())
        except UnknownChallenge:
            return RedirectResponse(f"{self.portal_url}/connexion", 303, headers=_PRIVATE)
        return self._back(back.redirect_uri, {"code": back.code, "state": back.state})

    async def end_session(self, request: Request) -> Response:
        """Ends a login and sends the browser where its client wished, if it registered the address.

        Only who holds the login's ID token ends it (OpenID Connect RP-Initiated Logout §2): anybody could otherwise
        sign anybody out. Without one the browser just goes on; the provider keeps no session of its own in it.
        """
        parameters = await parameters_of(request)
        hint = parameters.get("id_token_hint")
        login_id, client_id = self._press.hint(hint) if hint else ("", parameters.get("client_id", ""))
        client = self.clients.get(client_id)
        if client is None or parameters.get("client_id", client_id) != client_id:
            raise ClientUnknown(field="client_id")
        address = self._after_logout(client, parameters)
        if login_id:
            async with self.db.work() as work:
                await usecases.end(work, login_id, client_id)
        return RedirectResponse(address, 303, headers=_PRIVATE)

    async def token(self, request: Request) -> Response:
        """Exchanges a code, or renews."""
        parameters = await form_of(request)
        client = self._client(request, parameters)
        match parameters.get("grant_type"):
            case "authorization_code":
                body = await self._exchange(client, parameters)
            case "refresh_token":
                body = await self._renew(client, parameters)
            case _:
                raise GrantTypeUnsupported(field="grant_type")
        return JSONResponse(body, headers=_PRIVATE)

    async def revoke(self, request: Request) -> Response:
        """Ends the login of a refresh token (RFC 7009)."""
        parameters = await form_of(request)
        client = self._client(request, parameters)
        async with self.db.work() as work:
            await usecases.revoke(work, client, needed(parameters, "token"))
        return Response(status_code=200, headers=_PRIVATE)

    async def userinfo(self, request: Request) -> Response:
        """What a client may know of who signed in."""
        login_id = self._press.login_of_userinfo_token(_bearer(request), self.clock())
        async with self.db.reading() as work:
            login = await usecases.login_of(work, login_id)
            client = self._certified(request, login.client_id)
            person = await usecases.person_of_login(work, login, client, now=self.clock())
        return JSONResponse(self._press.claims(login, person, client), headers=_PRIVATE)

    async def _challenge(self, asked: AuthorizationRequest, client: Client) -> Response:
        async with self.db.work() as work:
            challenge = await usecases.begin(work, asked, client, now=self.clock())
        return RedirectResponse(f"{self.portal_url}/connexion?challenge={challenge}", 303, headers=_PRIVATE)

    def _back(self, redirect_uri: str, answer: Parameters) -> Response:
        """Sends a browser back to its client; `iss` says who answers (RFC 9207)."""
        return RedirectResponse(with_parameters(redirect_uri, {**answer, "iss": self.issuer}), 303, headers=_PRIVATE)

    def _after_logout(self, client: Client, parameters: Parameters) -> str:
        wanted = parameters.get("post_logout_redirect_uri")
        if wanted is None:
            return f"{self.portal_url}/"
        address = logout_address(client, wanted)
        if address is None:
            raise RequestMalformed(field="post_logout_redirect_uri")
        return with_parameters(address, {"state": parameters.get("state", "")})

    def _client(self, request: Request, parameters: Parameters) -> Client:
        return self._certified(request, parameters.get("client_id", ""))

    def _certified(self, request: Request, client_id: str) -> Client:
        """The client, when the connection's certificate is the one it registered; raises ClientUnknown."""
        client = self.clients.get(client_id)
        if client is None or client.tls_san not in client_uris(request.scope):
            raise ClientUnknown(field="client_id")
        return client

    async def _exchange(self, client: Client, parameters: Parameters) -> Mapping[str, Any]:
        now = self.clock()
        async with self.db.work() as work:
            redeemed = await usecases.redeem(
                work,
                client,
                code=needed(parameters, "code"),
                redirect_uri=needed(parameters, "redirect_uri"),
                verifier=needed(parameters, "code_verifier"),
                resource=parameters.get("resource"),
                now=now,
            )
        if isinstance(redeemed, GrantRefused):
            raise redeemed
        access = self._access(redeemed.login, redeemed.voice, client, now)
        identity = self._press.id_token(redeemed.login, redeemed.person, client, redeemed.nonce, now)
        return {**access, "refresh_token": redeemed.refresh_token, "id_token": identity}

    async def _renew(self, client: Client, parameters: Parameters) -> Mapping[str, Any]:
        now, token, resource = self.clock(), needed(parameters, "refresh_token"), parameters.get("resource")
        async with self.db.reading() as work:
            login, voice = await usecases.refreshed(work, client, token, resource=resource, now=now)
        return self._access(login, voice, client, now)

    def _access(self, login: Login, voice: Voice | None, client: Client, now: datetime) -> Mapping[str, Any]:
        """An access token for the structure asked for, or for userinfo when none is."""
        if voice is None:
            token = self._press.userinfo_token(login, now)
        else:
            token = self._press.structure_token(voice, client, now)
        life = int(TOKEN_LIFE.total_seconds())
        return {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": login.scope}


def _app(*routes: Route) -> Starlette:
    handlers: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
        Refusal: _refused,
        Exception: _unexpected,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


async def _refused(_request: Request, refusal: Exception) -> Response:
    """A refusal as OAuth says it."""
    if isinstance(refusal, OAuthRefusal):
        return _refusal(401 if isinstance(refusal, ClientUnknown | TokenRefused) else 400, wire.error_body(refusal))
    away = isinstance(refusal, Unavailable)
    error = "temporarily_unavailable" if away else "invalid_request"
    message = refusal.message if isinstance(refusal, Refusal) else ""
    return _refusal(503 if away else 400, {"error": error, "error_description": message})


async def _unexpected(_request: Request, error: Exception) -> Response:
    """Our own mistake: noted with where it happened, told without."""
    _log.error("failed", error=type(error).__name__, frames=frames_of(error))
    return _refusal(503, {"error": "temporarily_unavailable"})


def _refusal(status: int, body: Mapping[str, Any]) -> Response:
    challenge = {"WWW-Authenticate": f'Bearer error="{body["error"]}"'} if body["error"] == TokenRefused.error else {}
    return JSONResponse(body, status, headers={**_PRIVATE, **challenge})


def _bearer(request: Request) -> str:
    header = request.headers.get("authorization", "")
    if not header.startswith(_BEARER):
        raise TokenRefused
    return header.removeprefix(_BEARER)
