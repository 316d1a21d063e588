"""Access tokens (RFC 9068): a person, at one structure, for ten minutes.

RS256 only. What was verified once is remembered by the digest of the token until the token expires.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jws
from joserfc.errors import InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwk import GuestProtocol, KeySet, RSAKey

from servicekit.origin import GROUPEMENT
from servicekit.refusals import Unauthenticated, Unavailable

TOKEN_TYPE = "at+jwt"  # noqa: S105 - the type of an access token (RFC 9068, section 2.1), which an ID token never has
LIFE = timedelta(minutes=10)
_ALGORITHMS = ["RS256"]
_MOST_REMEMBERED = 20_000
_LONGEST_TOKEN = 8_192
_LOOK_EVERY = 1.0


class TokenInvalid(Unauthenticated):
    """The access token is not one we can trust: sign in again."""


class TokenExpired(Unauthenticated):
    """The access token has expired: ask for a fresh one."""


class TokenForAnotherStructure(Unauthenticated):
    """The access token was issued for another structure."""


class KeysMissing(Unavailable):
    """The public keys that verify tokens cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What a verified token says: who, at which structure, in which roles, until when."""

    person_id: str
    structure: str
    roles: frozenset[str]
    expires_at: datetime


def sign(token: Token, *, key: RSAKey, issuer: str, client_id: str, issued_at: datetime) -> str:
    """The token as it travels: a JWT signed by the issuer's private key (its `kid` in the header)."""
    header = {"alg": "RS256", "typ": TOKEN_TYPE, "kid": key.kid or key.thumbprint()}
    claims = {
        "iss": issuer,
        "sub": token.person_id,
        "aud": token.structure,
        "client_id": client_id,
        "roles": sorted(token.roles),
        "iat": int(issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
    }
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, _ALGORITHMS)


class TokenVerifier:
    """Verifies access tokens against the public keys on disk; `audience` None accepts any structure's."""

    def __init__(
        self,
        jwks_path: Path,
        *,
        issuer: str,
        audience: str | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = jwks_path
        self._issuer = issuer
        self._audience = audience
        self._monotonic = monotonic
        self._keys = KeySet([])
        self._stamp: tuple[int, int] = (0, 0)
        self._next_look = 0.0
        self._remembered: dict[bytes, Token] = {}

    def verify(self, token: str, now: datetime) -> Token:
        """What the token says; raises Unauthenticated when it is forged, expired or meant for another structure."""
        if self._monotonic() >= self._next_look:
            self._look_for_new_keys()
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._remembered.get(digest)
        if known is None:
            known = self._verify_signature(token)
            self._remember(digest, known, now)
        if known.expires_at <= now:
            raise TokenExpired(field="authorization")
        return known

    def _remember(self, digest: bytes, known: Token, now: datetime) -> None:
        if known.expires_at <= now:
            return
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._forget(now)
        self._remembered[digest] = known

    def _forget(self, now: datetime) -> None:
        """Make room: what expired goes, and the older half if that was not enough."""
        live = [(digest, token) for digest, token in self._remembered.items() if token.expires_at > now]
        self._remembered = dict(live[-_MOST_REMEMBERED // 2 :])

    def _verify_signature(self, token: str) -> Token:
        if len(token) > _LONGEST_TOKEN:
            raise TokenInvalid(field="authorization")
        try:
            signed = jws.deserialize_compact(token.encode(), self._key_for, _ALGORITHMS)
            if signed.headers().get("typ") != TOKEN_TYPE:
                raise TokenInvalid(field="authorization")
            read = _token(json.loads(signed.payload or b""), self._issuer)
        except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise TokenInvalid(field="authorization") from error
        if self._audience not in (None, read.structure):
            raise TokenForAnotherStructure(field="authorization")
        return read

    def _key_for(self, signed: GuestProtocol) -> RSAKey:
        kid = signed.headers().get("kid")
        if not kid:
            raise MissingKeyError
        key = self._find(kid)
        if key is None:
            self._read_keys()
            key = self._find(kid)
        if key is None:
            raise InvalidKeyIdError
        return key

    def _find(self, kid: str) -> RSAKey | None:
        return next((key for key in self._keys if key.kid == kid and isinstance(key, RSAKey)), None)

    def _look_for_new_keys(self) -> None:
        """Read the keys again if the file changed; the last good ones stay in use. Once a second."""
        self._next_look = self._monotonic() + _LOOK_EVERY
        self._read_keys()

    def _read_keys(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._keys = KeySet.import_key_set(json.loads(self._path.read_bytes()))
                self._stamp, self._remembered = stamp, {}
        except (OSError, ValueError, TypeError, KeyError, JoseError) as error:
            if not self._keys:
                self._next_look = 0.0
                raise KeysMissing from error


def _token(claims: object, issuer: str) -> Token:
    """The claims as a value; raises ValueError, TypeError or KeyError when they are not ours."""
    if not isinstance(claims, dict) or claims["iss"] != issuer:
        raise ValueError("not our issuer")
    person_id, structure, roles, expires = (claims[name] for name in ("sub", "aud", "roles", "exp"))
    texts = [person_id, structure, *roles]
    if isinstance(expires, bool) or not isinstance(expires, int) or not all(isinstance(t, str) for t in texts):
        raise TypeError("a claim has the wrong type")
    if not person_id or not structure or structure == GROUPEMENT or not isinstance(roles, list):
        raise ValueError("a claim is empty")
    return Token(
        person_id=person_id,
        structure=structure,
        roles=frozenset(roles),
        expires_at=datetime.fromtimestamp(expires, UTC),
    )
