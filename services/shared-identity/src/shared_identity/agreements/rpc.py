"""The front door to agreements: the structure the caller acts for is the party that speaks, and the one that reads."""

from groupement.shared_identity.v1 import agreement_service_pb2 as pb
from groupement.shared_identity.v1.agreement_service_pb2_grpc import AgreementServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.identifiers import new_id
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from shared_identity.agreements import usecases, wire
from shared_identity.days import day_of


class AgreementRpc(AgreementServiceServicer):
    """Answers `AgreementService`."""

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self._db = db
        self._command = Commands(db, clock=clock)
        self._clock = clock

    async def ProposeAgreement(
        self, request: pb.ProposeAgreementRequest, context: Context
    ) -> pb.ProposeAgreementResponse:
        now, structure = self._clock(), current_caller().acting_for
        proposed = wire.proposal(request, new_id("agreement"))
        async with self._command(request, context) as work:
            agreement = await usecases.propose(work, proposed, by=structure, now=now)
            return work.answer(pb.ProposeAgreementResponse(agreement=wire.to_message(agreement, day_of(now))))

    async def SignAgreement(self, request: pb.SignAgreementRequest, context: Context) -> pb.SignAgreementResponse:
        now, structure = self._clock(), current_caller().acting_for
        async with self._command(request, context) as work:
            agreement = await usecases.sign(work, request.agreement_id, by=structure, etag=request.etag, now=now)
            return work.answer(pb.SignAgreementResponse(agreement=wire.to_message(agreement, day_of(now))))

    async def EndAgreement(self, request: pb.EndAgreementRequest, context: Context) -> pb.EndAgreementResponse:
        now, structure = self._clock(), current_caller().acting_for
        wished = wire.wished_end(request)
        async with self._command(request, context) as work:
            agreement = await usecases.end(work, request.agreement_id, wished, by=structure, etag=request.etag, now=now)
            return work.answer(pb.EndAgreementResponse(agreement=wire.to_message(agreement, day_of(now))))

    async def ListAgreements(self, request: pb.ListAgreementsRequest, _context: Context) -> pb.ListAgreementsResponse:
        asked, structure, today = page(request), current_caller().acting_for, day_of(self._clock())
        async with self._db.reading() as work:
            found = await usecases.of_party(work, structure, after=after(asked, str) or "", limit=asked.size + 1)
        shown, token = cut(request, asked, found, lambda agreement: (agreement.agreement_id,))
        return pb.ListAgreementsResponse(
            agreements=[wire.to_message(agreement, today) for agreement in shown], next_page_token=token
        )

    async def ListMyEntitlements(
        self, request: pb.ListMyEntitlementsRequest, _context: Context
    ) -> pb.ListMyEntitlementsResponse:
        asked, caller, today = page(request), current_caller(), day_of(self._clock())
        start = after(asked, str) or ""
        async with self._db.reading() as work:
            found = await usecases.open_rights(
                work, caller.person(), caller.acting_for, today=today, after=start, limit=asked.size + 1
            )
        shown, token = cut(request, asked, found, lambda held: (held.entitlement_id,))
        return pb.ListMyEntitlementsResponse(
            entitlements=[wire.entitlement_message(held) for held in shown], next_page_token=token
        )

    async def ListUsageCounts(
        self, request: pb.ListUsageCountsRequest, _context: Context
    ) -> pb.ListUsageCountsResponse:
        month, asked, structure = wire.month(request), page(request), current_caller().acting_for
        start = after(asked, _read) or ("", "")
        async with self._db.reading() as work:
            found = await usecases.counts(work, structure, month, after=start, limit=asked.size + 1)
        shown, token = cut(request, asked, found, lambda count: (count.agreement_id, count.resource_kind))
        return pb.ListUsageCountsResponse(
            usage_counts=[wire.count_message(count) for count in shown], next_page_token=token
        )


def _read(agreement_id: str, resource_kind: str) -> tuple[str, str]:
    return agreement_id, resource_kind
