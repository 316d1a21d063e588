"""Style sheet, scripts, letterforms and drawings, held in memory under addresses that change when they do."""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SHRINKING = frozenset({".css", ".js", ".svg"})
_SHEETS = (
    "reset",
    "tokens",
    "fonts",
    "base",
    "shell",
    "controls",
    "blocks",
    "lists",
    "overlay",
    "figures",
    "public",
    "work",
    "events",
    "tickets",
    "directory",
    "life",
    "organising",
    "door",
    "utilities",
)
_FOR_EVER = "public, max-age=31536000, immutable"
_LINKED = re.compile(rb'url\("([\w.-]+)"\)')
_COMMENT = re.compile(rb"/\*.*?\*/\s*", re.DOTALL)
_INDENT = re.compile(rb"\n\s*")


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is served; `small` is its gzip, empty where that gains nothing."""

    content: bytes
    small: bytes
    media_type: str
    digest: str


def _asset(name: str, content: bytes) -> Asset:
    suffix = name[name.rindex(".") :]
    return Asset(
        content=content,
        small=gzip.compress(content, 9, mtime=0) if suffix in _SHRINKING else b"",
        media_type=_TYPES[suffix],
        digest=hashlib.sha256(content).hexdigest()[:12],
    )


class Assets:
    """What stands in `static/`; its style sheets are served as one, in the order of their layers."""

    def __init__(self) -> None:
        root = files("portal").joinpath("static")
        self._assets = {name: _asset(name, content) for name, content in _singles(root)}
        self._assets["portal.css"] = _asset("portal.css", self._style_sheet(root))

    def url(self, name: str) -> str:
        """The address of an asset; raises KeyError for one we do not have."""
        return f"/static/{self._assets[name].digest}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer a request for an asset, compressed where that helps: nothing secret stands in one."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(status_code=404)
        headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
        if asset.small and takes_gzip(request):
            return Response(asset.small, media_type=asset.media_type, headers=headers | {"content-encoding": "gzip"})
        return Response(asset.content, media_type=asset.media_type, headers=headers)

    def _style_sheet(self, root: Traversable) -> bytes:
        """One sheet, without remarks and indents; what it links to is named by its own address."""
        sheets = b"".join(root.joinpath("css", f"{name}.css").read_bytes() for name in _SHEETS)
        plain = _INDENT.sub(b"\n", _COMMENT.sub(b"", sheets))
        return _LINKED.sub(lambda found: f'url("{self.url(found[1].decode())}")'.encode(), plain)


def takes_gzip(request: Request) -> bool:
    """Whether the browser reads gzip (RFC 9110 §12.5.3)."""
    return "gzip" in request.headers.get("accept-encoding", "")


def _singles(root: Traversable) -> Iterator[tuple[str, bytes]]:
    """What is served under its own name, in `static/` and its folders; names are unique among them."""
    for entry in root.iterdir():
        if entry.is_dir() and entry.name != "css":
            yield from _singles(entry)
        elif entry.is_file() and entry.name[entry.name.rfind(".") :] in _TYPES:
            yield entry.name, entry.read_bytes()
