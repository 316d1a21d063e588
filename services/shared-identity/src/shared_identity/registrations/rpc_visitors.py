"""The front door for visitors and holders of tickets: who has a code holds what it opens."""

from groupement.shared_identity.v1 import registration_pb2
from groupement.shared_identity.v1 import registration_service_pb2 as pb
from groupement.shared_identity.v1.registration_service_pb2_grpc import RegistrationServiceServicer
from servicekit.caller import current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.interceptor import Answered
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from shared_identity.registrations import choosing, holding, registering, storage, tickets, wire
from shared_identity.registrations.domain import address
from shared_identity.registrations.office import Office, PresentAt
from shared_identity.registrations.views import Ticket
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Pool, Seats


class VisitorRpc(RegistrationServiceServicer):
    """Answers what visitors and holders of tickets ask of RegistrationService; `present_at` tells who is in."""

    def __init__(self, db: Database, office: Office, *, clock: Clock, present_at: PresentAt) -> None:
        self._db = db
        self._command = Commands(db, clock=clock)
        self._office = office
        self._clock = clock
        self._present_at = present_at

    async def GetAvailability(
        self, request: pb.GetAvailabilityRequest, _context: Context
    ) -> pb.GetAvailabilityResponse:
        now, person_id = self._clock(), current_caller().person_id
        async with self._db.reading() as work:
            event = await self._office.events.public(work, request.event_id)
            seats = Seats.of(await pools.of_event(work, event.event_id))
            waiting = await storage.count_waiting(work, event.event_id)
            claims = await holding.claims_of(work, event, None, person_id, now=now)
        rooms = [_left(pool) for pool in seats.sessions.values()]
        return pb.GetAvailabilityResponse(
            size=seats.size,
            free=0 if seats.open is None else seats.open.free,
            waiting=waiting,
            sessions=rooms,
            open=choosing.is_open(event, now),
            kept_for_you=seats.kept_for(claims),
        )

    async def HoldSeat(self, request: pb.HoldSeatRequest, context: Context) -> pb.HoldSeatResponse:
        try:
            async with self._command(request, context) as work:
                kept = await holding.hold(
                    work,
                    self._office,
                    request.event_id,
                    visitor=request.visitor,
                    invitation_code=request.invitation_code,
                    person_id=current_caller().person_id,
                    now=self._clock(),
                )
                answer = work.answer(pb.HoldSeatResponse(hold=wire.hold_message(kept)))
        except Answered as before:
            answer = pb.HoldSeatResponse.FromString(before.message)
        return pb.HoldSeatResponse(hold=self._opening(answer.hold))

    async def GetHold(self, request: pb.GetHoldRequest, _context: Context) -> pb.GetHoldResponse:
        async with self._db.reading() as work:
            kept = await holding.kept(work, self._office, request.code, now=self._clock())
        return pb.GetHoldResponse(hold=self._opening(wire.hold_message(kept)))

    async def ReleaseHold(self, request: pb.ReleaseHoldRequest, context: Context) -> pb.ReleaseHoldResponse:
        async with self._command(request, context) as work:
            slug = await holding.release(work, self._office, request.code, now=self._clock())
            return work.answer(pb.ReleaseHoldResponse(event_slug=slug))

    async def ConfirmRegistration(
        self, request: pb.ConfirmRegistrationRequest, context: Context
    ) -> pb.ConfirmRegistrationResponse:
        wish, person_id = wire.wish(request), current_caller().person_id
        async with self._command(request, context) as work:
            event = await registering.confirm(
                work, self._office, request.code, wish, person_id=person_id, now=self._clock()
            )
            return work.answer(pb.ConfirmRegistrationResponse(event_slug=event.slug))

    async def JoinWaitingList(self, request: pb.JoinWaitingListRequest, context: Context) -> pb.JoinWaitingListResponse:
        wish, person_id = wire.wish(request), current_caller().person_id
        async with self._command(request, context) as work:
            event = await registering.join(
                work,
                self._office,
                request.event_id,
                wish,
                invitation_code=request.invitation_code,
                person_id=person_id,
                now=self._clock(),
            )
            return work.answer(pb.JoinWaitingListResponse(event_slug=event.slug))

    async def RegisterMe(self, request: pb.RegisterMeRequest, context: Context) -> pb.RegisterMeResponse:
        wish, person_id, now = wire.wish(request), current_caller().person(), self._clock()
        async with self._command(request, context) as work:
            held = await registering.register_me(
                work,
                self._office,
                request.event_id,
                wish,
                person_id=person_id,
                invitation_code=request.invitation_code,
                or_wait=request.or_wait,
                now=now,
            )
            event = await self._office.events.event(work, held.event_id)
            ticket = await tickets.as_seen(work, held, event, now=now)
            work.answer(pb.RegisterMeResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.RegisterMeResponse(ticket=self._message(ticket))

    async def ListMyTickets(self, request: pb.ListMyTicketsRequest, _context: Context) -> pb.ListMyTicketsResponse:
        asked, person_id, now = page(request), current_caller().person(), self._clock()
        start = after(asked, str)
        async with self._db.reading() as work:
            found = list(
                await tickets.mine(work, self._office, person_id, upcoming_only=request.upcoming_only, now=now)
            )
        ids = [each.held.registration_id for each in found]
        begin = ids.index(start) + 1 if start in ids else 0
        shown, token = cut(
            request, asked, found[begin : begin + asked.size + 1], lambda each: (each.held.registration_id,)
        )
        return pb.ListMyTicketsResponse(tickets=map(self._message, shown), next_page_token=token)

    async def GetTicket(self, request: pb.GetTicketRequest, _context: Context) -> pb.GetTicketResponse:
        async with self._db.reading() as work:
            ticket = await tickets.ticket(work, self._office, request.code, now=self._clock())
        return pb.GetTicketResponse(ticket=self._message(ticket))

    async def AcceptOffer(self, request: pb.AcceptOfferRequest, context: Context) -> pb.AcceptOfferResponse:
        async with self._command(request, context) as work:
            ticket = await tickets.accept(work, self._office, request.code, now=self._clock())
            work.answer(pb.AcceptOfferResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.AcceptOfferResponse(ticket=self._message(ticket))

    async def DeclineOffer(self, request: pb.DeclineOfferRequest, context: Context) -> pb.DeclineOfferResponse:
        async with self._command(request, context) as work:
            ticket = await tickets.decline(work, self._office, request.code, now=self._clock())
            work.answer(pb.DeclineOfferResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.DeclineOfferResponse(ticket=self._message(ticket))

    async def RejoinWaitingList(
        self, request: pb.RejoinWaitingListRequest, context: Context
    ) -> pb.RejoinWaitingListResponse:
        async with self._command(request, context) as work:
            ticket = await tickets.rejoin(work, self._office, request.code, now=self._clock())
            work.answer(pb.RejoinWaitingListResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.RejoinWaitingListResponse(ticket=self._message(ticket))

    async def ChangeSessions(self, request: pb.ChangeSessionsRequest, context: Context) -> pb.ChangeSessionsResponse:
        async with self._command(request, context) as work:
            ticket = await tickets.change_sessions(
                work, self._office, request.code, request.session_ids, now=self._clock()
            )
            work.answer(pb.ChangeSessionsResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.ChangeSessionsResponse(ticket=self._message(ticket))

    async def TransferTicket(self, request: pb.TransferTicketRequest, context: Context) -> pb.TransferTicketResponse:
        attendee = wire.attendee(request.attendee)
        async with self._command(request, context) as work:
            event = await tickets.transfer(
                work, self._office, request.code, attendee, present_at=self._present_at, now=self._clock()
            )
            return work.answer(pb.TransferTicketResponse(event_slug=event.slug))

    async def CancelRegistration(
        self, request: pb.CancelRegistrationRequest, context: Context
    ) -> pb.CancelRegistrationResponse:
        async with self._command(request, context) as work:
            ticket = await tickets.cancel(
                work, self._office, request.code, present_at=self._present_at, now=self._clock()
            )
            work.answer(pb.CancelRegistrationResponse(ticket=wire.ticket_message(ticket, None)))
        return pb.CancelRegistrationResponse(ticket=self._message(ticket))

    async def ResendTicket(self, request: pb.ResendTicketRequest, context: Context) -> pb.ResendTicketResponse:
        email = address("email", request.email)
        async with self._command(request, context) as work:
            event = await self._office.events.public(work, request.event_id)
            await registering.remind(work, event, email, now=self._clock())
            return work.answer(pb.ResendTicketResponse(event_slug=event.slug))

    def _opening(self, hold: registration_pb2.Hold) -> registration_pb2.Hold:
        """A seat kept, with its code: what we keep of an answer only names it."""
        hold.code = self._office.codes.secret_of(hold.code)
        return hold

    def _message(self, ticket: Ticket) -> registration_pb2.Ticket:
        return wire.ticket_message(ticket, self._office.codes)


def _left(pool: Pool) -> registration_pb2.SeatsLeft:
    return registration_pb2.SeatsLeft(session_id=pool.session_id, size=pool.size, free=pool.free)
