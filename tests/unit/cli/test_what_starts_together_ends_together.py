"""When one of several works fails, that is told once none of the others goes on."""

import asyncio

import pytest
from groupement_cli.together import all_of


async def test_all_have_ended_before_the_first_failure_is_told() -> None:
    ended: list[str] = []

    async def slow(name: str) -> str:
        await asyncio.sleep(0.01)
        ended.append(name)
        return name

    async def fails() -> str:
        raise ValueError("no bread")

    with pytest.raises(ValueError, match="no bread"):
        await all_of([fails(), slow("one"), slow("two")])
    assert ended == ["one", "two"]
    assert await all_of([slow("one"), slow("two")]) == ["one", "two"]
