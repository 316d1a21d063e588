"""The provider's rules: what a client may ask, what its answers are worth (OpenID Connect Core 1.0, RFC 9700)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from servicekit.refusals import Invalid

CODE_LIFE = timedelta(seconds=60)
LOGIN_LIFE = timedelta(days=30)
TOKEN_LIFE = timedelta(minutes=10)
SCOPES = ("openid", "profile", "email")
RESOURCE = "urn:groupement:structure:"
"""Prefix of what names a structure as the one a token speaks to (RFC 8707)."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_LONGEST = 1024


class OAuthRefusal(Invalid):
    """The request was refused; `error` is the word OAuth has for it (RFC 6749, §4.1.2.1 and §5.2)."""

    error: ClassVar[str] = "invalid_request"


class RequestMalformed(OAuthRefusal):
    """The request misses something, says something twice, or says it wrongly."""


class ClientUnknown(OAuthRefusal):
    """The client is unknown, or its certificate is not the one it registered."""

    error = "invalid_client"


class RedirectUnknown(OAuthRefusal):
    """This address is not one the client registered."""


class ResponseTypeUnsupported(OAuthRefusal):
    """Only the authorization code flow is served."""

    error = "unsupported_response_type"


class ScopeMissing(OAuthRefusal):
    """The scope must hold openid."""

    error = "invalid_scope"


class LoginRequired(OAuthRefusal):
    """Nobody can be signed in without being asked."""

    error = "login_required"


class RequestObjectUnsupported(OAuthRefusal):
    """Request objects are not served."""

    error = "request_not_supported"


class RequestUriUnsupported(OAuthRefusal):
    """Request addresses are not served."""

    error = "request_uri_not_supported"


class GrantRefused(OAuthRefusal):
    """The code or refresh token is unknown, used, too old, or another client's."""

    error = "invalid_grant"


class GrantTypeUnsupported(OAuthRefusal):
    """Only authorization_code and refresh_token are served."""

    error = "unsupported_grant_type"


class TargetRefused(OAuthRefusal):
    """There is no such structure, or this client may not speak to it."""

    error = "invalid_target"


class TokenRefused(OAuthRefusal):
    """The access token is forged, expired or over."""

    error = "invalid_token"


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who may send people here to sign in; `tls_san` is the certificate that speaks for it (RFC 8705, §2.1.2).

    A pairwise client learns a `sub` of its own and speaks to no structure.
    """

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    tls_san: str
    pairwise: bool


@dataclass(frozen=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks when it sends a browser."""

    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    state: str = ""
    nonce: str = ""
    login_hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Login:
    """One sign-in at one client: worth tokens until it ends."""

    login_id: str
    person_id: str
    client_id: str
    scope: str
    method: str
    epoch: int
    signed_in_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Code:
    """An authorization code, as issued; its secret is kept as a digest."""

    redirect_uri: str
    code_challenge: str
    nonce: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Somebody at one structure, in the roles held there."""

    person_id: str
    structure: str
    roles: frozenset[str]


def client_of(parameters: Mapping[str, str], clients: Mapping[str, Client]) -> Client:
    """The client that sends a browser, when its return address is one it registered, to the letter (RFC 9700, §2.1).

    Raises ClientUnknown or RedirectUnknown: then the browser must not be sent anywhere.
    """
    client = clients.get(parameters.get("client_id", ""))
    if client is None:
        raise ClientUnknown(field="client_id")
    if parameters.get("redirect_uri", "") not in client.redirect_uris:
        raise RedirectUnknown(field="redirect_uri")
    return client


def authorization_request(parameters: Mapping[str, str]) -> AuthorizationRequest:
    """What is asked; raises an OAuthRefusal that the client may be told."""
    _refuse_what_is_not_served(parameters)
    scope = [asked for asked in SCOPES if asked in parameters.get("scope", "").split()]
    if "openid" not in scope:
        raise ScopeMissing(field="scope")
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise RequestMalformed("PKCE with S256 is required", field="code_challenge")
    for field in ("state", "nonce", "login_hint"):
        if len(parameters.get(field, "")) > _LONGEST:
            raise RequestMalformed(field=field)
    return AuthorizationRequest(
        client_id=parameters["client_id"],
        redirect_uri=parameters["redirect_uri"],
        scope=" ".join(scope),
        code_challenge=challenge,
        state=parameters.get("state", ""),
        nonce=parameters.get("nonce", ""),
        login_hint=parameters.get("login_hint", ""),
    )


def check_code(code: Code, *, redirect_uri: str, verifier: str, now: datetime) -> None:
    """Refuses a code that is late, or brought by somebody who did not ask for it; raises GrantRefused."""
    if now >= code.expires_at or redirect_uri != code.redirect_uri or not proves(verifier, code.code_challenge):
        raise GrantRefused


def check_login(login: Login, *, client: Client, epoch: int, now: datetime) -> None:
    """Refuses a login that is over or another client's; raises GrantRefused."""
    if login.client_id != client.client_id or login.epoch != epoch or now >= login.expires_at:
        raise GrantRefused


def proves(verifier: str, challenge: str) -> bool:
    """Whether a verifier is the one behind a challenge (RFC 7636, §4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(made, challenge.encode())


def structure_of(resource: str, client: Client) -> str:
    """The structure a token is to speak to; raises TargetRefused."""
    slug = resource.removeprefix(RESOURCE)
    if slug == resource or not slug or client.pairwise:
        raise TargetRefused(field="resource")
    return slug


def subject(person_id: str, client: Client, key: bytes) -> str:
    """Whom a client knows somebody as: nobody can tell that two pairwise ones are one person (OIDC Core, §8.1)."""
    if not client.pairwise:
        return person_id
    made = hmac.digest(key, f"{client.client_id}\0{person_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def logout_address(client: Client, wanted: str) -> str | None:
    """Where a browser goes once signed out; None when the client did not register what it wants."""
    return wanted if wanted in client.post_logout_redirect_uris else None


def _refuse_what_is_not_served(parameters: Mapping[str, str]) -> None:
    if "request" in parameters:
        raise RequestObjectUnsupported
    if "request_uri" in parameters:
        raise RequestUriUnsupported
    if parameters.get("response_type") != "code":
        raise ResponseTypeUnsupported(field="response_type")
    if parameters.get("response_mode", "query") != "query":
        raise RequestMalformed(field="response_mode")
    if "none" in parameters.get("prompt", "").split():
        raise LoginRequired
