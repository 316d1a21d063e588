"""Pages by key: a list goes on after the sortable value and the id of the last row given."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from servicekit.rpc.paging import Page, PagedRequest, PageTokenInvalid, next_token

_T = TypeVar("_T")


def after(page: Page, read: Callable[[str], _T]) -> tuple[_T, str] | None:
    """The key a page starts after, its value read by `read`; None for the first page. Raises PageTokenInvalid."""
    if not page.after:
        return None
    try:
        value, row_id = page.after
        if "\0" in value + row_id:
            raise ValueError("a key holds no such character")
        return read(value), row_id
    except ValueError as error:
        raise PageTokenInvalid(field="page_token") from error


def instant(text: str) -> datetime:
    """An instant out of a key; raises ValueError when it says no time zone."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return read


def cut(
    request: PagedRequest, page: Page, rows: Sequence[_T], key: Callable[[_T], tuple[str, str]]
) -> tuple[Sequence[_T], str]:
    """A page of rows and the token of the next, out of one row more than the page holds."""
    kept = rows[: page.size]
    return kept, next_token(request, key(kept[-1]) if len(rows) > page.size else ())
