"""What the door's page is made of, so that a phone can keep it: its scripts, the worker that keeps them, its name."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from portal import theme
from portal.visit import Visit

_FOR_EVER = "public, max-age=31536000, immutable"
_SCRIPT = "text/javascript"
_NOT_MODULES = frozenset({"sw.js"})
_KEPT_TOO = ("icon.svg", "jsQR.js", "atkinson-hyperlegible-next.woff2", "bricolage-grotesque.woff2")


@cache
def scripts() -> dict[str, bytes]:
    """The door's scripts, by name."""
    folder = files("portal").joinpath("static", "door")
    return {
        each.name: each.read_bytes() for each in sorted(folder.iterdir(), key=lambda e: e.name) if _is_script(each.name)
    }


@cache
def digest() -> str:
    """Changes when any of the scripts does: they load one another under it."""
    return hashlib.sha256(b"".join(scripts().values())).hexdigest()[:12]


def address(name: str) -> str:
    """Where a module is."""
    return f"/porte/js/{digest()}/{name}"


async def module(visit: Visit) -> Response:
    """`GET /porte/js/{digest}/{name}`"""
    content = scripts().get(visit.path("name"))
    if content is None or visit.path("name") in _NOT_MODULES:
        raise HTTPException(status_code=404)
    return Response(content, media_type=_SCRIPT, headers={"cache-control": _FOR_EVER})


async def worker(_visit: Visit) -> Response:
    """`GET /porte/sw.js`: asked afresh each time, so that a new one replaces the old."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/porte/"}
    return Response(scripts()["sw.js"], media_type=_SCRIPT, headers=headers)


async def contents(visit: Visit) -> Response:
    """`GET /porte/coquille`: the addresses of all that the page needs besides itself."""
    modules = [address(name) for name in scripts() if name not in _NOT_MODULES]
    sheets = [visit.portal.assets.url("portal.css"), await theme_url(visit)]
    others = [visit.portal.assets.url(name) for name in _KEPT_TOO]
    return JSONResponse({"version": digest(), "files": [*modules, *sheets, *others]})


async def manifest(visit: Visit) -> Response:
    """`GET /porte/manifest.webmanifest?evenement=&nom=&pour=`: puts one event's door on a phone's first screen."""
    say = visit.language.say
    start = f"/porte/{visit.query('evenement')}?pour={visit.query('pour')}"
    about = {
        "id": start,
        "start_url": start,
        "scope": "/porte/",
        "name": say("Porte : %(event)s", event=visit.query("nom")),
        "short_name": say("Porte"),
        "lang": visit.language.code,
        "display": "standalone",
        "background_color": "#faf7f1",
        "theme_color": "#faf7f1",
        "icons": [{"src": visit.portal.assets.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JSONResponse(about, media_type="application/manifest+json")


async def theme_url(visit: Visit) -> str:
    """Where the colours of the structures are."""
    return f"/theme.css?v={theme.version((await visit.showcase.houses()).values())}"


def _is_script(name: str) -> bool:
    return name.endswith(".js")
