"""Whatever is killed, whenever: what was committed is delivered, has its effect once, and keeps its order.

The broker and every service are killed from outside (SIGKILL) at random moments while people work on the house.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import books
import pytest
from journey import OPEN_ALL_NIGHT, RESOURCE_ID, Journey, eventually, standing
from load import STARTER, Load
from sqlalchemy import make_url

CYCLES = {"postgresql": 50, "sqlite": 10}
VICTIMS = (
    "nats-server",
    "shared-identity@groupement",
    "incubator@inter-made",
    "coworking@la-ruche",
    "coworking@inter-made",
)
INSTANCES = VICTIMS[1:]
SEED = 20_211_130
COHORT = "cohort_01990000000070008000000900000001"
QUIET_SECONDS = 150
"""A source of the bus may take up to a minute to resume after its server was killed."""

PEOPLE = [f"person_0199000000007000800000090000{number:04d}" for number in range(12)]
MORE_PEOPLE = "\n".join(
    f'[[people]]\nid = "{person}"\nemail = "p{number}@demo.example"\ngiven_name = "Une"\nfamily_name = "Inventée"\n'
    for number, person in enumerate(PEOPLE)
)
MORE_COHORTS = f"""
[[cohorts]]
cohort_id = "{COHORT}"
programme_id = "{STARTER}"
name = "Promotion d'essai"
first_day = "today"
last_day = "today+90"
capacity = 500
"""


@asynccontextmanager
async def house(engine: str, server: str, folder: Path) -> AsyncIterator[Journey]:
    """A house on one engine, with people, a cohort and a place to work on."""
    databases = await make_databases(server) if engine == "postgresql" else {}
    async with standing(folder, databases=databases) as journey:
        await journey.load("shared-identity@groupement", MORE_PEOPLE)
        await journey.load("incubator@inter-made", MORE_COHORTS)
        await journey.load("coworking@la-ruche", OPEN_ALL_NIGHT)
        yield journey


async def make_databases(server: str) -> Mapping[str, str]:
    """One PostgreSQL database an instance."""
    connection = await asyncpg.connect(server)
    urls = {}
    for instance in INSTANCES:
        name = "kill_" + instance.replace("@", "_").replace("-", "_")
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        url = make_url(server).set(drivername="postgresql+asyncpg", database=name)
        urls[instance] = url.render_as_string(hide_password=False)
    await connection.close()
    return urls


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
async def test_nothing_is_lost_when_processes_are_killed(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres_server") if engine == "postgresql" else ""
    async with house(engine, server, tmp_path / "home") as journey:
        load = Load(journey, PEOPLE, COHORT, RESOURCE_ID)
        await load.start(seed=SEED)
        kills = await kill_until_facts_came_again(journey, cycles=CYCLES[engine], draw=random.Random(SEED))
        await load.stop()
        await eventually(lambda: is_quiet(journey), seconds=QUIET_SECONDS, what="agreement of all books")
        again = books.seen_again(journey)
        facts = [await books.told(journey, account) for account in ("groupement", "inter-made", "la-ruche")]
        print(f"\n{engine}: {dict(kills)} kills; {dict(load.done)}; {sum(map(len, facts))} facts; {dict(again)}")
        for account in facts:
            assert books.disorder(account) == []
        await every_booking_was_told(journey, facts[2])
        assert load.done["admitted and left"] > 0
        assert again["redelivered"] > 0, "no fact came again: the test proved nothing"
        assert again["duplicates acknowledged"] > 0, "the bus dropped no repeat: the test proved nothing"


async def kill_until_facts_came_again(journey: Journey, *, cycles: int, draw: random.Random) -> Counter[str]:
    """So many kills, and as many again, twice at most, while none has hit a fact on its way: a busy machine is slow."""
    killed: Counter[str] = Counter()
    for _ in range(3):
        killed += await kill_and_restart(journey, cycles=cycles, draw=draw)
        again = books.seen_again(journey)
        if again["redelivered"] and again["duplicates acknowledged"]:
            break
    return killed


async def kill_and_restart(journey: Journey, *, cycles: int, draw: random.Random) -> Counter[str]:
    """SIGKILL one process after another, each at a random moment, and start it again."""
    killed: Counter[str] = Counter()
    for _ in range(cycles):
        await asyncio.sleep(draw.uniform(0.1, 0.8))
        victim = journey.process(draw.choice(VICTIMS))
        victim.kill()
        await victim.wait()
        killed[victim.process.name] += 1
        await victim.start()
    return killed


async def is_quiet(journey: Journey) -> bool:
    """Whether every outbox is empty and every book agrees with the book it was copied from."""
    for instance in INSTANCES:
        if await books.rows(journey, instance, books.WAITING) != [(0,)]:
            return False
    pairs = (
        ("incubator@inter-made", books.DECLARED, "shared-identity@groupement", books.HELD),
        ("incubator@inter-made", books.ROLES, "shared-identity@groupement", books.ROLES_HELD),
        ("shared-identity@groupement", books.RIGHTS, "coworking@la-ruche", books.RIGHTS_HELD),
    )
    for source, said, copy, held in pairs:
        if await books.rows(journey, source, said) != await books.rows(journey, copy, held):
            return False
    return True


async def every_booking_was_told(journey: Journey, facts: list[books.Received]) -> None:
    """The stream holds one `confirmed` a booking and one `cancelled` for each given back, and no other."""
    kept = await books.rows(journey, "coworking@la-ruche", books.BOOKINGS)
    expected = Counter({f"{booking} confirmed": 1 for booking, _ in kept})
    expected += Counter({f"{booking} cancelled": 1 for booking, state in kept if state == "CANCELLED"})
    said = Counter(
        f"{fact.aggregate_id} {fact.subject.rpartition('.')[2]}" for fact in facts if ".own.booking." in fact.subject
    )
    assert said == expected
