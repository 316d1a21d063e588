"""Front door of places: message -> use case -> message."""

from groupement.coworking.v1 import place_service_pb2 as pb
from groupement.coworking.v1.place_service_pb2_grpc import PlaceServiceServicer
from servicekit.identifiers import new_id
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from coworking.places import storage, usecases, wire
from coworking.places.domain import ResourceKind

_RANKS = {str(rank) for rank in range(len(ResourceKind))}


class PlaceRpc(PlaceServiceServicer):
    """Answers PlaceService."""

    def __init__(self, db: Database, commands: Commands) -> None:
        self._db = db
        self._command = commands

    async def ListPlaces(self, request: pb.ListPlacesRequest, _context: object) -> pb.ListPlacesResponse:
        wanted = page(request)
        start = after(wanted, _place_key)
        async with self._db.reading() as work:
            found = await usecases.list_places(work, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, storage.place_key)
        return pb.ListPlacesResponse(places=map(wire.place_message, kept), next_page_token=token)

    async def ListResources(self, request: pb.ListResourcesRequest, _context: object) -> pb.ListResourcesResponse:
        wanted = page(request)
        start = after(wanted, _resource_key)
        place_id = wire.place_id(request.place_id) if request.place_id else ""
        async with self._db.reading() as work:
            found = await usecases.list_resources(work, place_id=place_id, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, lambda of: tuple(map(str, storage.resource_key(of))))
        return pb.ListResourcesResponse(resources=map(wire.resource_message, kept), next_page_token=token)

    async def CreatePlace(self, request: pb.CreatePlaceRequest, context: object) -> pb.CreatePlaceResponse:
        async with self._command(request, context) as work:
            new = wire.new_place(request, new_id("place"))
            await usecases.create_place(work, new)
            return work.answer(pb.CreatePlaceResponse(place=wire.place_message(new)))

    async def CreateResource(self, request: pb.CreateResourceRequest, context: object) -> pb.CreateResourceResponse:
        async with self._command(request, context) as work:
            new = wire.new_resource(request, new_id("resource"))
            await usecases.create_resource(work, new)
            return work.answer(pb.CreateResourceResponse(resource=wire.resource_message(new)))


def _place_key(name: str, place_id: str) -> storage.PlaceKey:
    return name, place_id


def _resource_key(rank: str, name: str, resource_id: str) -> storage.ResourceKey:
    if rank not in _RANKS:
        raise ValueError("there is no such rank")
    return int(rank), name, resource_id
