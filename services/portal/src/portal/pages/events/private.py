"""Pages whose address holds a code: whoever has it may act, so it is neither kept nor told to the next site."""

import hashlib
import hmac
from datetime import date
from ipaddress import IPv6Address, ip_address

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
    return hmac.new(own_key, f"{day.isoformat()} {_site(address)}".encode(), hashlib.sha256).hexdigest()[:32]


def _site(address: str) -> str:
    """What one visitor has of the network: all of an IPv4 address, the first half of an IPv6 one (RFC 6177)."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    if not isinstance(read, IPv6Address):
        return str(read)
    return str(read.ipv4_mapped or read.packed[:8].hex())
