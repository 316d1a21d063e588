"""Front door of the door: checks answer from memory, coming in is a command."""

from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from groupement.coworking.v1 import check_in_service_pb2 as pb
from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceServicer
from servicekit.clock import Clock
from servicekit.fields import day
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from coworking.bookings.wire import booking_id, booking_message
from coworking.check_ins import domain, usecases, wire
from coworking.check_ins.cards import CardReader
from coworking.check_ins.domain import Card, CardRevoked
from coworking.check_ins.memory import DoorMemory
from coworking.places.wire import kind, place_id
from coworking.spans import day_at


class CheckInRpc(CheckInServiceServicer):
    """Answers CheckInService."""

    def __init__(
        self,
        db: Database,
        commands: Commands,
        *,
        cards: CardReader,
        memory: DoorMemory,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._db = db
        self._command = commands
        self._cards = cards
        self._memory = memory
        self._clock = clock
        self._zone = zone

    async def CheckCard(self, request: pb.CheckCardRequest, _context: object) -> pb.CheckCardResponse:
        card = self._card(request.card_code)
        file = await self._memory.file_of(card.person_id)
        opened = domain.opening(file.bookings, request.place_id, self._clock())
        if opened is None:
            return pb.CheckCardResponse(person_id=card.person_id)
        return pb.CheckCardResponse(person_id=card.person_id, admitted=True, booking_id=opened.booking_id)

    async def CheckEntitlement(
        self, request: pb.CheckEntitlementRequest, _context: object
    ) -> pb.CheckEntitlementResponse:
        wanted = kind(request.resource_kind, "resource_kind")
        on = day("date", request.date) if request.date else self._today()
        file = await self._memory.file_of(wire.person_id(request.person_id))
        return wire.answer_message(domain.answer(file.rights, wanted, on))

    async def CheckInByCard(self, request: pb.CheckInByCardRequest, context: object) -> pb.CheckInByCardResponse:
        card = self._card(request.card_code)
        async with self._command(request, context) as work:
            came, booking = await usecases.check_in_by_card(work, card, place_id(request.place_id), now=self._clock())
            work.after_commit(partial(self._memory.forget, came.person_id))
            return work.answer(
                pb.CheckInByCardResponse(check_in=wire.check_in_message(came), booking=booking_message(booking))
            )

    async def CheckInBooking(self, request: pb.CheckInBookingRequest, context: object) -> pb.CheckInBookingResponse:
        async with self._command(request, context) as work:
            came, booking = await usecases.check_in_booking(work, booking_id(request.booking_id), now=self._clock())
            work.after_commit(partial(self._memory.forget, came.person_id))
            return work.answer(
                pb.CheckInBookingResponse(check_in=wire.check_in_message(came), booking=booking_message(booking))
            )

    async def ListCheckIns(self, request: pb.ListCheckInsRequest, _context: object) -> pb.ListCheckInsResponse:
        wanted, place, on = page(request), place_id(request.place_id), day("date", request.date)
        start = after(wanted, wire.check_in_key)
        async with self._db.reading() as work:
            found = await usecases.list_of_day(work, place, on, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.check_in_key_texts)
        return pb.ListCheckInsResponse(check_ins=map(wire.check_in_message, kept), next_page_token=token)

    def _card(self, code: str) -> Card:
        """A card that is good; raises CardForged, CardExpired, CardRevoked."""
        card = self._cards.read(code, self._clock())
        if self._memory.is_revoked(card.card_id):
            raise CardRevoked(field="card_code")
        return card

    def _today(self) -> date:
        return day_at(self._clock(), self._zone)
