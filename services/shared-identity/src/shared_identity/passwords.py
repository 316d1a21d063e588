"""Passwords: argon2id in threads of their own, and the ones everybody tries first."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import resources
from typing import TypeVar, TypeVarTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 256
"""Characters; longer ones are refused when set and wrong when tried."""

_WORKERS = 2
_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class Passwords:
    """Hashes and checks passwords with 64 MiB each (RFC 9106, second recommended option), two at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash("nobody's password")

    async def hash(self, password: str) -> str:
        """What is kept of a password; of none, nothing."""
        return await self._in_thread(self._hasher.hash, _normal(password)) if password else ""

    async def verify(self, password: str, kept: str) -> bool:
        """Whether it is the password kept; takes as long when none is kept."""
        guess = _normal(password) if len(password) <= LONGEST else ""
        return await self._in_thread(self._verify, guess, kept or self._nobody) and bool(kept)

    def close(self) -> None:
        """Lets the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, function: Callable[[*_Ts], _T], *arguments: *_Ts) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


@cache
def common_passwords() -> frozenset[str]:
    """The common ones long enough to be worth naming, in small letters."""
    lines = resources.files(__package__).joinpath("common_passwords.txt").read_text().splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("# "))


def _normal(password: str) -> str:
    """The same characters however the keyboard composed them (NIST SP 800-63B, §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
