"""Checking a password takes the same work whether one is kept or not, and nothing matches when none is."""

from typing import Literal

import pytest
from argon2 import PasswordHasher
from identity import PASSWORD
from shared_identity.passwords import LONGEST, Passwords, common_passwords


class Counting(PasswordHasher):
    """The real one, which notes how often it worked a password out."""

    worked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.worked += bool(hash)
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> Counting:
    return Counting(time_cost=1, memory_cost=64, parallelism=1)


async def test_the_work_is_done_when_nothing_is_kept(hasher: Counting) -> None:
    passwords = Passwords(hasher)
    kept = await passwords.hash(PASSWORD)
    answers = [await passwords.verify("wrong", kept), await passwords.verify("wrong", "")]
    assert (answers, hasher.worked) == ([False, False], 2)


async def test_nothing_matches_a_password_that_was_never_set(hasher: Counting) -> None:
    passwords = Passwords(hasher)
    for guess in ("", "nobody's password"):
        assert not await passwords.verify(guess, "")


async def test_the_same_letters_composed_otherwise_are_the_same_password(hasher: Counting) -> None:
    passwords = Passwords(hasher)
    assert await passwords.verify("une ge\u0301nisse bien grasse", await passwords.hash("une génisse bien grasse"))


async def test_no_password_leaves_no_hash(hasher: Counting) -> None:
    assert await Passwords(hasher).hash("") == ""


async def test_a_hash_that_is_none_matches_nothing(hasher: Counting) -> None:
    assert not await Passwords(hasher).verify(PASSWORD, "not a hash")


async def test_a_very_long_guess_is_wrong_and_cheap(hasher: Counting) -> None:
    passwords = Passwords(hasher)
    kept = await passwords.hash("a" * LONGEST)
    assert await passwords.verify("a" * LONGEST, kept)
    for wrong in ("b" * 1_000_000, "a" * (LONGEST + 1)):
        assert not await passwords.verify(wrong, kept)


async def test_letters_that_grow_when_composed_are_a_password_all_the_same(hasher: Counting) -> None:
    passwords = Passwords(hasher)
    assert await passwords.verify("ﷺ" * 100, await passwords.hash("ﷺ" * 100))


def test_hashing_is_as_slow_as_the_rfc_asks() -> None:
    hasher = Passwords()._hasher
    assert (hasher.type.name, hasher.memory_cost, hasher.time_cost) == ("ID", 65536, 3)


def test_common_passwords_are_long_enough_to_matter_and_without_case() -> None:
    assert "motdepasse123" in common_passwords()
    assert all(len(one) >= 12 and one == one.casefold() for one in common_passwords())
