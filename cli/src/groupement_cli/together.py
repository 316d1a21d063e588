"""Works done at the same time."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def all_of(works: Sequence[Coroutine[Any, Any, T]]) -> Sequence[T]:
    """What each gives; raises the first failure once all have ended, so that none goes on behind it.

    A child process whose start is cut off by the end of the loop is waited for without end by Python 3.11.
    """
    ended = await asyncio.gather(*works, return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in ended if not isinstance(outcome, BaseException)]
