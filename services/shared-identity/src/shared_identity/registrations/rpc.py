"""The front door for organisers; `rpc_visitors` is the one for everybody else."""

from groupement.shared_identity.v1 import registration_service_pb2 as pb
from servicekit.caller import current_caller
from servicekit.rpc.callers import Context
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Work

from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access
from shared_identity.joint_events.standing import Standing
from shared_identity.registrations import inviting, listing, organising, wire
from shared_identity.registrations.rpc_visitors import VisitorRpc
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Seats
from shared_identity.seats.wire import pool_message


class RegistrationRpc(VisitorRpc):
    """Answers RegistrationService; `present_at` tells who is in at the door of an event."""

    async def GetPools(self, request: pb.GetPoolsRequest, _context: Context) -> pb.GetPoolsResponse:
        async with self._db.reading() as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            seats = await _seats_known(work, event, standing)
        return pb.GetPoolsResponse(pools=map(pool_message, seats.pools))

    async def SetCapacity(self, request: pb.SetCapacityRequest, context: Context) -> pb.SetCapacityResponse:
        async with self._command(request, context) as work:
            event, _ = await _standing(work, request.event_id, Access.MANAGE)
            held = await organising.set_capacity(work, self._office, event, request.size, now=self._clock())
            return work.answer(pb.SetCapacityResponse(pools=map(pool_message, held)))

    async def SetSessionCapacity(
        self, request: pb.SetSessionCapacityRequest, context: Context
    ) -> pb.SetSessionCapacityResponse:
        async with self._command(request, context) as work:
            event, _ = await _standing(work, request.event_id, Access.MANAGE)
            held = await organising.set_session_capacity(
                work, self._office, event, request.session_id, request.size, now=self._clock()
            )
            return work.answer(pb.SetSessionCapacityResponse(pools=map(pool_message, held)))

    async def SetAllocation(self, request: pb.SetAllocationRequest, context: Context) -> pb.SetAllocationResponse:
        release_at = wire.release_time(request)
        async with self._command(request, context) as work:
            event, _ = await _standing(work, request.event_id, Access.MANAGE)
            held = await organising.set_allocation(
                work,
                self._office,
                event,
                request.organiser_id,
                request.size,
                release_at=release_at,
                open_to_members=request.open_to_members,
                now=self._clock(),
            )
            return work.answer(pb.SetAllocationResponse(pools=map(pool_message, held)))

    async def Invite(self, request: pb.InviteRequest, context: Context) -> pb.InviteResponse:
        async with self._command(request, context) as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            sent = await inviting.invite(
                work,
                self._office,
                event,
                standing.organiser_id,
                request.emails,
                request.message,
                now=self._clock(),
            )
            return work.answer(pb.InviteResponse(invitations=map(wire.invitation_message, sent)))

    async def ListInvitations(
        self, request: pb.ListInvitationsRequest, _context: Context
    ) -> pb.ListInvitationsResponse:
        asked = page(request)
        before = after(asked, str) or ""
        async with self._db.reading() as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            found = await inviting.of_organiser(
                work, event.event_id, standing.organiser_id, before=before, limit=asked.size + 1
            )
        shown, token = cut(request, asked, found, lambda sent: (sent.invitation_id,))
        return pb.ListInvitationsResponse(invitations=map(wire.invitation_message, shown), next_page_token=token)

    async def RevokeInvitation(
        self, request: pb.RevokeInvitationRequest, context: Context
    ) -> pb.RevokeInvitationResponse:
        async with self._command(request, context) as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            gone = await inviting.revoke(work, event, standing.organiser_id, request.invitation_id)
            return work.answer(pb.RevokeInvitationResponse(invitation=wire.invitation_message(gone)))

    async def ListRegistrations(
        self, request: pb.ListRegistrationsRequest, _context: Context
    ) -> pb.ListRegistrationsResponse:
        asked, choice = page(request), wire.choice(request)
        start = after(asked, _name_key)
        async with self._db.reading() as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            found = await listing.own(
                work, event.event_id, standing.organiser_id, choice, after=start, most=asked.size + 1
            )
            ids = [held.registration_id for held in found]
            present = await self._present_at(work, event.event_id, ids)
        shown, token = cut(request, asked, found, listing.name_key)
        listed = [wire.registration_message(held, present=held.registration_id in present) for held in shown]
        return pb.ListRegistrationsResponse(registrations=listed, next_page_token=token)

    async def CountRegistrations(
        self, request: pb.CountRegistrationsRequest, _context: Context
    ) -> pb.CountRegistrationsResponse:
        async with self._db.reading() as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            counts = await organising.counts(work, event.event_id, standing.organiser_id)
            seats = await _seats_known(work, event, standing)
        return wire.counts_message(counts, seats)

    async def WithdrawRegistration(
        self, request: pb.WithdrawRegistrationRequest, context: Context
    ) -> pb.WithdrawRegistrationResponse:
        async with self._command(request, context) as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            gone = await organising.withdraw(
                work,
                self._office,
                event,
                standing.organiser_id,
                request.registration_id,
                present_at=self._present_at,
                now=self._clock(),
            )
            return work.answer(
                pb.WithdrawRegistrationResponse(registration=wire.registration_message(gone, present=False))
            )

    async def SendMessage(self, request: pb.SendMessageRequest, context: Context) -> pb.SendMessageResponse:
        choice = wire.recipients(request)
        async with self._command(request, context) as work:
            event, standing = await _standing(work, request.event_id, Access.OWN_REGISTRANTS)
            written = await organising.write_to_own(
                work,
                event,
                standing.organiser_id,
                choice,
                subject=request.subject,
                text=request.text,
                now=self._clock(),
            )
            return work.answer(pb.SendMessageResponse(recipients=written))


async def _standing(work: Work, event_id: str, at_least: Access) -> tuple[JointEvent, Standing]:
    return await joint_events.standing(work, current_caller(), event_id, at_least=at_least)


def _name_key(name: str, registration_id: str) -> listing.NameKey:
    return name, registration_id


async def _seats_known(work: Work, event: JointEvent, standing: Standing) -> Seats:
    """The seats of an event, as far as they may be known: whoever sets allocations knows them all."""
    seats = Seats.of(await pools.of_event(work, event.event_id))
    return seats if standing.access >= Access.MANAGE else seats.known_to(standing.organiser_id)
