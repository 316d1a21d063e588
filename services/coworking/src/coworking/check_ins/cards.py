"""Member cards, verified with the public keys on disk: a JWS signed with Ed25519 (RFC 7515, 8037, 9864).

A signature costs as much as an RPC: what was verified once is remembered by its digest until the card expires.
"""

import hashlib
import json
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from joserfc import jws
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import GuestProtocol, KeySet, OKPKey
from servicekit.identifiers import is_id
from servicekit.refusals import Unavailable

from coworking.check_ins.domain import Card, CardExpired, CardForged

# A card signed under the older name of the algorithm is as good: the key says which curve it is.
warnings.filterwarnings("ignore", category=SecurityWarning, module=r"joserfc\b")

CARD_KEY = "card-"
"""How the `kid` of a key that signs cards begins: no other key of the set may sign one."""

_TYPE = "card+jwt"
_ALGORITHMS = ["Ed25519", "EdDSA"]
_LONGEST_CODE = 2_048
_MOST_REMEMBERED = 20_000
_LOOK_EVERY = 1.0


class CardKeysMissing(Unavailable):
    """The public keys that verify cards cannot be read."""


class CardReader:
    """Reads cards; `jwks_path` is read again when it changes, and the last good keys stay in use meanwhile."""

    def __init__(self, jwks_path: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = jwks_path
        self._monotonic = monotonic
        self._keys: dict[str, OKPKey] = {}
        self._stamp = (0, 0)
        self._next_look = 0.0
        self._remembered: dict[bytes, Card] = {}

    def read(self, code: str, now: datetime) -> Card:
        """What a card says; raises CardForged, CardExpired, and CardKeysMissing when there are no keys to try."""
        self._look_for_new_keys()
        digest = hashlib.sha256(code.encode()).digest()
        card = self._remembered.get(digest)
        if card is None:
            card = self._verify(code)
            self._remember(digest, card)
        if card.expires_at <= now:
            raise CardExpired(field="card_code")
        return card

    def _verify(self, code: str) -> Card:
        if len(code) > _LONGEST_CODE:
            raise CardForged(field="card_code")
        try:
            signed = jws.deserialize_compact(code.encode(), self._key_for, _ALGORITHMS)
            if signed.headers().get("typ") != _TYPE:
                raise CardForged(field="card_code")
            return _card(json.loads(signed.payload or b""))
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise CardForged(field="card_code") from error

    def _remember(self, digest: bytes, card: Card) -> None:
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered = dict(list(self._remembered.items())[_MOST_REMEMBERED // 2 :])
        self._remembered[digest] = card

    def _key_for(self, signed: GuestProtocol) -> OKPKey:
        kid = signed.headers().get("kid")
        if kid not in self._keys:
            self._read_keys()
        if kid not in self._keys:
            raise InvalidKeyIdError
        return self._keys[kid]

    def _look_for_new_keys(self) -> None:
        at = self._monotonic()
        if at >= self._next_look:
            self._next_look = at + _LOOK_EVERY
            self._read_keys()

    def _read_keys(self) -> None:
        try:
            status = self._path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            if stamp != self._stamp:
                self._keys = _card_keys(self._path.read_bytes())
                self._stamp, self._remembered = stamp, {}
        except (OSError, ValueError, TypeError, KeyError, JoseError) as error:
            if not self._keys:
                self._next_look = 0.0
                raise CardKeysMissing from error


def _card_keys(jwks: bytes) -> dict[str, OKPKey]:
    keys = KeySet.import_key_set(json.loads(jwks))
    return {key.kid: key for key in keys if isinstance(key, OKPKey) and key.kid and key.kid.startswith(CARD_KEY)}


def _card(claims: object) -> Card:
    """The claims as a value; raises ValueError, TypeError or KeyError when they are not a card's."""
    if not isinstance(claims, dict):
        raise TypeError("claims are an object")
    card_id, person_id, expires = claims["jti"], claims["sub"], claims["exp"]
    if not (is_id(card_id, "card") and is_id(person_id, "person")) or type(expires) is not int:
        raise ValueError("a claim is not what it should be")
    return Card(card_id=card_id, person_id=person_id, expires_at=datetime.fromtimestamp(expires, UTC))
