"""The front door to structures."""

from groupement.shared_identity.v1 import structure_service_pb2 as pb
from groupement.shared_identity.v1.structure_service_pb2_grpc import StructureServiceServicer
from servicekit.rpc.callers import Context
from servicekit.sql import Database

from shared_identity.structures import usecases, wire


class StructureRpc(StructureServiceServicer):
    """Answers `StructureService`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def GetGroupement(self, _request: pb.GetGroupementRequest, _context: Context) -> pb.GetGroupementResponse:
        async with self._db.reading() as work:
            groupement = await usecases.groupement(work)
        return pb.GetGroupementResponse(groupement=wire.groupement_message(groupement))

    async def GetStructure(self, request: pb.GetStructureRequest, _context: Context) -> pb.GetStructureResponse:
        async with self._db.reading() as work:
            structure = await usecases.structure(work, request.slug)
        return pb.GetStructureResponse(structure=wire.to_message(structure))
