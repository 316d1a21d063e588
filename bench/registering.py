"""Registering for one event with a limited number of seats: a seat held, then confirmed, against the same SQL by hand.

Each registration is two commands, as the portal sends them: the button that keeps a seat, the form that takes it with
a place in a workshop, its letter and both answers. The seats are as many as the registrations, on one open pool.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from evening import BEFORE, LODGING, TERMS, prepare
from gathering import EVENT
from groupement.shared_identity.v1.registration_pb2 import Attendee
from groupement.shared_identity.v1.registration_service_pb2 import ConfirmRegistrationRequest, HoldSeatRequest
from identity import CODES, SHARED_IDENTITY
from servicekit.caller import CALLER, Caller, Peer
from servicekit.sql import Database
from shared_identity.registrations.office import Office
from shared_identity.registrations.rpc import RegistrationRpc
from shared_identity.registrations.usecases import present
from shared_identity.schema import METADATA
from shared_identity.seats.storage import pool
from sqlalchemy import update

from bench.figures import Figure, Row, Side, Slice, at_least, take_turns
from bench.house import Ground
from bench.limits.hand_sql import OneVisitSqlite, Player, Script, connected, taken_down

SOURCE = "bench/limits/hand_sql.py"
_PORTAL = Caller(peer=Peer(kind="portal", structure="groupement"), acting_for="groupement")
Command = Callable[[], Awaitable[object]]


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    one_visit = "the same SQL in two visits to SQLite's thread, no decision possible"
    return {
        "register": Row(
            what="HoldSeat then ConfirmRegistration, seats limited",
            against="the same conditional updates by hand, two transactions",
            source=SOURCE,
            goal=at_least(0.7),
        ),
        "register_one_visit": Row(what="the same registration", against=one_visit, source=SOURCE, goal=None),
    }


async def measure(here: Ground) -> dict[str, Figure]:
    """Registrations on one engine."""
    CALLER.set(_PORTAL)
    each, rounds = here.plan.commands, here.plan.rounds
    many = each * (rounds + 1)
    scripts = await _scripts(here, many)
    desk = _desk(await _database(here, many))
    async with _players(here, many) as players:
        sides = [*(_playing(player, scripts, each) for player in players), _registering(desk, each)]
        *limits, took = await take_turns(rounds, *sides)
    names = ("register", "register_one_visit")
    return {name: Figure(limit=limit, ours=took) for name, limit in zip(names, limits, strict=False)}


def _desk(database: Database) -> RegistrationRpc:
    office = Office(codes=CODES, terms=TERMS)
    return RegistrationRpc(database, office, clock=lambda: BEFORE, present_at=present)


async def _settle(database: Database, seats: int) -> None:
    """The evening, its pools called the same in every database: scripts name them."""
    await prepare(database, size=seats, rooms=seats)
    async with database.work() as work:
        await work.execute(update(pool).values(pool_id=pool.c.kind + "-" + pool.c.session_id))


async def _database(here: Ground, seats: int) -> Database:
    database = await here.databases.make(METADATA, SHARED_IDENTITY)
    await _settle(database, seats)
    return database


async def _scripts(here: Ground, many: int) -> Sequence[Sequence[Script]]:
    """What each registration sends, taken down on a database that is then left alone."""
    database = await _database(here, many)
    desk = _desk(database)
    return [await _taken_down(database, desk, number) for number in range(many)]


async def _taken_down(database: Database, desk: RegistrationRpc, number: int) -> Sequence[Script]:
    kept: list[str] = []

    async def hold() -> None:
        kept.append(await _hold(desk, number))

    holding = await taken_down(database, hold)
    return holding, await taken_down(database, lambda: _confirm(desk, number, kept[0]))


async def _hold(desk: RegistrationRpc, number: int) -> str:
    """Keeps a seat; gives its code."""
    wish = HoldSeatRequest(event_id=EVENT, visitor=f"visitor-{number}", request_id=f"hold-{number}")
    return (await desk.HoldSeat(wish, _NOBODY)).hold.code


async def _confirm(desk: RegistrationRpc, number: int, code: str) -> object:
    """Registers somebody on a seat kept."""
    attendee = Attendee(given_name="Ada", family_name=f"Essai {number}", email=f"ada{number}@demo.example")
    wish = ConfirmRegistrationRequest(
        code=code, attendee=attendee, session_ids=[LODGING], arrangement_version=1, request_id=f"confirm-{number}"
    )
    return await desk.ConfirmRegistration(wish, _NOBODY)


@asynccontextmanager
async def _players(here: Ground, many: int) -> AsyncIterator[Sequence[Player]]:
    """By hand on a database of its own; on SQLite, in two visits on another."""
    players: list[Player] = [await connected(await _url(here, many))]
    if here.engine == "sqlite":
        players.append(OneVisitSqlite((await _url(here, many)).split("///")[1]))
    try:
        yield players
    finally:
        for player in players:
            await player.close()


async def _url(here: Ground, many: int) -> str:
    url = await here.databases.url(METADATA)
    database = here.databases.again(url, SHARED_IDENTITY)
    await _settle(database, many)
    await database.close()
    return url


def _playing(player: Player, scripts: Sequence[Sequence[Script]], each: int) -> Side:
    async def play(number: int) -> Slice:
        return [await _timed(_both(player, both)) for both in scripts[number * each : (number + 1) * each]]

    return play


async def _both(player: Player, scripts: Sequence[Script]) -> None:
    for script in scripts:
        await player.play(script)


def _registering(desk: RegistrationRpc, each: int) -> Side:
    async def register(number: int) -> None:
        await _confirm(desk, number, await _hold(desk, number))

    async def ask(number: int) -> Slice:
        return [await _timed(register(number * each + index)) for index in range(each)]

    return ask


async def _timed(doing: Awaitable[Any]) -> float:
    started = perf_counter()
    await doing
    return perf_counter() - started


_NOBODY: Any = None
"""No call is being answered: the command comes straight."""
