"""The front door of programmes and cohorts."""

from groupement.incubator.v1 import programme_service_pb2 as pb
from groupement.incubator.v1.programme_service_pb2_grpc import ProgrammeServiceServicer
from servicekit.identifiers import new_id
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from incubator.programmes import usecases, wire


class ProgrammeRpc(ProgrammeServiceServicer):
    """Answers ProgrammeService."""

    def __init__(self, db: Database, commands: Commands) -> None:
        self._db = db
        self._command = commands

    async def ListProgrammes(self, request: pb.ListProgrammesRequest, _context: Context) -> pb.ListProgrammesResponse:
        wanted = page(request)
        async with self._db.reading() as work:
            found = await usecases.programmes(work, after=after(wanted, wire.after_name), most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.programme_key)
        return pb.ListProgrammesResponse(programmes=map(wire.programme_message, kept), next_page_token=token)

    async def CreateProgramme(self, request: pb.CreateProgrammeRequest, context: Context) -> pb.CreateProgrammeResponse:
        wish = wire.programme_wish(request)
        async with self._command(request, context) as work:
            programme = await usecases.create_programme(work, wish, programme_id=new_id("programme"))
            return work.answer(pb.CreateProgrammeResponse(programme=wire.programme_message(programme)))

    async def ListCohorts(self, request: pb.ListCohortsRequest, _context: Context) -> pb.ListCohortsResponse:
        wanted = page(request)
        programme_id = wire.programme_id(request.programme_id) if request.programme_id else None
        async with self._db.reading() as work:
            found = await usecases.cohorts(
                work, programme_id=programme_id, after=after(wanted, wire.after_day), most=wanted.size + 1
            )
        kept, token = cut(request, wanted, found, wire.cohort_key)
        return pb.ListCohortsResponse(cohorts=map(wire.cohort_message, kept), next_page_token=token)

    async def OpenCohort(self, request: pb.OpenCohortRequest, context: Context) -> pb.OpenCohortResponse:
        wish = wire.cohort_wish(request)
        async with self._command(request, context) as work:
            cohort = await usecases.open_cohort(work, wish, cohort_id=new_id("cohort"))
            return work.answer(pb.OpenCohortResponse(cohort=wire.cohort_message(cohort)))
