"""Parts of an event among their like: found, added, changed, taken away."""

from typing import Protocol, Self, TypeVar

from servicekit.refusals import Refusal

from shared_identity.joint_events.refused import TooManyParts


class Part(Protocol):
    """What an event has several of, each with an identifier, "" as long as it is new."""

    @property
    def key(self) -> str: ...

    def known_as(self, key: str, /) -> Self: ...


P = TypeVar("P", bound=Part)


def found(parts: tuple[P, ...], key: str, unknown: Refusal) -> P:
    """The part of that identifier; raises `unknown`."""
    for part in parts:
        if part.key == key:
            return part
    raise unknown


def placed(parts: tuple[P, ...], wish: P, fresh_id: str, most: int) -> tuple[tuple[P, ...], P]:
    """The parts with one more, or one as wished; and that one, identified. Raises TooManyParts."""
    if wish.key:
        return with_part(parts, wish), wish
    if len(parts) >= most:
        raise TooManyParts(most=str(most))
    fresh = wish.known_as(fresh_id)
    return (*parts, fresh), fresh


def with_part(parts: tuple[P, ...], changed: P) -> tuple[P, ...]:
    return tuple(changed if part.key == changed.key else part for part in parts)


def without(parts: tuple[P, ...], key: str) -> tuple[P, ...]:
    return tuple(part for part in parts if part.key != key)
