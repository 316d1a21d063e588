"""Whether the process lives, whether it can serve, and what is degraded meanwhile."""

import asyncio

from servicekit.origin import Origin
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal.visit import Visit

_PATIENCE = 1.0


async def healthz(visit: Visit) -> Response:  # noqa: ARG001 - every page takes the visit
    """`GET /healthz`: 200 while the process lives."""
    return PlainTextResponse("ok\n")


async def readyz(visit: Visit) -> Response:
    """`GET /readyz`: 200 while anything can be served, naming what is degraded; 503 when no service answers."""
    channels = visit.backends.channels
    answers = await asyncio.gather(*(_answers(visit, origin) for origin in channels))
    degraded = [origin.instance for origin, answered in zip(channels, answers, strict=True) if not answered]
    ready = len(degraded) < len(channels)
    status = "degraded" if degraded and ready else "ready" if ready else "unavailable"
    return JSONResponse({"status": status, "degraded": degraded}, status_code=200 if ready else 503)


async def _answers(visit: Visit, origin: Origin) -> bool:
    """Whether an instance can be reached within a second."""
    try:
        await asyncio.wait_for(visit.backends.channels[origin].channel_ready(), _PATIENCE)
    except TimeoutError:
        return False
    return True
