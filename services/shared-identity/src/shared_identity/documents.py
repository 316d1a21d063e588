"""The documents an installation is loaded from: TOML, with days that may be counted from today."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from servicekit.refusals import Invalid, Refusal

_RELATIVE = re.compile(r"today(?:([+-])(\d{1,5}))?")
_THIS_YEAR = "this-year-"
_M = TypeVar("_M", bound=Message)
Entry = Mapping[str, Any]


class EntryMalformed(Invalid):
    """This entry of the document is not written as it should be."""


def day(text: str, today: date) -> str:
    """A day of the document as the contract writes it; what is not relative is left to the contract's own check."""
    if text.startswith(_THIS_YEAR):
        return f"{today.year}-{text.removeprefix(_THIS_YEAR)}"
    relative = _RELATIVE.fullmatch(text)
    if relative is None:
        return text
    days = timedelta(days=int(relative[2] or 0))
    return (today - days if relative[1] == "-" else today + days).isoformat()


def read(message: _M, entry: Entry) -> _M:
    """An entry as a message of the contract; raises EntryMalformed."""
    try:
        return json_format.ParseDict(dict(entry), message)
    except json_format.ParseError as error:
        raise EntryMalformed(str(error)) from error


def table(value: object) -> dict[str, Any]:
    """What stands here, which must be a table: a copy of it. Raises EntryMalformed."""
    if not isinstance(value, dict):
        raise EntryMalformed("A table is written here.")
    return dict(value)


def entries(value: object) -> list[Any]:
    """What stands here, which must be a list; raises EntryMalformed."""
    if not isinstance(value, list):
        raise EntryMalformed("A list is written here.")
    return value


@contextmanager
def naming(where: str) -> Iterator[None]:
    """Makes a refusal say which entry it is about."""
    try:
        yield
    except Refusal as refusal:
        refusal.field = f"{where}.{refusal.field}" if refusal.field else where
        raise
