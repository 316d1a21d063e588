"""Pages of the portal with a hundred times the demo behind them, against bare Starlette answering the same bytes."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from time import perf_counter

import httpx2
import hundredfold
from journey import standing
from visitor import Visitor

from bench.figures import Figure, Row, Side, Slice, take_turns
from bench.house import Ground

SOURCE = "bench/limits/bare_page.py"
INSTANCES = ("shared-identity@groupement", "incubator@inter-made", "coworking@la-ruche", "coworking@inter-made")
START_SECONDS = 30.0
DIRECTOR, _STRUCTURE = "nadia@demo.example", "la-ruche"
_EVENT = "event_01990000000070008000000000000001"
_PLACE = "place_01990000000070008000000100000001"
PAGES: Mapping[str, tuple[str, str]] = {
    "event": ("Public page of a joint event", "/evenements/plus20"),
    "home": ("Home", "/"),
    "events": ("List of events", "/evenements"),
    "directory": ("Directory, a search", "/annuaire?q=atelier"),
    "places": ("List of places", "/espaces"),
    "day": ("A place's day", f"/espaces/{_STRUCTURE}/{_PLACE}"),
    "board": ("Dashboard", "/tableau-de-bord"),
    "members": ("Members of a structure", f"/equipe/{_STRUCTURE}/membres"),
    "registrants": ("Registrants of an event", f"/equipe/{_STRUCTURE}/evenements/{_EVENT}/inscrits"),
    "candidates": ("Applications", "/equipe/inter-made/candidatures"),
    "figures": ("Figures of the structures", "/direction"),
}


def rows() -> dict[str, Row]:
    """The lines of the table, without their figures."""
    bare = "the same bytes from bare Starlette and uvicorn"
    return {
        name: Row(what=f"{what} ({path.partition('?')[0]})", against=bare, source=SOURCE, goal=None)
        for name, (what, path) in PAGES.items()
    }


async def measure(here: Ground) -> dict[str, Figure]:
    """Every page on one engine, one request after the other, signed in as a director of two structures."""
    databases = {instance: await here.databases.url() for instance in INSTANCES} if here.engine == "postgresql" else {}
    async with standing(here.home / "house", databases=databases) as journey:
        for instance, file in hundredfold.files(journey.home, here.plan.times):
            await journey.load(instance, file.read_text())
        async with Visitor(journey.portal) as visitor:
            await visitor.sign_in(DIRECTOR, journey.password(DIRECTOR))
            return {name: await _measured(here, visitor, path) for name, (_, path) in PAGES.items()}


async def _measured(here: Ground, visitor: Visitor, path: str) -> Figure:
    shown = await visitor.open(path)
    assert shown.status == HTTPStatus.OK, f"{path}: {shown.status}"
    file = here.home / "page.html"
    await asyncio.to_thread(file.write_text, shown.text)
    async with _bare(file) as bare, httpx2.AsyncClient(trust_env=False) as client:
        limit = _side(lambda: client.get(bare), here.plan.pages)
        ours = _side(lambda: visitor.open(path), here.plan.pages)
        taken = await take_turns(here.plan.rounds, limit, ours)
    return Figure(limit=taken[0], ours=taken[1])


def _side(ask: Callable[[], Awaitable[object]], times: int) -> Side:
    async def slice_(_number: int) -> Slice:
        took = []
        for _ in range(times):
            started = perf_counter()
            await ask()
            took.append(perf_counter() - started)
        return took

    return slice_


@asynccontextmanager
async def _bare(file: Path) -> AsyncIterator[str]:
    """The limit's process, answering the bytes of a file; stopped by closing its standard input."""
    command = (sys.executable, "-m", "bench.limits.bare_page", str(file))
    child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert child.stdin is not None and child.stdout is not None
    try:
        address = await asyncio.wait_for(child.stdout.readline(), START_SECONDS)
        yield f"http://{address.decode().strip()}/"
    finally:
        child.stdin.close()
        await asyncio.wait_for(child.wait(), START_SECONDS)
