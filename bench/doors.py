"""The door: a card checked, a right checked, over mutual TLS from another process, against an empty RPC."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

from cards import CardOffice
from coworking.tables import METADATA
from greeting import House
from groupement.coworking.v1 import check_in_service_pb2 as pb
from groupement.coworking.v1 import place_pb2
from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceStub
from servicekit.origin import Origin
from servicekit.rpc import channels
from village import LA_RUCHE, person

from bench.doorway import Addresses, Given
from bench.figures import Figure, Row, Side, Slice, at_least, take_turns
from bench.house import Ground
from bench.limits import empty_rpc
from bench.members import Members, settled

SOURCE = "bench/limits/empty_rpc.py"
DOOR = Origin(structure=LA_RUCHE.structure, kind="door")
_WARM = 100
_STRANGERS = 1_000_000
_START_SECONDS = 30.0

Ask = Callable[[], Any]


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    empty = "an empty RPC of the same size, bare grpc.aio and mutual TLS"
    cpu = "the processor time of the server alone, empty RPC"
    return {
        "empty": Row(what="Our stack's own empty RPC", against=empty, source=SOURCE, goal=None),
        "warm": Row(what="CheckCard, a card seen before", against=empty, source=SOURCE, goal=at_least(0.8)),
        "cold": Row(what="CheckCard, a card never seen", against=empty, source=SOURCE, goal=at_least(0.45)),
        "entitlement": Row(what="CheckEntitlement", against=empty, source=SOURCE, goal=at_least(0.8)),
        "stranger": Row(
            what="CheckCard, never seen, of somebody who booked nothing: one read of the database",
            against=empty,
            source=SOURCE,
            goal=None,
        ),
        "warm_cpu": Row(what="CheckCard, a card seen before", against=cpu, source=SOURCE, goal=None),
        "cold_cpu": Row(what="CheckCard, a card never seen", against=cpu, source=SOURCE, goal=None),
        "entitlement_cpu": Row(what="CheckEntitlement", against=cpu, source=SOURCE, goal=None),
    }


@dataclass(frozen=True, kw_only=True)
class Doorway:
    """The process of the door, and the stubs that reach its three servers."""

    pid: int
    bare: Any
    empty: Any
    door: Any

    def busy(self) -> float:
        """Seconds of processor that the process has used, all its threads together."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


async def measure(here: Ground) -> dict[str, Figure]:
    """Every call to the door, on one engine; what each costs the server's processor is counted in the same slices."""
    house = House(here.home / "pki")
    office = CardOffice(house.jwks)
    office.publish(house.key)
    house.tls(LA_RUCHE.instance)
    url = await here.databases.url(METADATA)
    members = await settled(here.databases.again(url, LA_RUCHE))
    async with _doorway(house, url, members) as doorway:
        seen = [_card(office, members, who) for who in members.persons[:_WARM]]
        for card in seen:
            await doorway.door.CheckCard(card)
        asks = _asks(doorway, office, members, seen, calls=here.plan.calls * (here.plan.rounds + 1))
        spent: dict[str, list[Slice]] = {name: [] for name in asks}
        sides = [_side(doorway, ask, here.plan.calls, spent[name]) for name, ask in asks.items()]
        taken = dict(zip(asks, await take_turns(here.plan.rounds, *sides), strict=True))
    figures = {name: Figure(limit=taken[limit], ours=taken[name]) for name, limit in _LIMITS.items()}
    cpu = {name: Figure(limit=spent[_LIMITS[name]][1:], ours=spent[name][1:]) for name in _COUNTED}
    return {**figures, **{f"{name}_cpu": figure for name, figure in cpu.items()}}


_LIMITS = {
    "empty": "bare_card",
    "warm": "bare_card",
    "cold": "bare_card",
    "entitlement": "bare_entitlement",
    "stranger": "bare_card",
}
_COUNTED = ("warm", "cold", "entitlement")


def _asks(
    doorway: Doorway, office: CardOffice, members: Members, seen: Sequence[pb.CheckCardRequest], *, calls: int
) -> dict[str, Ask]:
    """One call of each kind, ready to be made; cards are signed before anything is timed."""
    known = cycle(seen)
    fresh = iter([_card(office, members, members.persons[n % len(members.persons)]) for n in range(calls)])
    strangers = iter([_card(office, members, person(_STRANGERS + n)) for n in range(calls)])
    right = pb.CheckEntitlementRequest(person_id=members.persons[0], resource_kind=place_pb2.RESOURCE_KIND_NOMAD_SEAT)
    return {
        "bare_card": lambda: doorway.bare.CheckCard(next(known)),
        "empty": lambda: doorway.empty.CheckCard(next(known)),
        "warm": lambda: doorway.door.CheckCard(next(known)),
        "cold": lambda: doorway.door.CheckCard(next(fresh)),
        "bare_entitlement": lambda: doorway.bare.CheckEntitlement(right),
        "entitlement": lambda: doorway.door.CheckEntitlement(right),
        "stranger": lambda: doorway.door.CheckCard(next(strangers)),
    }


def _card(office: CardOffice, members: Members, who: str) -> pb.CheckCardRequest:
    return pb.CheckCardRequest(card_code=office.code(who), place_id=members.place_id)


def _side(doorway: Doorway, ask: Ask, calls: int, spent: list[Slice]) -> Side:
    """One caller at a time: each call waits for the answer to the one before."""

    async def call(_number: int) -> Slice:
        busy, took = doorway.busy(), []
        for _ in range(calls):
            started = perf_counter()
            await ask()
            took.append(perf_counter() - started)
        spent.append([(doorway.busy() - busy) / calls])
        return took

    return call


@asynccontextmanager
async def _doorway(house: House, database_url: str, members: Members) -> AsyncIterator[Doorway]:
    """The process, started, and stopped by closing its standard input."""
    given = Given(
        instance=LA_RUCHE.instance,
        database_url=database_url,
        pki=str(house.directory),
        jwks=str(house.jwks),
        person_id=members.persons[0],
        booking_id=members.booking_id,
    )
    with (house.directory / "doorway.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.doorway", json.dumps(asdict(given)), stdin=PIPE, stdout=PIPE, stderr=log
        )
    assert child.stdin is not None and child.stdout is not None
    try:
        ready = await asyncio.wait_for(child.stdout.readline(), _START_SECONDS)
        async with _stubs(house, Addresses(**json.loads(ready))) as (bare, empty, door):
            yield Doorway(pid=child.pid, bare=bare, empty=empty, door=door)
    finally:
        child.stdin.close()
        await asyncio.wait_for(child.wait(), _START_SECONDS)


@asynccontextmanager
async def _stubs(house: House, addresses: Addresses) -> AsyncIterator[tuple[Any, Any, Any]]:
    """The limit by a bare channel, ours by our own."""
    tls = house.tls(DOOR.instance)
    opened: list[Any] = [
        empty_rpc.channel(addresses.bare, LA_RUCHE, tls),
        channels.channel(addresses.empty, LA_RUCHE, tls),
        channels.channel(addresses.door, LA_RUCHE, tls),
    ]
    bare, empty, door = (CheckInServiceStub(each) for each in opened)
    try:
        yield bare, empty, door
    finally:
        for each in opened:
            await each.close()
