"""Pages whose address holds a code: whoever has it may act, so it is neither kept nor told to the next site."""

import hashlib
import hmac
from datetime import date

from starlette.responses import Response

from portal.visit import Visit

_HIDDEN = {"referrer-policy": "no-referrer", "cache-control": "no-store, private", "x-robots-tag": "noindex"}


def private(response: Response) -> Response:
    """The answer, kept by nobody (RFC 9111 §5.2.2.5), its address told to nobody."""
    response.headers.update(_HIDDEN)
    return response


def digest_of(visit: Visit) -> str:
    """Where a visit comes from, opaque, the same for one day only: it bounds the seats that one visitor keeps."""
    client = visit.request.client
    return digest(client.host if client else "", visit.today(), visit.portal.settings.cookie_key)


def digest(address: str, day: date, key: bytes) -> str:
    """A network address under a key of its own (RFC 2104), so that nobody reads it back and no two days meet."""
    own_key = hmac.digest(key, b"visitor", hashlib.sha256)
    return hmac.new(own_key, f"{day.isoformat()} {address}".encode(), hashlib.sha256).hexdigest()[:32]
