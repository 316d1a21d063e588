"""Front door of bookings: message -> use case -> message."""

from collections.abc import Callable
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

from groupement.coworking.v1 import booking_service_pb2 as pb
from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceServicer
from servicekit.caller import Caller, current_caller
from servicekit.clock import Clock
from servicekit.fields import day, first_of_month
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, page
from servicekit.sql import Database

from coworking.bookings import usecases, wire
from coworking.places.wire import place_id, place_message
from coworking.rights import usecases as rights
from coworking.rights.wire import right_message
from coworking.spans import day_at, month_of

Changed = Callable[[str], None]
"""Told a person's id once a booking of theirs has changed and is committed."""

_STAFF = "COMMUNITY_MANAGER"


class BookingRpc(BookingServiceServicer):
    """Answers BookingService."""

    def __init__(self, db: Database, commands: Commands, *, clock: Clock, zone: ZoneInfo, changed: Changed) -> None:
        self._db = db
        self._command = commands
        self._clock = clock
        self._zone = zone
        self._changed = changed

    async def GetDay(self, request: pb.GetDayRequest, _context: object) -> pb.GetDayResponse:
        wanted, on = place_id(request.place_id), day("date", request.date)
        async with self._db.reading() as work:
            found = await usecases.day(work, wanted, on)
        resources = [wire.resource_day(resource, openings) for resource, openings in found.openings]
        return pb.GetDayResponse(place=place_message(found.place), resources=resources)

    async def QuoteBooking(self, request: pb.QuoteBookingRequest, _context: object) -> pb.QuoteBookingResponse:
        wish = wire.quote_wish(request, current_caller().person())
        async with self._db.reading() as work:
            return wire.quote_message(await usecases.quote(work, wish, now=self._clock()))

    async def Book(self, request: pb.BookRequest, context: object) -> pb.BookResponse:
        async with self._command(request, context) as work:
            wish = wire.booking_wish(request, current_caller().person())
            booking = await usecases.book(work, wish, now=self._clock())
            work.after_commit(partial(self._changed, booking.person_id))
            return work.answer(pb.BookResponse(booking=wire.booking_message(booking)))

    async def CancelBooking(self, request: pb.CancelBookingRequest, context: object) -> pb.CancelBookingResponse:
        async with self._command(request, context) as work:
            by = _on_whose_behalf(current_caller())
            booking = await usecases.cancel(work, wire.booking_id(request.booking_id), by=by, now=self._clock())
            work.after_commit(partial(self._changed, booking.person_id))
            return work.answer(pb.CancelBookingResponse(booking=wire.booking_message(booking)))

    async def ListMyBookings(self, request: pb.ListMyBookingsRequest, _context: object) -> pb.ListMyBookingsResponse:
        wanted, now, person_id = page(request), self._clock(), current_caller().person()
        mark = after(wanted, wire.bookmark)
        async with self._db.reading() as work:
            found = await usecases.list_of_person(
                work, person_id, mark, upcoming_only=request.upcoming_only, now=now, most=wanted.size + 1
            )
        as_of = mark.as_of if mark else now
        kept, token = cut(request, wanted, found, lambda booking: wire.bookmark_texts(booking, as_of))
        return pb.ListMyBookingsResponse(bookings=map(wire.booking_message, kept), next_page_token=token)

    async def ListMyRights(self, request: pb.ListMyRightsRequest, _context: object) -> pb.ListMyRightsResponse:
        person_id = current_caller().person()
        first = first_of_month("month", request.month) if request.month else self._today().replace(day=1)
        async with self._db.reading() as work:
            held = await rights.rights_during(work, person_id, first)
        return pb.ListMyRightsResponse(rights=[right_message(right, month_of(first)) for right in held])

    async def ListDayBookings(self, request: pb.ListDayBookingsRequest, _context: object) -> pb.ListDayBookingsResponse:
        wanted, place, on = page(request), place_id(request.place_id), day("date", request.date)
        start = after(wanted, wire.booking_key)
        async with self._db.reading() as work:
            found = await usecases.list_of_day(work, place, on, after=start, most=wanted.size + 1)
        kept, token = cut(request, wanted, found, wire.booking_key_texts)
        return pb.ListDayBookingsResponse(bookings=map(wire.booking_message, kept), next_page_token=token)

    def _today(self) -> date:
        return day_at(self._clock(), self._zone)


def _on_whose_behalf(caller: Caller) -> str | None:
    """The person whose bookings may be cancelled; None, anybody's, for staff who run the place."""
    return None if _STAFF in caller.roles else caller.person()
