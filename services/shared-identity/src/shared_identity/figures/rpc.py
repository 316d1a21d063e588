"""The front door to figures: the structure the caller directs is the one that reads."""

from groupement.shared_identity.v1 import figure_service_pb2 as pb
from groupement.shared_identity.v1.figure_service_pb2_grpc import FigureServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.sql import Database

from shared_identity.figures import usecases, wire


class FigureRpc(FigureServiceServicer):
    """Answers `FigureService`."""

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def GetFigures(self, request: pb.GetFiguresRequest, _context: Context) -> pb.GetFiguresResponse:
        asked, reader = wire.asked(request), current_caller().acting_for
        async with self._db.reading() as work:
            counted = await usecases.read(work, asked, reader)
        return wire.to_message(await usecases.figures(counted, asked, reader, now=self._clock()))
