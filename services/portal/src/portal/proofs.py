"""What proves a sign-in: secrets of our own sent along, signatures of the provider's read back."""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from servicekit.refusals import Unauthenticated

from portal.session import Login

_ALGORITHMS = ["RS256"]
_LEEWAY_SECONDS = 30
_JWT_PARTS = 3


class SignInRefused(Unauthenticated):
    """The provider did not accept this sign-in."""


def new_login(return_to: str) -> Login:
    """A sign-in to begin, with secrets of its own."""
    return Login(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        return_to=return_to,
    )


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def signing_keys(content: Mapping[str, object]) -> KeySet:
    """The RSA keys of a JWKS document (RFC 7517); those of cards are not for ID tokens."""
    listed = content.get("keys")
    keys = [key for key in listed if key.get("kty") == "RSA"] if isinstance(listed, list) else []
    return KeySet.import_key_set({"keys": keys})


def door_keys(content: Mapping[str, object]) -> list[Mapping[str, str]]:
    """The keys of a JWKS document that sign door lists: their ids begin with "door-"."""
    listed = content.get("keys")
    return [key for key in listed if str(key.get("kid", "")).startswith("door-")] if isinstance(listed, list) else []


def verified_claims(
    id_token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime
) -> dict[str, str]:
    """The claims of an ID token, checked as OpenID Connect Core §3.1.3.7 asks; raises SignInRefused."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        sub={"essential": True},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError) as error:
        raise SignInRefused from error
    return {name: str(value) for name, value in claims.items()}


def roles_in(access_token: str) -> frozenset[str]:
    """The roles an access token speaks of, to choose what to show.

    The signature is not checked: it came straight from the provider, and whoever acts on it checks it.
    """
    parts = access_token.split(".")
    if len(parts) != _JWT_PARTS:
        return frozenset()
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return frozenset()
    return frozenset(claims.get("roles", ()))
