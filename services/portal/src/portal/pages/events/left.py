"""How many seats are left, alone: what an open page of an event asks for again and again."""

from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.pages.events.seats import Stage, published, seats_of
from portal.visit import Visit

_FOR_ALL, _FOR_ONE = "public, max-age=10", "private, no-store"


async def show(visit: Visit) -> Response:
    """`GET /evenements/{slug}/places?vues=`: nothing (204) while it is what the page shows, or nobody tells."""
    try:
        event = await published(visit)
        seats = await seats_of(visit, event)
    except Refusal:
        return Response(status_code=204)
    if seats.stage is Stage.UNKNOWN or (seats.stage is Stage.OPEN and visit.query("vues") == seats.seen):
        return Response(status_code=204)
    cache = _FOR_ALL if visit.session is None else _FOR_ONE
    return visit.fragment("events/left.html", cache=cache, event=event, seats=seats, stage=seats.stage.value)
