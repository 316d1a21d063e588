"""The accessibility statement: what holds, what does not yet, whom to write to (RGAA 4.1, §4)."""

from starlette.responses import Response

from portal.visit import Visit


async def show(visit: Visit) -> Response:
    """`GET /accessibilite`"""
    return await visit.page("accessibility.html")
