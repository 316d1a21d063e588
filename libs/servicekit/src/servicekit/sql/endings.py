"""Seeing a commit through: cancelled halfway, nobody would know whether it took place."""

import asyncio


async def to_the_end(ending: "asyncio.Future[None]") -> asyncio.CancelledError | None:
    """Awaits whatever happens, then gives the cancellation that came meanwhile, for the caller to raise in its time."""
    wish: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError as cancelled:
            wish = cancelled
    ending.result()
    return wish
