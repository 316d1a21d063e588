"""The front door to memberships: reading only, of the structure the caller acts for."""

from datetime import date

from groupement.shared_identity.v1 import membership_service_pb2 as pb
from groupement.shared_identity.v1.membership_service_pb2_grpc import MembershipServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from shared_identity.days import day_of
from shared_identity.memberships import usecases, wire
from shared_identity.memberships.domain import Membership


class MembershipRpc(MembershipServiceServicer):
    """Answers `MembershipService`."""

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def ListMyMemberships(
        self, request: pb.ListMyMembershipsRequest, _context: Context
    ) -> pb.ListMyMembershipsResponse:
        asked, caller, today = page(request), current_caller(), day_of(self._clock())
        async with self._db.reading() as work:
            found = await usecases.of_person(
                work, caller.person(), caller.acting_for, after=after(asked, _read), limit=asked.size + 1
            )
        shown, token = cut(request, asked, found, _key)
        return pb.ListMyMembershipsResponse(
            memberships=[wire.to_message(held, today) for held in shown], next_page_token=token
        )

    async def ListMemberships(
        self, request: pb.ListMembershipsRequest, _context: Context
    ) -> pb.ListMembershipsResponse:
        asked, structure, today = page(request), current_caller().acting_for, day_of(self._clock())
        state, kind = wire.asked_state(request), wire.asked_kind(request)
        async with self._db.reading() as work:
            found = await usecases.at_state(
                work, structure, today, state=state, kind=kind, after=after(asked, _read), limit=asked.size + 1
            )
            counts = await usecases.counts(work, structure, today)
        shown, token = cut(request, asked, found, _key)
        return pb.ListMembershipsResponse(
            memberships=[wire.to_message(held, today) for held in shown],
            next_page_token=token,
            counts=[wire.count_message(*each) for each in counts],
        )


def _key(held: Membership) -> tuple[str, str]:
    return held.period.start.isoformat(), held.declared.membership_id


def _read(start: str, membership_id: str) -> usecases.Key:
    return date.fromisoformat(start), membership_id
