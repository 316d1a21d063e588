"""The front door to what came out of joint events."""

from groupement.shared_identity.v1 import outcome_service_pb2 as pb
from groupement.shared_identity.v1.outcome_service_pb2_grpc import OutcomeServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, instant, page
from servicekit.sql import Database

from shared_identity.outcomes import closing, report_wire, usecases, wire
from shared_identity.outcomes.domain import Contribution
from shared_identity.registrations.office import Office


class OutcomeRpc(OutcomeServiceServicer):
    """Answers `OutcomeService`."""

    def __init__(self, db: Database, *, office: Office, clock: Clock) -> None:
        self._db = db
        self._office = office
        self._command = Commands(db, clock=clock)
        self._clock = clock

    async def CaptureContribution(
        self, request: pb.CaptureContributionRequest, context: Context
    ) -> pb.CaptureContributionResponse:
        now, words = self._clock(), wire.words(request.contribution)
        async with self._command(request, context) as work:
            captured = await usecases.capture(work, current_caller(), request.event_id, words, now=now)
            return work.answer(pb.CaptureContributionResponse(contribution=wire.to_message(captured)))

    async def UpdateContribution(
        self, request: pb.UpdateContributionRequest, context: Context
    ) -> pb.UpdateContributionResponse:
        wish, words, state = request.contribution, wire.words(request.contribution), wire.state(request.contribution)
        async with self._command(request, context) as work:
            changed = await usecases.update(
                work, current_caller(), request.event_id, wish.contribution_id, words, state, etag=wish.etag
            )
            return work.answer(pb.UpdateContributionResponse(contribution=wire.to_message(changed)))

    async def ListContributions(
        self, request: pb.ListContributionsRequest, _context: Context
    ) -> pb.ListContributionsResponse:
        asked, kind = page(request), wire.kind_asked(request.kind)
        async with self._db.reading() as work:
            found = await usecases.contributions(
                work,
                current_caller(),
                request.event_id,
                challenge_id=request.challenge_id,
                kind=kind,
                after=after(asked, _read),
                limit=asked.size + 1,
            )
        shown, token = cut(request, asked, found, _key)
        return pb.ListContributionsResponse(
            contributions=[wire.to_message(held) for held in shown], next_page_token=token
        )

    async def CloseEvent(self, request: pb.CloseEventRequest, context: Context) -> pb.CloseEventResponse:
        now = self._clock()
        async with self._command(request, context) as work:
            report = await closing.close(work, current_caller(), request.event_id, office=self._office, now=now)
            return work.answer(pb.CloseEventResponse(report=report_wire.to_message(report)))

    async def GetClosingReport(
        self, request: pb.GetClosingReportRequest, _context: Context
    ) -> pb.GetClosingReportResponse:
        async with self._db.reading() as work:
            report = await closing.report(work, current_caller(), request.event_id)
        return pb.GetClosingReportResponse(report=report_wire.to_message(report))


def _key(held: Contribution) -> tuple[str, str]:
    return held.created_at.isoformat(), held.contribution_id


def _read(created_at: str, contribution_id: str) -> usecases.Key:
    return instant(created_at), contribution_id
