"""Identifiers: UUIDv7 (RFC 9562) behind the noun they name, so that a stray one says what it is."""

import re

import uuid_utils

_NOUN = re.compile(r"[a-z][a-z0-9_]*")
_ID = re.compile(r"([a-z][a-z0-9_]*)_([0-9a-f]{32})")


def new_id(noun: str) -> str:
    """A new identifier, ordered by time of making: `booking_018f...`.

    Raises ValueError when `noun` is not snake_case: that is a mistake in our code, not in a request.
    """
    if not _NOUN.fullmatch(noun):
        raise ValueError(f"not a noun: {noun!r}")
    return f"{noun}_{uuid_utils.uuid7().hex}"


def is_id(text: str, noun: str) -> bool:
    """Whether `text` has the form of an identifier of that noun."""
    match = _ID.fullmatch(text)
    return match is not None and match.group(1) == noun
