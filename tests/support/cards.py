"""Member cards for tests, signed as shared-identity signs them, and the public keys doors know them by."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import KeySet, OKPKey, RSAKey
from servicekit.identifiers import new_id


def card_key(kid: str = "card-1") -> OKPKey:
    """A key that signs cards."""
    return OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig", "alg": "EdDSA"})


@dataclass
class CardOffice:
    """Who signs cards, and the file its public keys are published in (beside the keys of tokens)."""

    jwks: Path
    key: OKPKey = field(default_factory=card_key)

    def publish(self, *others: OKPKey | RSAKey) -> None:
        """Writes the public keys, this office's and the others given."""
        self.jwks.write_text(json.dumps(KeySet([*others, self.key]).as_dict(private=False)))

    def code(self, person_id: str, **change: Any) -> str:
        """What the QR of a person's card says; `key`, `header` and any claim may be changed."""
        key = change.pop("key", self.key)
        header = {"alg": "EdDSA", "kid": key.kid, "typ": "card+jwt", **change.pop("header", {})}
        claims = {
            "jti": new_id("card"),
            "sub": person_id,
            "iat": 1_700_000_000,
            "exp": int((datetime(2099, 1, 1, tzinfo=UTC)).timestamp()),
            **change,
        }
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, ["EdDSA", "Ed25519"])
