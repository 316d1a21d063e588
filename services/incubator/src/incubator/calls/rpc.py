"""The front door of applications."""

from groupement.incubator.v1 import call_service_pb2 as pb
from groupement.incubator.v1.call_service_pb2_grpc import CallServiceServicer
from servicekit.caller import current_caller
from servicekit.identifiers import new_id
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from incubator.calendar import Calendar
from incubator.calls import usecases, wire
from incubator.programmes.wire import cohort_id
from incubator.projects.wire import project_message


class CallRpc(CallServiceServicer):
    """Answers CallService."""

    def __init__(self, db: Database, commands: Commands, calendar: Calendar) -> None:
        self._db = db
        self._command = commands
        self._calendar = calendar

    async def SubmitApplication(
        self, request: pb.SubmitApplicationRequest, context: Context
    ) -> pb.SubmitApplicationResponse:
        wish, person_id = wire.application_wish(request), current_caller().person()
        now = self._calendar.now()
        async with self._command(request, context) as work:
            application = await usecases.send(
                work, wish, application_id=new_id("application"), person_id=person_id, now=now
            )
            return work.answer(pb.SubmitApplicationResponse(application=wire.application_message(application)))

    async def WithdrawApplication(
        self, request: pb.WithdrawApplicationRequest, context: Context
    ) -> pb.WithdrawApplicationResponse:
        application_id, person_id = wire.application_id(request.application_id), current_caller().person()
        now = self._calendar.now()
        async with self._command(request, context) as work:
            application = await usecases.withdraw(work, application_id, person_id=person_id, now=now)
            return work.answer(pb.WithdrawApplicationResponse(application=wire.application_message(application)))

    async def ListMyApplications(
        self, request: pb.ListMyApplicationsRequest, _context: Context
    ) -> pb.ListMyApplicationsResponse:
        wanted, person_id = page(request), current_caller().person()
        start = after(wanted, wire.after_instant)
        async with self._db.reading() as work:
            found = await usecases.applications_of(work, person_id, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.application_key)
        return pb.ListMyApplicationsResponse(applications=map(wire.application_message, kept), next_page_token=token)

    async def ListApplications(
        self, request: pb.ListApplicationsRequest, _context: Context
    ) -> pb.ListApplicationsResponse:
        wanted, state = page(request), wire.state(request)
        start = after(wanted, wire.after_instant)
        async with self._db.reading() as work:
            found = await usecases.applications(work, state=state, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.application_key)
        return pb.ListApplicationsResponse(applications=map(wire.application_message, kept), next_page_token=token)

    async def AdmitApplication(
        self, request: pb.AdmitApplicationRequest, context: Context
    ) -> pb.AdmitApplicationResponse:
        wanted, cohort = wire.application_id(request.application_id), cohort_id(request.cohort_id)
        now = self._calendar.now()
        today = self._calendar.day_of(now)
        async with self._command(request, context) as work:
            application, project = await usecases.admit(work, wanted, cohort, etag=request.etag, now=now, today=today)
            return work.answer(
                pb.AdmitApplicationResponse(
                    application=wire.application_message(application), project=project_message(project)
                )
            )

    async def DeclineApplication(
        self, request: pb.DeclineApplicationRequest, context: Context
    ) -> pb.DeclineApplicationResponse:
        application_id = wire.application_id(request.application_id)
        now = self._calendar.now()
        async with self._command(request, context) as work:
            application = await usecases.decline(work, application_id, etag=request.etag, now=now)
            return work.answer(pb.DeclineApplicationResponse(application=wire.application_message(application)))
