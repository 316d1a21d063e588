"""The keys by which users of the bus prove who they are: Ed25519 seeds in files only their owner can read (NKEYS)."""

import os
import secrets
from pathlib import Path

import nkeys

_SEED_BYTES = 32


def make_key(path: Path) -> str:
    """Make a user's seed file unless it is there; gives its public key, which the server's configuration names."""
    if not path.exists():
        seed = nkeys.encode_seed(secrets.token_bytes(_SEED_BYTES), nkeys.PREFIX_BYTE_USER)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seed)
    return public_key(path)


def public_key(path: Path) -> str:
    """The public key of a seed file; raises ValueError, without showing its content, when it holds no seed."""
    pair: nkeys.KeyPair | None = None
    try:
        pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
        return str(pair.public_key.decode())
    except nkeys.NkeysError:
        raise ValueError(f"{path} does not hold an nkey seed") from None
    finally:
        if pair is not None:
            pair.wipe()
