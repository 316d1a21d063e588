"""The portal as a client of the OpenID provider: authorization code, PKCE, refresh, logout (OpenID Connect Core).

It proves itself by its certificate at the token endpoint (RFC 8705) and asks for tokens that speak to one structure
(RFC 8707).
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx2
from joserfc.jwk import KeySet
from servicekit.clock import Clock
from servicekit.pki import Tls
from servicekit.refusals import Unauthenticated, Unavailable

from portal.config import IDENTITY, Settings
from portal.proofs import SignInRefused, code_challenge, door_keys, roles_in, signing_keys, verified_claims
from portal.session import Login, Session

_TIMEOUT = 5.0
_SCOPE = "openid profile"
_OK, _SERVER_ERROR = 200, 500
_METADATA_LIFE = timedelta(minutes=10)


class SessionOver(Unauthenticated):
    """The sign-in ended: it must be done again."""


class ProviderAway(Unavailable):
    """The provider of sign-ins does not answer."""


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """A token that speaks to one structure, and the roles it says are held there."""

    text: str = field(repr=False)
    roles: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Endpoints:
    """Where the provider answers browsers; `keys` verify its ID tokens."""

    authorization: str
    end_session: str
    keys: KeySet
    read_at: datetime
    jwks: Mapping[str, object] = field(default_factory=dict)


class Provider:
    """The OpenID provider, as this client knows it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._public = httpx2.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=_trusting(settings.tls))
        self._private = httpx2.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=_proving(settings.tls))
        self._endpoints: _Endpoints | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self._public.aclose()
        await self._private.aclose()

    async def authorization_url(self, login: Login) -> str:
        """Where to send the browser to sign in; raises ProviderAway, so that it is not sent to where nobody answers."""
        known = await self._fresh()
        wish = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._callback,
            "scope": _SCOPE,
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": code_challenge(login.verifier),
            "code_challenge_method": "S256",
        }
        return f"{known.authorization}?{urlencode(wish)}"

    async def end_session_url(self, session: Session) -> str:
        """Where to send the browser to end the provider's session (OpenID Connect RP-Initiated Logout 1.0)."""
        wish = {"client_id": self._settings.client_id, "post_logout_redirect_uri": f"{self._settings.url}/"}
        hint = {"id_token_hint": session.id_token} if session.id_token else {}
        return f"{(await self._known()).end_session}?{urlencode(wish | hint)}"

    async def redeem(self, code: str, login: Login, *, issuer: str) -> Session:
        """The session that an authorization code is worth; raises SignInRefused and ProviderAway.

        `issuer` is who says it sent the code (RFC 9207): one from elsewhere is not brought to our provider.
        """
        if not code or issuer != self._settings.issuer:
            raise SignInRefused
        known = await self._known()
        wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback}
        answer = await self._ask_token(wish | {"code_verifier": login.verifier}, SignInRefused)
        id_token, refresh_token = answer.get("id_token", ""), answer.get("refresh_token", "")
        if not refresh_token:
            raise SignInRefused
        claims = verified_claims(
            id_token,
            known.keys,
            issuer=self._settings.issuer,
            client_id=self._settings.client_id,
            nonce=login.nonce,
            now=self._clock(),
        )
        name = claims.get("given_name", "")
        return Session(person_id=claims["sub"], refresh_token=refresh_token, id_token=id_token, name=name)

    async def access_token(self, refresh_token: str, structure: str) -> AccessToken:
        """A fresh token that speaks to a structure; raises SessionOver and ProviderAway."""
        wish = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        resource = f"urn:groupement:structure:{structure}"
        answer = await self._ask_token(wish | {"resource": resource}, SessionOver)
        text, life = answer.get("access_token", ""), timedelta(seconds=int(answer.get("expires_in", "0")))
        return AccessToken(text=text, roles=roles_in(text), expires_at=self._clock() + life)

    async def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless (RFC 7009); raises ProviderAway."""
        await self._post("/revoke", {"token": refresh_token, "token_type_hint": "refresh_token"})

    async def door_keys(self) -> list[Mapping[str, str]]:
        """The public keys that sign door lists; raises ProviderAway when they were never read."""
        return door_keys((await self._known()).jwks)

    @property
    def _callback(self) -> str:
        return f"{self._settings.url}/auth/callback"

    async def _ask_token(self, wish: dict[str, str], refused: type[Unauthenticated]) -> dict[str, str]:
        answer = await self._post("/token", wish)
        content = _content(answer)
        if answer.status_code == _OK:
            return {name: str(value) for name, value in content.items()}
        raise refused if content.get("error") == "invalid_grant" else ProviderAway

    async def _post(self, path: str, wish: dict[str, str]) -> httpx2.Response:
        """Ask as the client that our certificate proves; the other end must prove to be shared-identity."""
        try:
            answer = await self._private.post(
                f"{self._settings.oidc_mtls_url}{path}",
                data=wish | {"client_id": self._settings.client_id},
                extensions={"sni_hostname": IDENTITY.dns},
            )
        except httpx2.TransportError as error:
            raise ProviderAway from error
        if answer.status_code >= _SERVER_ERROR:
            raise ProviderAway
        return answer

    async def _known(self) -> _Endpoints:
        """The provider's own description; read again after a while, kept when it does not answer."""
        known = self._endpoints
        if known is not None and self._clock() - known.read_at < _METADATA_LIFE:
            return known
        try:
            return await self._fresh()
        except ProviderAway:
            if known is None:
                raise
            return known

    async def _fresh(self) -> _Endpoints:
        """The provider's description as it says it now."""
        self._endpoints = await self._discover()
        return self._endpoints

    async def _discover(self) -> _Endpoints:
        """The provider's metadata (OpenID Connect Discovery 1.0) and its keys."""
        about = await self._get(f"{self._settings.issuer}/.well-known/openid-configuration")
        if about.get("issuer") != self._settings.issuer:
            raise ProviderAway
        jwks = await self._get(str(about["jwks_uri"]))
        return _Endpoints(
            authorization=str(about["authorization_endpoint"]),
            end_session=str(about["end_session_endpoint"]),
            keys=signing_keys(jwks),
            read_at=self._clock(),
            jwks=jwks,
        )

    async def _get(self, url: str) -> Mapping[str, object]:
        try:
            answer = await self._public.get(url)
        except httpx2.TransportError as error:
            raise ProviderAway from error
        if answer.status_code != _OK:
            raise ProviderAway
        return _content(answer)


def _content(answer: httpx2.Response) -> Mapping[str, object]:
    try:
        content = answer.json()
    except ValueError as error:
        raise ProviderAway from error
    if not isinstance(content, dict):
        raise ProviderAway
    return content


def _trusting(tls: Tls) -> ssl.SSLContext:
    """The public authorities and our own."""
    context = ssl.create_default_context()
    context.load_verify_locations(tls.ca)
    return context


def _proving(tls: Tls) -> ssl.SSLContext:
    """Our own authority only, and the certificate that says who we are."""
    context = ssl.create_default_context(cafile=str(tls.ca))
    context.load_cert_chain(tls.cert, tls.key)
    return context
