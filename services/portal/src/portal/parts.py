"""A page made of parts: what one service cannot tell is missing by itself, the rest still shows."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Generic, TypeVar

from servicekit.refusals import Refusal, Unauthenticated

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Part(Generic[T]):
    """What was asked, or why there is none; `found` is `empty` when it was refused."""

    found: T
    refusal: Refusal | None = None


async def part(asked: Awaitable[T], *, empty: T) -> Part[T]:
    """The part; raises Unauthenticated, since then the visitor must sign in before anything shows."""
    try:
        return Part(found=await asked)
    except Unauthenticated:
        raise
    except Refusal as refusal:
        return Part(found=empty, refusal=refusal)
