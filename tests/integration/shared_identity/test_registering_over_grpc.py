"""RegistrationService over real gRPC: a visitor, a member and two organisers, each by their own way in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from engines import Databases
from evening import BEFORE, FEEDING, LODGING, TERMS, Hall, enrol, prepare
from gathering import DIRECTOR, EVENT, LEAD, MEMBER, MUTUAL, PARTNER, SECOND, address
from greeting import House
from groupement.shared_identity.v1 import registration_pb2 as pb
from groupement.shared_identity.v1 import registration_service_pb2 as service_pb
from groupement.shared_identity.v1.registration_service_pb2_grpc import (
    RegistrationServiceStub,
    add_RegistrationServiceServicer_to_server,
)
from identity import CODES, letters
from reciprocity import NORTH, SHARED_IDENTITY, SOUTH, WEST, somebody
from servicekit.refusals import Conflict, Denied, Exhausted, Invalid, NotFound, Refusal, Unauthenticated
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.timestamps import timestamp
from shared_identity.mail.domain import Kind
from shared_identity.people import usecases as people
from shared_identity.registrations.office import Office
from shared_identity.registrations.rpc import RegistrationRpc
from shared_identity.registrations.usecases import present
from shared_identity.schema import METADATA

PORTAL = "portal@groupement"
ADA, BOB = "ada@demo.example", "bob@demo.example"


class Evening(Hall):
    """RegistrationService, served; and whoever calls it."""

    house: House
    server: Server

    @property
    def stub(self) -> Any:
        """The service, called by the portal."""
        channel = channels.channel(self.server.address, SHARED_IDENTITY, self.house.tls(PORTAL))
        self.house.opened.append(channel)
        return RegistrationServiceStub(channel)

    def as_(self, structure: str, *roles: str, person: str = DIRECTOR) -> dict[str, Any]:
        """The options of a call in a person's name, acting for a structure."""
        return {"metadata": channels.credentials(self.house.token(person, structure, roles))}

    async def last_code(self, email: str) -> str:
        """What the last letter to an address opens."""
        async with self.database.reading() as work:
            return CODES.secret_of([each.code_id for each in await letters(work) if each.recipient == email][-1])


@pytest_asyncio.fixture
async def evening(databases: Databases, tmp_path: Path) -> AsyncIterator[Evening]:
    """An evening of four seats, a member, and people who direct the north and the south."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    await prepare(database)
    async with database.work() as work:
        await enrol(work, MEMBER, NORTH)
        for person_id in (DIRECTOR, PARTNER):
            await people.install(work, somebody(person_id))
    served = Evening(database=database, office=Office(codes=CODES, terms=TERMS), now=BEFORE)
    served.house = House(tmp_path)
    rpc = RegistrationRpc(database, served.office, clock=lambda: served.now, present_at=present)
    added = add_RegistrationServiceServicer_to_server
    served.server = served.house.server(SHARED_IDENTITY.instance, [(added, rpc)], staff=trusting_the_token)
    await served.server.start()
    served.house.servers.append(served.server)
    yield served
    await served.house.close()


def attendee(email: str, **more: Any) -> pb.Attendee:
    return pb.Attendee(
        given_name=email.partition("@")[0],
        family_name="Essai",
        email=email,
        profile=pb.REGISTRANT_PROFILE_CITIZEN,
        **more,
    )


async def registered(evening: Evening, email: str, *session_ids: str, **more: Any) -> str:
    """Somebody registers; gives the code of their ticket."""
    hold = (await evening.stub.HoldSeat(service_pb.HoldSeatRequest(event_id=EVENT, visitor=email))).hold
    request = service_pb.ConfirmRegistrationRequest(
        code=hold.code, attendee=attendee(email, **more), session_ids=session_ids, arrangement_version=1
    )
    assert (await evening.stub.ConfirmRegistration(request)).event_slug == "une-soiree"
    return await evening.last_code(email)


async def refused(call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value


async def test_a_visitor_registers_moves_and_gives_the_seat_back(evening: Evening) -> None:
    stub = evening.stub
    before = await stub.GetAvailability(service_pb.GetAvailabilityRequest(event_id=EVENT))
    assert (before.size, before.free, before.waiting, before.open) == (4, 4, 0, True)
    code = await registered(evening, ADA, LODGING, access_needs="une rampe")
    ticket = (await stub.GetTicket(service_pb.GetTicketRequest(code=code))).ticket
    assert (ticket.state, ticket.code, ticket.event_slug) == (pb.REGISTRATION_STATE_CONFIRMED, code, "une-soiree")
    moved = await stub.ChangeSessions(service_pb.ChangeSessionsRequest(code=code, session_ids=[FEEDING]))
    assert list(moved.ticket.session_ids) == [FEEDING]
    gone = await stub.CancelRegistration(service_pb.CancelRegistrationRequest(code=code))
    assert gone.ticket.state == pb.REGISTRATION_STATE_CANCELLED
    after = await stub.GetAvailability(service_pb.GetAvailabilityRequest(event_id=EVENT))
    assert (after.free, [room.free for room in after.sessions]) == (4, [2, 2, 2])


async def test_asking_for_a_seat_again_gives_the_same_and_takes_no_other(evening: Evening) -> None:
    request = service_pb.HoldSeatRequest(event_id=EVENT, visitor="v", request_id="once")
    first, again = await evening.stub.HoldSeat(request), await evening.stub.HoldSeat(request)
    assert first == again
    assert (await evening.pool()).taken == 1
    async with evening.database.reading() as work:
        kept = (await work.connection.exec_driver_sql("SELECT response FROM answer")).scalars().all()
    assert [first.hold.code.encode() in bytes(answer) for answer in kept] == [False]
    read = await evening.stub.GetHold(service_pb.GetHoldRequest(code=first.hold.code))
    assert read.hold == first.hold
    released = await evening.stub.ReleaseHold(service_pb.ReleaseHoldRequest(code=first.hold.code))
    assert released.event_slug == "une-soiree"
    gone = await refused(evening.stub.GetHold(service_pb.GetHoldRequest(code=first.hold.code)))
    assert (isinstance(gone, NotFound), gone.reason) == (True, "UNKNOWN_HOLD")


async def test_who_waits_is_offered_a_seat_takes_it_or_comes_back_at_the_end(evening: Evening) -> None:
    stub = evening.stub
    codes = [await registered(evening, f"guest{number}@demo.example") for number in range(4)]
    full = await refused(stub.HoldSeat(service_pb.HoldSeatRequest(event_id=EVENT)))
    assert (isinstance(full, Exhausted), full.reason) == (True, "EVENT_FULL")
    for email in (ADA, BOB):
        evening.now += timedelta(seconds=1)
        await stub.JoinWaitingList(service_pb.JoinWaitingListRequest(event_id=EVENT, attendee=attendee(email)))
    ada, bob = await evening.last_code(ADA), await evening.last_code(BOB)
    waiting = (await stub.GetTicket(service_pb.GetTicketRequest(code=bob))).ticket
    assert (waiting.waiting_position, waiting.code) == (2, "")
    await stub.CancelRegistration(service_pb.CancelRegistrationRequest(code=codes[0]))
    offered = (await stub.GetTicket(service_pb.GetTicketRequest(code=ada))).ticket
    assert (offered.state, offered.HasField("offer_expire_time")) == (pb.REGISTRATION_STATE_OFFERED, True)
    declined = (await stub.DeclineOffer(service_pb.DeclineOfferRequest(code=ada))).ticket
    assert declined.state == pb.REGISTRATION_STATE_LAPSED
    taken = (await stub.AcceptOffer(service_pb.AcceptOfferRequest(code=bob))).ticket
    assert taken.state == pb.REGISTRATION_STATE_CONFIRMED
    back = (await stub.RejoinWaitingList(service_pb.RejoinWaitingListRequest(code=ada))).ticket
    assert back.waiting_position == 1


async def test_a_ticket_is_handed_over_and_sent_again(evening: Evening) -> None:
    stub = evening.stub
    code = await registered(evening, ADA)
    request = service_pb.TransferTicketRequest(code=code, attendee=attendee(BOB))
    assert (await stub.TransferTicket(request)).event_slug == "une-soiree"
    assert (await refused(stub.GetTicket(service_pb.GetTicketRequest(code=code)))).reason == "UNKNOWN_TICKET"
    for email in (BOB, "nobody@demo.example"):
        sent = await stub.ResendTicket(service_pb.ResendTicketRequest(event_id=EVENT, email=email))
        assert sent.event_slug == "une-soiree"
    async with evening.database.reading() as work:
        written = [(each.recipient, each.kind) for each in await letters(work)]
    assert sorted(written) == [
        (ADA, Kind.TICKET),
        (ADA, Kind.TICKET_TRANSFERRED),
        (BOB, Kind.TICKET),
        (BOB, Kind.TICKET),
    ]


async def test_what_is_typed_wrong_names_its_field(evening: Evening) -> None:
    hold = (await evening.stub.HoldSeat(service_pb.HoldSeatRequest(event_id=EVENT))).hold
    request = service_pb.ConfirmRegistrationRequest(code=hold.code, attendee=attendee("nowhere"))
    wrong = await refused(evening.stub.ConfirmRegistration(request))
    assert isinstance(wrong, Invalid)
    assert (wrong.reason, wrong.field) == ("EMAIL_MALFORMED", "attendee.email")


async def test_a_member_registers_in_one_go_and_finds_the_ticket(evening: Evening) -> None:
    stub, member = evening.stub, evening.as_(NORTH, "MEMBER", person=MEMBER)
    request = service_pb.RegisterMeRequest(event_id=EVENT, session_ids=[LODGING], request_id="once")
    ticket = (await stub.RegisterMe(request, **member)).ticket
    assert (ticket.attendee.email, ticket.state) == (address(MEMBER), pb.REGISTRATION_STATE_CONFIRMED)
    assert (await stub.GetTicket(service_pb.GetTicketRequest(code=ticket.code))).ticket == ticket
    again = (await stub.RegisterMe(request, **member)).ticket
    assert (again.registration_id, again.code) == (ticket.registration_id, "")
    twice = await refused(stub.RegisterMe(service_pb.RegisterMeRequest(event_id=EVENT), **member))
    assert (isinstance(twice, Conflict), twice.reason) == (True, "ALREADY_REGISTERED")
    mine = await stub.ListMyTickets(service_pb.ListMyTicketsRequest(upcoming_only=True), **member)
    assert list(mine.tickets) == [ticket]
    assert isinstance(await refused(stub.RegisterMe(service_pb.RegisterMeRequest(event_id=EVENT))), Unauthenticated)


async def test_an_organiser_sees_its_own_by_name_and_counts_of_the_rest(evening: Evening) -> None:
    stub = evening.stub
    north, south = evening.as_(NORTH, "DIRECTOR"), evening.as_(SOUTH, "EVENT_MANAGER", person=PARTNER)
    member = evening.as_(NORTH, "MEMBER", person=MEMBER)
    wish = pb.Attendee(access_needs="une rampe", diet="sans noix")
    await stub.RegisterMe(service_pb.RegisterMeRequest(event_id=EVENT, attendee=wish), **member)
    await registered(evening, ADA)
    listed = await stub.ListRegistrations(service_pb.ListRegistrationsRequest(event_id=EVENT), **north)
    assert [row.attendee.email for row in listed.registrations] == [address(MEMBER)]
    assert (listed.registrations[0].attendee.access_needs, listed.registrations[0].attendee.diet) == ("", "")
    assert list(listed.registrations[0].bases) == [pb.BASIS_KIND_MEMBER]
    others = await stub.ListRegistrations(service_pb.ListRegistrationsRequest(event_id=EVENT), **south)
    assert not others.registrations
    counted = await stub.CountRegistrations(service_pb.CountRegistrationsRequest(event_id=EVENT), **south)
    assert [(row.state, row.own, row.total) for row in counted.states] == [(pb.REGISTRATION_STATE_CONFIRMED, 0, 2)]
    assert {row.total for row in counted.profiles} == {-1}
    taken = service_pb.WithdrawRegistrationRequest(
        event_id=EVENT, registration_id=listed.registrations[0].registration_id
    )
    assert (await refused(stub.WithdrawRegistration(taken, **south))).reason == "UNKNOWN_REGISTRATION"
    gone = (await stub.WithdrawRegistration(taken, **north)).registration
    assert gone.state == pb.REGISTRATION_STATE_CANCELLED


async def test_seats_kept_for_members_are_told_to_members_alone(evening: Evening) -> None:
    stub, north = evening.stub, evening.as_(NORTH, "DIRECTOR")
    allocation = service_pb.SetAllocationRequest(event_id=EVENT, organiser_id=LEAD, size=3, open_to_members=True)
    await stub.SetAllocation(allocation, **north)
    asked = service_pb.GetAvailabilityRequest(event_id=EVENT)
    hers = await stub.GetAvailability(asked, **evening.as_(SOUTH, person=MEMBER))
    theirs = await stub.GetAvailability(asked, **evening.as_(NORTH, person=PARTNER))
    public = await stub.GetAvailability(asked)
    assert [(each.free, each.kept_for_you) for each in (hers, theirs, public)] == [(1, 3), (1, 0), (1, 0)]


async def test_an_organiser_hands_out_seats_invites_and_writes(evening: Evening) -> None:
    stub, north, south = evening.stub, evening.as_(NORTH, "DIRECTOR"), evening.as_(SOUTH, "ADVISOR", person=PARTNER)
    sized = await stub.SetCapacity(service_pb.SetCapacityRequest(event_id=EVENT, size=6), **north)
    assert sized.pools[0].size == 6
    release = timestamp(BEFORE + timedelta(days=1))
    allocation = service_pb.SetAllocationRequest(event_id=EVENT, organiser_id=SECOND, size=2, release_time=release)
    pools = (await stub.SetAllocation(allocation, **north)).pools
    assert [(pool.kind, pool.size) for pool in pools][:2] == [(pb.POOL_KIND_OPEN, 4), (pb.POOL_KIND_ALLOCATION, 2)]
    denied = await refused(stub.SetAllocation(allocation, **south))
    assert (isinstance(denied, Denied), denied.reason) == (True, "NO_ACCESS_TO_EVENT")
    await stub.SetSessionCapacity(
        service_pb.SetSessionCapacityRequest(event_id=EVENT, session_id=LODGING, size=5), **north
    )
    sent = await stub.Invite(service_pb.InviteRequest(event_id=EVENT, emails=[ADA, BOB], message="Venez."), **south)
    assert [(each.organiser_id, each.email) for each in sent.invitations] == [(SECOND, ADA), (SECOND, BOB)]
    hold = await stub.HoldSeat(service_pb.HoldSeatRequest(event_id=EVENT, invitation_code=await evening.last_code(ADA)))
    assert hold.hold.invited_by == "Le-Sud"
    confirm = service_pb.ConfirmRegistrationRequest(code=hold.hold.code, attendee=attendee(ADA))
    await stub.ConfirmRegistration(confirm)
    listed = await stub.ListInvitations(service_pb.ListInvitationsRequest(event_id=EVENT), **south)
    assert [(each.email, each.used) for each in listed.invitations] == [(BOB, False), (ADA, True)]
    revoke = service_pb.RevokeInvitationRequest(event_id=EVENT, invitation_id=listed.invitations[0].invitation_id)
    await stub.RevokeInvitation(revoke, **south)
    message = service_pb.SendMessageRequest(event_id=EVENT, subject="À lundi", text="Venez tôt.")
    assert (await stub.SendMessage(message, **south)).recipients == 1
    assert (await stub.SendMessage(message, **north)).recipients == 0
    for _ in range(4):
        await stub.SendMessage(message, **south)
    assert (await refused(stub.SendMessage(message, **south))).reason == "TOO_MANY_MESSAGES"
    assert (await stub.GetPools(service_pb.GetPoolsRequest(event_id=EVENT), **south)).pools[1].taken == 1


async def test_what_the_others_hand_out_is_told_together_to_who_does_not_manage(evening: Evening) -> None:
    stub, north, south = evening.stub, evening.as_(NORTH, "DIRECTOR"), evening.as_(SOUTH, "DIRECTOR", person=PARTNER)
    await stub.SetCapacity(service_pb.SetCapacityRequest(event_id=EVENT, size=9), **north)
    release = timestamp(BEFORE + timedelta(days=1))
    for organiser_id, size in ((LEAD, 3), (SECOND, 2), (MUTUAL, 1)):
        allocation = service_pb.SetAllocationRequest(
            event_id=EVENT, organiser_id=organiser_id, size=size, release_time=release, open_to_members=True
        )
        await stub.SetAllocation(allocation, **north)
    await stub.Invite(service_pb.InviteRequest(event_id=EVENT, emails=[ADA]), **north)
    invited = await evening.last_code(ADA)
    await stub.HoldSeat(service_pb.HoldSeatRequest(event_id=EVENT, invitation_code=invited))
    asked = service_pb.GetPoolsRequest(event_id=EVENT)
    every = list((await stub.GetPools(asked, **north)).pools)
    by_organiser = {pool.organiser_id: (pool.size, pool.taken) for pool in every if pool.organiser_id}
    assert by_organiser == {LEAD: (3, 1), SECOND: (2, 0), MUTUAL: (1, 0)}
    told = list((await stub.GetPools(asked, **south)).pools)
    counted = await stub.CountRegistrations(service_pb.CountRegistrationsRequest(event_id=EVENT), **south)
    assert list(counted.pools) == told
    of_others = {LEAD, MUTUAL}
    together = pb.Pool(kind=pb.POOL_KIND_ALLOCATION, size=4, taken=1)
    assert [pool for pool in told if pool != together] == [pool for pool in every if pool.organiser_id not in of_others]
    assert told.count(together) == 1


async def test_without_standing_nobody_reads_a_name_nor_a_count(evening: Evening) -> None:
    stub, west = evening.stub, evening.as_(WEST, "DIRECTOR")
    for call, request in (
        (stub.ListRegistrations, service_pb.ListRegistrationsRequest(event_id=EVENT)),
        (stub.CountRegistrations, service_pb.CountRegistrationsRequest(event_id=EVENT)),
        (stub.GetPools, service_pb.GetPoolsRequest(event_id=EVENT)),
        (stub.ListInvitations, service_pb.ListInvitationsRequest(event_id=EVENT)),
        (stub.Invite, service_pb.InviteRequest(event_id=EVENT, emails=[ADA])),
        (stub.SendMessage, service_pb.SendMessageRequest(event_id=EVENT, subject="a", text="b")),
        (stub.SetCapacity, service_pb.SetCapacityRequest(event_id=EVENT, size=9)),
    ):
        assert (await refused(call(request, **west))).reason == "NO_ACCESS_TO_EVENT"
