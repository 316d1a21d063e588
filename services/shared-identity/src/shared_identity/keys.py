"""The provider's own keys, one PEM file each, and the public ones beside them for every service to read.

A key's id is its file's name, which begins with the day it was made: the newest signs, the others still verify.
"""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from joserfc.jwk import OKPKey, RSAKey
from servicekit.settings import SettingRefused

SIGNING = "sign"
CARD = "card"
DOOR = "door"
JWKS = "jwks.json"
_SECRETS = ("codes", "pairwise")
_RSA_BITS = 2048
_EDWARDS = {"use": "sig", "alg": "Ed25519"}
_PARAMETERS = {SIGNING: {"use": "sig", "alg": "RS256"}, CARD: _EDWARDS, DOOR: _EDWARDS}


class KeysMissing(SettingRefused):
    """A key file is missing or unreadable: make them with `python -m shared_identity keys`."""


class KeysExposed(SettingRefused):
    """A private key may be read by others than its owner."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What the process signs with; `cards` and `doors` hold every such key by its id, the newest included."""

    signing: Mapping[str, RSAKey]
    cards: Mapping[str, OKPKey]
    doors: Mapping[str, OKPKey]
    codes: bytes
    pairwise: bytes

    @property
    def signing_key(self) -> RSAKey:
        """The key that signs tokens now."""
        return self.signing[max(self.signing)]

    @property
    def card_key_id(self) -> str:
        """The id of the key that signs cards now."""
        return max(self.cards)

    @property
    def door_key(self) -> OKPKey:
        """The key that signs lists for doors now."""
        return self.doors[max(self.doors)]

    def public(self) -> str:
        """The public keys as a JWK set (RFC 7517), newest first."""
        sets: list[tuple[str, Mapping[str, RSAKey] | Mapping[str, OKPKey]]] = [
            (SIGNING, self.signing),
            (CARD, self.cards),
            (DOOR, self.doors),
        ]
        keys = [
            {**held[kid].as_dict(private=False), **_PARAMETERS[use], "kid": kid}
            for use, held in sets
            for kid in sorted(held, reverse=True)
        ]
        return json.dumps({"keys": keys}, indent=1, sort_keys=True)


def make(directory: Path, now: datetime) -> Sequence[str]:
    """Makes what is missing and writes the public keys; gives the names of the keys made."""
    with _alone(directory):
        made = [_add(directory, use, now) for use in _PARAMETERS if not any(directory.glob(f"{use}-*.pem"))]
        made += [_add_secret(directory, name) for name in _SECRETS if not _secret_file(directory, name).exists()]
        _publish(directory)
    return made


def complete(directory: Path, now: datetime) -> Sequence[str]:
    """Makes the kinds of keys that came with a later version, where there are keys at all; gives their names."""
    return make(directory, now) if any(directory.glob(f"{SIGNING}-*.pem")) else []


def rotate(directory: Path, now: datetime) -> Sequence[str]:
    """Adds a key of each kind, which sign from the next start on; the former ones go on verifying."""
    make(directory, now)
    with _alone(directory):
        made = [_add(directory, use, now) for use in _PARAMETERS]
        _publish(directory)
    return made


def read(directory: Path) -> Keys:
    """The keys; raises KeysMissing, or KeysExposed when the files' modes let others in."""
    signing = {path.stem: RSAKey.import_key(_private(path), {"kid": path.stem}) for path in _files(directory, SIGNING)}
    cards, doors = (_edwards(directory, use) for use in (CARD, DOOR))
    codes, pairwise = (base64.b64decode(_private(_secret_file(directory, name))) for name in _SECRETS)
    return Keys(signing=signing, cards=cards, doors=doors, codes=codes, pairwise=pairwise)


def _edwards(directory: Path, use: str) -> Mapping[str, OKPKey]:
    return {path.stem: OKPKey.import_key(_private(path), {"kid": path.stem}) for path in _files(directory, use)}


def _files(directory: Path, use: str) -> Sequence[Path]:
    found = sorted(directory.glob(f"{use}-*.pem"))
    if not found:
        raise KeysMissing(f"GROUPEMENT_KEYS_DIR: {directory} holds no {use}-*.pem")
    return found


def _private(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise KeysExposed(f"GROUPEMENT_KEYS_DIR: {path}: its mode must be 0600")
        return path.read_bytes()
    except OSError as error:
        raise KeysMissing(f"GROUPEMENT_KEYS_DIR: {path}: cannot be read ({type(error).__name__})") from error


def _add(directory: Path, use: str, now: datetime) -> str:
    kid = f"{use}-{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    key = RSAKey.generate_key(_RSA_BITS) if use == SIGNING else OKPKey.generate_key("Ed25519")
    _write(directory / f"{kid}.pem", key.as_pem(private=True), 0o600)
    return kid


def _add_secret(directory: Path, name: str) -> str:
    _write(_secret_file(directory, name), base64.b64encode(secrets.token_bytes(32)), 0o600)
    return name


def _secret_file(directory: Path, name: str) -> Path:
    return directory / f"{name}.key"


def _publish(directory: Path) -> None:
    _write(directory / JWKS, read(directory).public().encode(), 0o644)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replaces a file at once."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """One process at a time makes keys."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
