"""Places: choosing one, seeing a day of it as a grid and as a plain table."""

from datetime import timedelta

from groupement.coworking.v1.booking_service_pb2 import GetDayRequest, GetDayResponse
from groupement.coworking.v1.place_pb2 import ResourceKind
from starlette.responses import Response

from portal.formats import time_from
from portal.grid import Filters, grid
from portal.pages.home import offers_of
from portal.visit import Visit

ONE_DAY = timedelta(days=1)
_GRID, _TABLE = "grille", "tableau"


async def index(visit: Visit) -> Response:
    """`GET /espaces`"""
    return await visit.page("places.html", offers=await offers_of(visit))


async def show_day(visit: Visit) -> Response:
    """`GET /espaces/{structure}/{place}?jour=&type=&de=&a=&accessible=&vue=`"""
    house = await visit.showcase.house(visit.path("structure"))
    place = await visit.showcase.place(house.slug, visit.path("place"))
    day = visit.day(place.time_zone)
    found = await day_of(visit, house.slug, place.place_id, day.isoformat())
    filters = Filters(
        kind=_kind(visit.query("type")),
        start=time_from(visit.query("de")),
        end=time_from(visit.query("a")),
        wheelchair=visit.query("accessible") == "oui",
    )
    return await visit.page(
        "day.html",
        house=house,
        place=place,
        day=day,
        day_before=(day - ONE_DAY).isoformat(),
        day_after=(day + ONE_DAY).isoformat(),
        today=visit.today(place.time_zone),
        grid=grid(found.resources, found.place, filters, visit.now),
        filters=filters,
        kinds=sorted({each.resource.kind for each in found.resources}),
        kind_names={number: name for name, number in ResourceKind.items()},
        shown=visit.query("vue") if visit.query("vue") in (_GRID, _TABLE) else "",
    )


async def day_of(visit: Visit, structure: str, place_id: str, day: str) -> GetDayResponse:
    """A day at a place; raises refusals."""
    stub = visit.backends.coworking(structure).bookings
    return await visit.ask(stub.GetDay, GetDayRequest(place_id=place_id, date=day))


def _kind(text: str) -> int:
    """The kind of space a filter names: "DESK"; zero for none."""
    name = f"RESOURCE_KIND_{text.upper()}"
    return ResourceKind.Value(name) if name in ResourceKind.keys() else 0  # noqa: SIM118 - not a dict
