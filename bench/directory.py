"""The directory: an entry looked up, words searched, as many as a million have, and how long it takes to read all."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import cache
from itertools import chain, cycle, repeat
from time import perf_counter
from typing import Any

from greeting import House
from groupement.shared_identity.v1 import directory_service_pb2 as pb
from groupement.shared_identity.v1.directory_service_pb2_grpc import DirectoryServiceStub
from reciprocity import NOW, a_structure
from servicekit.origin import Origin
from servicekit.rpc import channels
from servicekit.sql import Database, insert
from shared_identity.directory.domain import Entry, at
from shared_identity.directory.listing import Listing
from shared_identity.directory.queries import Question
from shared_identity.directory.storage import _row, directory_entry
from shared_identity.directory.wire import rendered
from shared_identity.directory.words import asked
from shared_identity.schema import METADATA
from shared_identity.structures import usecases as structures

from bench import inventing
from bench.figures import Figure, Row, Side, Slice, at_least, at_most, take_turns
from bench.house import Ground, Plan
from bench.limits import empty_rpc, raw_tantivy
from bench.reading_room import IDENTITY, Given, Opened

SOURCE = "bench/limits/empty_rpc.py"
ASKER = Origin(structure="inter-made", kind="incubator")
_PAGE = 20
_TOGETHER = 1000
_ALLOWED_SECONDS = 0.005
_START_SECONDS = 600.0
_QUESTIONS = 500
_once: dict[tuple[int, int], Figure] = {}
"""What was measured of the largest index, by its size: no database has a part in it, so once is enough."""


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    empty = "an empty RPC of the same size, bare grpc.aio and mutual TLS"
    tantivy = "tantivy alone, given the same documents ready-made"
    return {
        "lookup": Row(what="GetEntry, of 100,000 entries", against=empty, source=SOURCE, goal=at_least(0.8)),
        "search": Row(what="SearchDirectory, 100,000 entries", against=empty, source=SOURCE, goal=at_least(0.5)),
        "million": Row(
            what="A search in the index of 1,000,000 entries, p50, without the RPC",
            against="5 ms",
            source="bench/directory.py",
            goal=at_most(1.0),
        ),
        "reading": Row(
            what="100,000 entries from the database to the first answer",
            against=tantivy,
            source="bench/limits/raw_tantivy.py",
            goal=None,
            sense=at_most(1.0),
            single=False,
        ),
    }


@dataclass(frozen=True, kw_only=True)
class Room:
    """The directory's process, and the stubs that reach its two servers."""

    opened: Opened
    bare: Any
    ours: Any


async def measure(here: Ground) -> dict[str, Figure]:
    """Calls as a structure's service, on one engine; the largest directory in this process, once."""
    house = House(here.home / "pki")
    house.tls(IDENTITY.instance)
    url = await here.databases.url(METADATA)
    await _fill(here.databases.again(url, IDENTITY), here.plan.entries)
    async with _room(house, url) as room:
        figures = await _called(room, here)
    figures["reading"] = Figure(limit=[[_raw_seconds(here.plan.entries)]], ours=[[room.opened.read_seconds]])
    figures["million"] = await _largest(here.plan)
    return figures


async def _called(room: Room, here: Ground) -> dict[str, Figure]:
    entry = pb.GetEntryRequest(entry_id=room.opened.entry_id)
    questions = cycle(
        [pb.SearchDirectoryRequest(query=query, page_size=_PAGE) for query in inventing.queries(_QUESTIONS)]
    )
    again = cycle([pb.SearchDirectoryRequest(query=query, page_size=_PAGE) for query in inventing.queries(_QUESTIONS)])
    sides = [
        _side(lambda: room.bare.GetEntry(entry), here.plan.calls),
        _side(lambda: room.ours.GetEntry(entry), here.plan.calls),
        _side(lambda: room.bare.SearchDirectory(next(questions)), here.plan.calls),
        _side(lambda: room.ours.SearchDirectory(next(again)), here.plan.calls),
    ]
    bare_lookup, lookup, bare_search, search = await take_turns(here.plan.rounds, *sides)
    return {"lookup": Figure(limit=bare_lookup, ours=lookup), "search": Figure(limit=bare_search, ours=search)}


@cache
def _invented(count: int) -> Sequence[Entry]:
    return list(inventing.entries(count))


@cache
def _ready(count: int) -> raw_tantivy.Halves:
    return raw_tantivy.ready(_invented(count), inventing.STRUCTURES)


@cache
def _raw_seconds(count: int) -> float:
    """Once: what is read is read once a start."""
    ready = _ready(count)
    began = perf_counter()
    raw_tantivy.index(ready)
    return perf_counter() - began


async def _largest(plan: Plan) -> Figure:
    """Searches in this very process: words to answers as they are sent, without sending them."""
    size = (plan.entries, plan.many_entries)
    if size not in _once:
        listing = await _listed(plan)
        questions = cycle([Question(words=asked(query)) for query in inventing.queries(_QUESTIONS)])
        viewer = at(ASKER.structure)
        slices = [[_timed(listing, next(questions), viewer) for _ in range(plan.calls)] for _ in range(plan.rounds + 1)]
        _once[size] = Figure(limit=[[_ALLOWED_SECONDS]] * plan.rounds, ours=slices[1:], middle="median")
    return _once[size]


def _timed(listing: Listing, question: Question, viewer: Any) -> float:
    began = perf_counter()
    found = listing.search(question, viewer, skip=0, limit=_PAGE)
    pb.SearchDirectoryResponse.FromString(b"".join(found.entries))
    return perf_counter() - began


async def _listed(plan: Plan) -> Listing:
    """A listing whose index holds the documents of its entries over and over, until they are as many as wanted."""
    listing = Listing(rendered)
    listing.expect(inventing.STRUCTURES)
    running = asyncio.create_task(listing.run())
    for entries in _batches(_invented(plan.entries)):
        for entry in entries:
            listing.put(entry)
        await listing.room()
        await asyncio.sleep(0)
    listing.all_read()
    await listing.caught_up(_START_SECONDS)
    running.cancel()
    await asyncio.wait([running])
    for half, ready in zip((listing._index._public, listing._index._inside), _ready(plan.entries), strict=True):
        half.add(chain.from_iterable(repeat(ready, plan.many_entries // plan.entries - 1)))
    listing._index.commit()
    return listing


async def _fill(database: Database, count: int) -> None:
    async with database.work() as work:
        for slug in inventing.STRUCTURES:
            await structures.enter(work, a_structure(slug), now=NOW)
        for entries in _batches(_invented(count)):
            await work.execute(insert(directory_entry), [_row(entry) for entry in entries])


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _TOGETHER):
        yield entries[start : start + _TOGETHER]


def _side(ask: Callable[[], Any], calls: int) -> Side:
    """One caller at a time: each call waits for the answer to the one before."""

    async def call(_number: int) -> Slice:
        took = []
        for _ in range(calls):
            started = perf_counter()
            await ask()
            took.append(perf_counter() - started)
        return took

    return call


@asynccontextmanager
async def _room(house: House, database_url: str) -> AsyncIterator[Room]:
    """The process, started, and stopped by closing its standard input."""
    given = Given(
        database_url=database_url,
        pki=str(house.directory),
        jwks=str(house.jwks),
        structure=ASKER.structure,
        page_size=_PAGE,
    )
    with (house.directory / "reading-room.log").open("wb") as log:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.reading_room", json.dumps(asdict(given)), stdin=PIPE, stdout=PIPE, stderr=log
        )
    assert child.stdin is not None and child.stdout is not None
    try:
        ready = await asyncio.wait_for(child.stdout.readline(), _START_SECONDS)
        opened = Opened(**json.loads(ready))
        async with _stubs(house, opened) as (bare, ours):
            yield Room(opened=opened, bare=bare, ours=ours)
    finally:
        child.stdin.close()
        await asyncio.wait_for(child.wait(), _START_SECONDS)


@asynccontextmanager
async def _stubs(house: House, opened: Opened) -> AsyncIterator[tuple[Any, Any]]:
    """The limit by a bare channel, ours by our own."""
    tls = house.tls(ASKER.instance)
    made: list[Any] = [
        empty_rpc.channel(opened.bare, IDENTITY, tls),
        channels.channel(opened.ours, IDENTITY, tls),
    ]
    bare, ours = (DirectoryServiceStub(each) for each in made)
    try:
        yield bare, ours
    finally:
        for each in made:
            await each.close()
