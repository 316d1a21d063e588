"""The front door to the doors of joint events."""

from groupement.shared_identity.v1 import door_service_pb2 as pb
from groupement.shared_identity.v1.door_service_pb2_grpc import DoorServiceServicer
from joserfc.jwk import OKPKey
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.sql import Database

from shared_identity.attendance import usecases, wire
from shared_identity.registrations.office import Office


class DoorRpc(DoorServiceServicer):
    """Answers `DoorService`; `key` signs lists, `office` gives seats to those who come without a ticket."""

    def __init__(self, db: Database, *, key: OKPKey, office: Office, clock: Clock) -> None:
        self._db = db
        self._key = key
        self._office = office
        self._clock = clock

    async def GetDoorList(self, request: pb.GetDoorListRequest, _context: Context) -> pb.GetDoorListResponse:
        device_id, caller, now = wire.device(request), current_caller(), self._clock()
        async with self._db.reading() as work:
            held = await usecases.door_list(work, caller, request.event_id, now=now)
        signed = wire.signed_list(held.event, held.seats, held.present, device_id, key=self._key, now=now)
        return pb.GetDoorListResponse(list=signed, counts=wire.counts_message(held.counts))

    async def RecordScans(self, request: pb.RecordScansRequest, _context: Context) -> pb.RecordScansResponse:
        scans, now = wire.scans(request), self._clock()
        async with self._db.work() as work:
            results, counts = await usecases.record(
                work, current_caller(), request.event_id, scans, office=self._office, now=now
            )
        return pb.RecordScansResponse(
            results=[wire.result_message(result) for result in results], counts=wire.counts_message(counts)
        )

    async def FindAtDoor(self, request: pb.FindAtDoorRequest, _context: Context) -> pb.FindAtDoorResponse:
        now = self._clock()
        async with self._db.reading() as work:
            found = await usecases.find(work, current_caller(), request.event_id, request.query, now=now)
        return pb.FindAtDoorResponse(entries=[wire.entry_message(entry) for entry in found])

    async def GetDoorEntry(self, request: pb.GetDoorEntryRequest, _context: Context) -> pb.GetDoorEntryResponse:
        now = self._clock()
        async with self._db.reading() as work:
            found = await usecases.entry(work, current_caller(), request.event_id, request.registration_id, now=now)
        return pb.GetDoorEntryResponse(entry=wire.entry_message(found))

    async def GetDoorCounts(self, request: pb.GetDoorCountsRequest, _context: Context) -> pb.GetDoorCountsResponse:
        async with self._db.reading() as work:
            held = await usecases.counts(work, current_caller(), request.event_id)
        return wire.counted(held.event, held.counts)
