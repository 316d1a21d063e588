"""Pages of a list (AIP-158): a size within bounds, an opaque token that says after which row to go on.

A token belongs to the list it was given for: with other arguments it is refused.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from google.protobuf.message import Message

from servicekit.refusals import Invalid

_T = TypeVar("_T")
_K = TypeVar("_K")
DEFAULT_SIZE = 50
LARGEST_SIZE = 200


class PageSizeNegative(Invalid):
    """A page cannot hold fewer than no rows."""


class PageTokenInvalid(Invalid):
    """This page token was not given for this list: start again from the first page."""


class PagedRequest(Protocol):
    """A list request, as AIP-158 shapes it."""

    page_size: int
    page_token: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """How many rows to give, and the key of the last row given before; () for the first page."""

    size: int
    after: tuple[str, ...] = ()


def page(request: PagedRequest, *, default: int = DEFAULT_SIZE, most: int = LARGEST_SIZE) -> Page:
    """The page a request asks for; raises Invalid on a negative size or a token of another list."""
    if request.page_size < 0:
        raise PageSizeNegative(field="page_size")
    size = min(request.page_size or default, most)
    return Page(size=size, after=_read(request) if request.page_token else ())


def next_token(request: PagedRequest, after: tuple[str, ...]) -> str:
    """The token of the page that follows the row whose key is `after`; "" when `after` is empty: the list has ended."""
    if not after:
        return ""
    text = json.dumps([_fingerprint(request), *after], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def after(asked: Page, read: Callable[..., _K]) -> _K | None:
    """The key a page starts after, its texts read by `read`; None for the first page. Raises PageTokenInvalid."""
    if not asked.after:
        return None
    try:
        if "\0" in "".join(asked.after):
            raise ValueError("a key holds no such character")
        return read(*asked.after)
    except (ValueError, TypeError, OverflowError) as error:
        raise PageTokenInvalid(field="page_token") from error


def instant(text: str) -> datetime:
    """An instant out of a key; raises ValueError when it says no time zone."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return read.astimezone(UTC)


def cut(
    request: PagedRequest, asked: Page, rows: Sequence[_T], key: Callable[[_T], tuple[str, ...]]
) -> tuple[Sequence[_T], str]:
    """A page of rows and the token of the next, out of one row more than the page holds."""
    kept = rows[: asked.size]
    return kept, next_token(request, key(kept[-1]) if len(rows) > asked.size else ())


def _read(request: PagedRequest) -> tuple[str, ...]:
    token = request.page_token
    try:
        read = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        "".join(read).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise PageTokenInvalid(field="page_token") from error
    if not isinstance(read, list) or len(read) < 2 or read[0] != _fingerprint(request):  # noqa: PLR2004
        raise PageTokenInvalid(field="page_token")
    return tuple(read[1:])


def _fingerprint(request: PagedRequest) -> str:
    """Ties a token to a list: the method's message and its arguments, size and token aside."""
    if not isinstance(request, Message):
        raise TypeError("a page is asked for by a message")
    bare = type(request)()
    bare.CopyFrom(request)
    bare.ClearField("page_size")
    bare.ClearField("page_token")
    content = request.DESCRIPTOR.full_name.encode() + b"\0" + bare.SerializeToString(deterministic=True)
    return hashlib.sha256(content).hexdigest()[:16]
