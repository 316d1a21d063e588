"""Forms are accepted from our own pages only, by what browsers say of where a request comes from.

Fetch Metadata (`Sec-Fetch-Site`), else `Origin`, compared with the configured public address: a proxy that rewrites
Host changes nothing.
"""

from urllib.parse import urlsplit

from servicekit.refusals import Denied
from starlette.datastructures import Headers
from starlette.requests import Request

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSite(Denied):
    """The form was sent from another site."""


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers write an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def check(request: Request, own_origin: str) -> None:
    """Let reads through, and changes that come from our own pages; raises CrossSite on all others."""
    if request.method not in _SAFE and not _from_our_own_page(request.headers, own_origin):
        raise CrossSite


def _from_our_own_page(headers: Headers, own_origin: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin") == own_origin
