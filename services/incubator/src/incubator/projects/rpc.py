"""The front door of projects."""

from groupement.incubator.v1 import project_service_pb2 as pb
from groupement.incubator.v1.project_service_pb2_grpc import ProjectServiceServicer
from servicekit.caller import current_caller
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from incubator.calendar import Calendar
from incubator.programmes.wire import after_day, cohort_id
from incubator.projects import usecases, wire

_SEES_EVERY_PROJECT = frozenset({"DIRECTOR", "ADVISOR"})
"""The roles of the first access rule of GetProject; whoever comes in by the second sees their own."""


class ProjectRpc(ProjectServiceServicer):
    """Answers ProjectService."""

    def __init__(self, db: Database, commands: Commands, calendar: Calendar) -> None:
        self._db = db
        self._command = commands
        self._calendar = calendar

    async def GetCohortBoard(self, request: pb.GetCohortBoardRequest, _context: Context) -> pb.GetCohortBoardResponse:
        wanted = cohort_id(request.cohort_id)
        async with self._db.reading() as work:
            return wire.board_message(await usecases.cohort_board(work, wanted, show_exited=request.show_exited))

    async def GetProject(self, request: pb.GetProjectRequest, _context: Context) -> pb.GetProjectResponse:
        wanted, caller = wire.project_id(request.project_id), current_caller()
        async with self._db.reading() as work:
            if caller.roles & _SEES_EVERY_PROJECT:
                found = await usecases.project(work, wanted)
            else:
                found = await usecases.project_carried_by(work, wanted, caller.person())
        return pb.GetProjectResponse(project=wire.project_message(found))

    async def ListMyProjects(self, request: pb.ListMyProjectsRequest, _context: Context) -> pb.ListMyProjectsResponse:
        wanted, person_id = page(request), current_caller().person()
        start = after(wanted, after_day)
        async with self._db.reading() as work:
            found = await usecases.projects_carried_by(work, person_id, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.project_key)
        return pb.ListMyProjectsResponse(projects=map(wire.project_message, kept), next_page_token=token)

    async def MoveProject(self, request: pb.MoveProjectRequest, context: Context) -> pb.MoveProjectResponse:
        project_id = wire.project_id(request.project_id)
        now = self._calendar.now()
        async with self._command(request, context) as work:
            project = await usecases.move(work, project_id, request.stage_id, etag=request.etag, now=now)
            return work.answer(pb.MoveProjectResponse(project=wire.project_message(project)))

    async def ExitProject(self, request: pb.ExitProjectRequest, context: Context) -> pb.ExitProjectResponse:
        now = self._calendar.now()
        today = self._calendar.day_of(now)
        project_id, left = wire.project_id(request.project_id), wire.leaving(request, today=today)
        async with self._command(request, context) as work:
            project = await usecases.leave(work, project_id, left, etag=request.etag, now=now, today=today)
            return work.answer(pb.ExitProjectResponse(project=wire.project_message(project)))
