"""Small values kept in the visitor's browser, which it can neither read nor change.

JWE (RFC 7516), direct encryption by AES-256-GCM. Each value is sealed for one use and until one instant.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]
_LONGEST = 4_096


class Sealer:
    """Seals and opens values with the portal's own key."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)

    def seal(self, use: str, values: Mapping[str, str], *, until: datetime) -> str:
        """The values as text, good for `use` until then."""
        content = json.dumps({"use": use, "until": int(until.timestamp()), "values": dict(values)})
        return jwe.encrypt_compact(dict(_HEADER), content.encode(), self._key, algorithms=_ALGORITHMS)

    def open(self, use: str, sealed: str, *, now: datetime) -> dict[str, str] | None:
        """The values; None when the text is not ours, was altered, is for another use or too old."""
        if len(sealed) > _LONGEST:
            return None
        try:
            content = json.loads(jwe.decrypt_compact(sealed, self._key, algorithms=_ALGORITHMS).plaintext or b"null")
        except (JoseError, ValueError):
            return None
        if not isinstance(content, dict) or content.get("use") != use or content["until"] <= now.timestamp():
            return None
        return {str(name): str(value) for name, value in content["values"].items()}
