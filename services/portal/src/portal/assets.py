"""Style sheet, script and drawings, held in memory under addresses that change when they do."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_SHEETS = ("tokens", "base", "layout", "components", "pages", "print")
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is served."""

    content: bytes
    media_type: str
    digest: str


def _asset(name: str, content: bytes) -> Asset:
    suffix = name[name.rindex(".") :]
    return Asset(content=content, media_type=_TYPES[suffix], digest=hashlib.sha256(content).hexdigest()[:12])


class Assets:
    """What stands in `static/`; its style sheets are served as one, in the order of their layers."""

    def __init__(self) -> None:
        root = files("portal").joinpath("static")
        sheets = b"".join(root.joinpath("css", f"{name}.css").read_bytes() for name in _SHEETS)
        singles = {entry.name: entry.read_bytes() for entry in root.iterdir() if entry.is_file()}
        self._assets = {name: _asset(name, content) for name, content in {"portal.css": sheets, **singles}.items()}

    def url(self, name: str) -> str:
        """The address of an asset; raises KeyError for one we do not have."""
        return f"/static/{self._assets[name].digest}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer a request for an asset."""
        asset = self._assets.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(status_code=404)
        return Response(asset.content, media_type=asset.media_type, headers={"cache-control": _FOR_EVER})
