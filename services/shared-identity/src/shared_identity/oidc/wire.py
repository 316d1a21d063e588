"""What the provider says and reads: its metadata, its tokens, claims, and what it keeps of a request."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, RSAKey
from servicekit.tokens import Token, sign

from shared_identity.keys import Keys
from shared_identity.oidc.domain import (
    SCOPES,
    TOKEN_LIFE,
    AuthorizationRequest,
    Client,
    Login,
    OAuthRefusal,
    RequestMalformed,
    TokenRefused,
    Voice,
    subject,
)
from shared_identity.people.domain import Person
from shared_identity.sign_in.domain import Method

Claims = Mapping[str, Any]

_ALGORITHMS = ["RS256"]
_ID_TOKEN = "JWT"  # noqa: S105 - types of tokens, not tokens
_USERINFO_TOKEN = "userinfo+jwt"  # noqa: S105
_REFERENCES = {Method.PASSWORD: ["pwd"], Method.LINK: ["otp"]}
"""How each way of signing in is told to clients (RFC 8176, `amr`)."""


def metadata(issuer: str, mtls: str) -> Claims:
    """What the provider says of itself (OpenID Connect Discovery §3, RFC 8414, RFC 8705 §5, RFC 9207)."""
    endpoints = {
        "token_endpoint": f"{mtls}/token",
        "revocation_endpoint": f"{mtls}/revoke",
        "userinfo_endpoint": f"{mtls}/userinfo",
    }
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "end_session_endpoint": f"{issuer}/end_session",
        "jwks_uri": f"{issuer}/jwks.json",
        **endpoints,
        "mtls_endpoint_aliases": endpoints,
        "token_endpoint_auth_methods_supported": ["tls_client_auth"],
        "revocation_endpoint_auth_methods_supported": ["tls_client_auth"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": _ALGORITHMS,
        "scopes_supported": list(SCOPES),
        "claims_supported": ["sub", "name", "given_name", "family_name", "locale", "email", "email_verified"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


def request_text(asked: AuthorizationRequest) -> str:
    """An authorization request as it waits with its challenge."""
    return json.dumps(asdict(asked))


def request_value(text: str) -> AuthorizationRequest:
    """The authorization request that waited."""
    return AuthorizationRequest(**json.loads(text))


def error_body(refusal: OAuthRefusal) -> Claims:
    """A refusal as OAuth clients read it."""
    return {"error": refusal.error, "error_description": refusal.message}


class TokenPress:
    """Makes the tokens of one issuer, and reads those it made."""

    def __init__(self, issuer: str, keys: Keys) -> None:
        self._issuer = issuer
        self._keys = keys

    def structure_token(self, voice: Voice, client: Client, now: datetime) -> str:
        """An access token that speaks to one structure, in the roles held there and no others."""
        token = Token(
            person_id=voice.person_id, structure=voice.structure, roles=voice.roles, expires_at=now + TOKEN_LIFE
        )
        key = self._keys.signing_key
        return sign(token, key=key, issuer=self._issuer, client_id=client.client_id, issued_at=now)

    def userinfo_token(self, login: Login, now: datetime) -> str:
        """An access token for this provider's userinfo alone: its type keeps every service from taking it."""
        return self._signed(_USERINFO_TOKEN, {"aud": self._issuer, "sid": login.login_id, **self._dates(now)})

    def id_token(self, login: Login, person: Person, client: Client, nonce: str, now: datetime) -> str:
        """Who signed in, when and how, for the client (OpenID Connect Core §2); a given name at most.

        It comes back in an address at logout: what else the scope allows is for userinfo to say.
        """
        claims: dict[str, Any] = {
            "sub": subject(person.person_id, client, self._keys.pairwise),
            "aud": client.client_id,
            "sid": login.login_id,
            "auth_time": int(login.signed_in_at.timestamp()),
            "amr": _REFERENCES[Method(login.method)],
            **self._dates(now),
        }
        if nonce:
            claims["nonce"] = nonce
        if "profile" in login.scope.split():
            claims["given_name"] = person.given_name
        return self._signed(_ID_TOKEN, claims)

    def claims(self, login: Login, person: Person, client: Client) -> Claims:
        """What a client may know of somebody, by the scope of their login (OpenID Connect Core §5.4)."""
        scope = login.scope.split()
        known: dict[str, Any] = {"sub": subject(person.person_id, client, self._keys.pairwise)}
        if "profile" in scope:
            known["name"] = f"{person.given_name} {person.family_name}"
            known |= {"given_name": person.given_name, "family_name": person.family_name, "locale": person.locale}
        if "email" in scope:
            known |= {"email": person.email, "email_verified": person.email_verified}
        return known

    def login_of_userinfo_token(self, token: str, now: datetime) -> str:
        """The login an access token for userinfo was made for; raises TokenRefused."""
        claims = self._read(token, _USERINFO_TOKEN)
        if claims is None or claims.get("aud") != self._issuer or claims.get("exp", 0) <= now.timestamp():
            raise TokenRefused
        return str(claims["sid"])

    def hint(self, token: str) -> tuple[str, str]:
        """The login and the client an ID token was made for, expired ones included; raises RequestMalformed."""
        claims = self._read(token, _ID_TOKEN)
        if claims is None:
            raise RequestMalformed(field="id_token_hint")
        return str(claims["sid"]), str(claims["aud"])

    def _dates(self, now: datetime) -> Claims:
        return {"iat": int(now.timestamp()), "exp": int((now + TOKEN_LIFE).timestamp())}

    def _signed(self, kind: str, claims: Claims) -> str:
        key = self._keys.signing_key
        body = json.dumps({"iss": self._issuer, **claims}).encode()
        return jws.serialize_compact({"alg": "RS256", "typ": kind, "kid": key.kid}, body, key, _ALGORITHMS)

    def _read(self, token: str, kind: str) -> Claims | None:
        """The claims of one of our tokens of that kind; None for anything else."""
        try:
            signed = jws.deserialize_compact(token.encode(), self._key_of, _ALGORITHMS)
            claims = json.loads(signed.payload or b"")
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        ours = signed.headers().get("typ") == kind and claims.get("iss") == self._issuer
        return claims if ours else None

    def _key_of(self, signed: GuestProtocol) -> RSAKey:
        return self._keys.signing[signed.headers()["kid"]]
