"""Secrets that open something once: 256 bits, told to one person, kept as a digest only."""

import base64
import hashlib
import hmac
import secrets

_BITS = 256


def new_secret() -> str:
    """A fresh secret, as it stands in an address: 43 letters."""
    return secrets.token_urlsafe(_BITS // 8)


def digest(secret: str) -> str:
    """What is kept of a secret; looking it up tells nothing of those that are kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Codes:
    """Secrets sent by mail, made from a key and the code's id when the letter is written: no row ever holds one."""

    def __init__(self, key: bytes) -> None:
        if len(key) * 8 < _BITS:
            raise ValueError("the key of codes is too short")
        self._keyed = hmac.new(key, digestmod="sha256")

    def secret_of(self, code_id: str) -> str:
        """The secret of a code, 43 letters."""
        made = self._keyed.copy()
        made.update(code_id.encode())
        return base64.urlsafe_b64encode(made.digest()).rstrip(b"=").decode()

    def digest_of(self, code_id: str) -> str:
        """What is kept of it."""
        return digest(self.secret_of(code_id))
