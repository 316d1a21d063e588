"""Commands with their fact: everything from the request message to the commit, against the same SQL by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from coworking.bookings.rpc import BookingRpc
from coworking.places.domain import Place, Resource
from coworking.tables import METADATA
from groupement.coworking.v1.booking_service_pb2 import BookRequest
from groupement.options.v1 import options_pb2
from groupement.staff.v1.staff_service_pb2 import GrantRoleRequest
from servicekit.caller import CALLER, Caller, Peer
from servicekit.rpc.commands import Commands
from servicekit.rpc.staff_service import StaffRpc
from servicekit.sql import Database
from servicekit.timestamps import timestamp
from village import JO, LA_RUCHE, NOW, a_place, a_resource, at, person, settle

from bench.figures import Figure, Row, Side, Slice, at_least, take_turns
from bench.house import Ground
from bench.limits.hand_sql import OneVisitSqlite, Player, Script, connected, taken_down

Command = Callable[[Database, int], Awaitable[object]]
Beginnings = tuple[Place, Sequence[Resource]]

SOURCE = "bench/limits/hand_sql.py"
_SPACES = 30
_PORTAL = Peer(kind="portal", structure="groupement")
_ZONE = ZoneInfo("Europe/Paris")


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    by_hand = "the same SQL by hand in one transaction"
    granted = "GrantRole, with its fact and its answer"
    one_visit = "the same SQL in one visit to SQLite's thread, no decision possible"
    return {
        "book": Row(what="Book, with its fact and its answer", against=by_hand, source=SOURCE, goal=at_least(0.7)),
        "grant": Row(what=granted, against=by_hand, source=SOURCE, goal=at_least(0.7)),
        "book_one_visit": Row(what="Book, as above", against=one_visit, source=SOURCE, goal=None),
        "grant_one_visit": Row(what="GrantRole, as above", against=one_visit, source=SOURCE, goal=None),
    }


async def measure(here: Ground) -> dict[str, Figure]:
    """Every command on one engine."""
    beginnings = _beginnings()
    CALLER.set(Caller(peer=_PORTAL, acting_for=LA_RUCHE.structure, person_id=JO))
    return {
        **await _measure_one(here, "book", beginnings, _booking(beginnings)),
        **await _measure_one(here, "grant", beginnings, _granting()),
    }


async def _measure_one(here: Ground, name: str, beginnings: Beginnings, command: Command) -> dict[str, Figure]:
    each, rounds = here.plan.commands, here.plan.rounds
    scripts = await _scripts(here, beginnings, command, each * (rounds + 1))
    ours = await _database(here, beginnings)
    async with _players(here, beginnings) as players:
        sides = [*(_playing(player, scripts, each) for player in players), _commanding(ours, command, each)]
        *limits, took = await take_turns(rounds, *sides)
    names = (name, f"{name}_one_visit")
    return {given: Figure(limit=limit, ours=took) for given, limit in zip(names, limits, strict=False)}


def _beginnings() -> Beginnings:
    place = a_place()
    return place, [a_resource(place, name=f"Espace {number}") for number in range(_SPACES)]


async def _database(here: Ground, beginnings: Beginnings) -> Database:
    place, spaces = beginnings
    database = await here.databases.make(METADATA, LA_RUCHE)
    await settle(database, place, *spaces)
    return database


async def _scripts(here: Ground, beginnings: Beginnings, command: Command, count: int) -> Sequence[Script]:
    """What each command sends, taken down on a database that is then left alone."""
    database = await _database(here, beginnings)
    return [await taken_down(database, lambda n=number: command(database, n)) for number in range(count)]


@asynccontextmanager
async def _players(here: Ground, beginnings: Beginnings) -> AsyncIterator[Sequence[Player]]:
    """By hand on a database of its own; on SQLite, in one visit on another."""
    players: list[Player] = [await connected(await _url(here, beginnings))]
    if here.engine == "sqlite":
        players.append(OneVisitSqlite((await _url(here, beginnings)).split("///")[1]))
    try:
        yield players
    finally:
        for player in players:
            await player.close()


async def _url(here: Ground, beginnings: Beginnings) -> str:
    url = await here.databases.url(METADATA)
    place, spaces = beginnings
    database = here.databases.again(url, LA_RUCHE)
    await settle(database, place, *spaces)
    await database.close()
    return url


def _playing(player: Player, scripts: Sequence[Script], each: int) -> Side:
    async def play(number: int) -> Slice:
        return [await _timed(player.play(script)) for script in scripts[number * each : (number + 1) * each]]

    return play


def _commanding(database: Database, command: Command, each: int) -> Side:
    async def ask(number: int) -> Slice:
        return [await _timed(command(database, number * each + index)) for index in range(each)]

    return ask


async def _timed(doing: Awaitable[Any]) -> float:
    started = perf_counter()
    await doing
    return perf_counter() - started


def _booking(beginnings: Beginnings) -> Command:
    """Half a day of a space, thirty of them a day, the days one after the other."""
    _, spaces = beginnings
    front: dict[Database, BookingRpc] = {}

    async def book(database: Database, number: int) -> object:
        if database not in front:
            front[database] = _booking_rpc(database)
        return await front[database].Book(requests(number), None)

    def requests(number: int) -> BookRequest:
        day, space = divmod(number, _SPACES)
        return BookRequest(
            request_id=f"booking-{number}",
            resource_id=spaces[space].resource_id,
            start_time=timestamp(at(9, day=day + 1)),
            end_time=timestamp(at(13, day=day + 1)),
        )

    return book


def _booking_rpc(database: Database) -> BookingRpc:
    commands = Commands(database, clock=lambda: NOW)
    return BookingRpc(database, commands, clock=lambda: NOW, zone=_ZONE, changed=lambda _person: None)


def _granting() -> Command:
    """A role to somebody who has none yet."""
    front: dict[Database, StaffRpc] = {}

    async def grant(database: Database, number: int) -> object:
        if database not in front:
            front[database] = StaffRpc(database, clock=lambda: NOW, on_change=lambda _person: None)
        request = GrantRoleRequest(
            request_id=f"grant-{number}", person_id=person(1000 + number), role=options_pb2.ROLE_ADVISOR
        )
        return await front[database].GrantRole(request, None)

    return grant
