"""SIGKILL from outside, again and again: what was committed is delivered, and its effects happen once."""

import asyncio
import contextlib
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from bakery import BAKERY, METADATA, announce, baked, on_shelf
from broker import Broker
from engines import Databases
from listening import shelved
from servicekit.facts import Fact
from servicekit.sql import Database

_PROGRAM = Path(__file__).parents[2] / "support" / "bakery_process.py"
_KILLS, _MOST_KILLS = 8, 120


async def test_committed_is_delivered_and_effects_happen_once(fresh: Broker, databases: Databases) -> None:
    url = await databases.url(METADATA)
    db = databases.again(url, BAKERY)
    noted: Counter[str] = Counter()
    versions: Counter[str] = Counter()
    chance = random.Random(20261122)
    for kill in range(_MOST_KILLS):
        if kill >= _KILLS and noted["repeated"] and noted["seen"]:
            break
        async with _flow(db, versions, chance), _process(fresh, url, noted):
            await asyncio.sleep(chance.random() * 0.3 * (1 + kill // 20))  # a busy machine gets further later
    async with _process(fresh, url, noted):
        await shelved(db, versions.total())
    shelf = await on_shelf(db)
    for loaf, last in versions.items():
        assert [version for name, version in shelf if name == loaf] == list(range(1, last + 1))
    assert len(shelf) == versions.total()
    assert noted["repeated"] > 0, "no kill came between an acknowledgement and its deletion: nothing is proved"
    assert noted["seen"] > 0, "no fact was delivered twice: nothing is proved"


@contextlib.asynccontextmanager
async def _flow(db: Database, versions: Counter[str], chance: random.Random) -> AsyncIterator[None]:
    """Commands that go on whatever happens to the process that relays and listens."""
    ended = asyncio.Event()

    async def announcing() -> None:
        while not ended.is_set():
            facts = [_next(versions, chance) for _ in range(chance.randint(1, 4))]
            await announce(db, *facts)
            await asyncio.sleep(0.005)

    task = asyncio.create_task(announcing())
    yield
    ended.set()
    await task


def _next(versions: Counter[str], chance: random.Random) -> Fact:
    loaf = chance.choice(["loaf_1", "loaf_2", "loaf_3", "loaf_4"])
    versions[loaf] += 1
    return baked(loaf, versions[loaf])


@contextlib.asynccontextmanager
async def _process(made: Broker, url: str, noted: Counter[str]) -> AsyncIterator[None]:
    """The bakery at work; killed on the way out, its last words added to what was noted."""
    command = (str(_PROGRAM), url, made.url, str(made.seed("south", "bakery@south")), str(made.ca))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    words: dict[str, int] = json.loads(await process.stdout.readline())
    try:
        yield
    finally:
        process.kill()
        for line in (await process.stdout.read()).splitlines():
            words = json.loads(line)
        await process.wait()
        noted.update(words)
