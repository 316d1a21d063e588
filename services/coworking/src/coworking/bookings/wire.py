"""Bookings between domain and protobuf: requests in, messages and facts out."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1 import booking_pb2, booking_service_pb2, events_pb2
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.fields import FieldMissing
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid
from servicekit.rpc.paging import instant as key_instant
from servicekit.timestamps import InstantMalformed, instant, timestamp

from coworking.bookings.domain import (
    Booking,
    BookingState,
    BookingWish,
    Bookmark,
    Coverage,
    OffTheGrid,
    Opening,
    Quote,
    UnknownBooking,
)
from coworking.places.domain import Resource, UnknownResource
from coworking.places.wire import money_message, resource_message
from coworking.rights.wire import right_message
from coworking.spans import Span, month_of

_STATES = {state: booking_pb2.BookingState.Value(f"BOOKING_STATE_{state}") for state in BookingState}
_COVERAGE_NUMBERS = {coverage: booking_pb2.Coverage.Value(f"COVERAGE_{coverage}") for coverage in Coverage}
_COVERAGES: dict[int, Coverage | None] = {number: coverage for coverage, number in _COVERAGE_NUMBERS.items()}
_COVERAGES[booking_pb2.COVERAGE_UNSPECIFIED] = None
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
_OVER = "over"


class CoverageUnknown(Invalid):
    """This way of paying does not exist."""


def booking_wish(request: booking_service_pb2.BookRequest, person_id: str) -> BookingWish:
    """What a person asks for; raises Invalid naming the field, UnknownResource."""
    if request.coverage not in _COVERAGES:
        raise CoverageUnknown(field="coverage")
    return BookingWish(
        resource_id=_resource_id(request.resource_id),
        person_id=person_id,
        span=_span(request),
        coverage=_COVERAGES[request.coverage],
    )


def quote_wish(request: booking_service_pb2.QuoteBookingRequest, person_id: str) -> BookingWish:
    """What a person asks the price of; raises Invalid naming the field, UnknownResource."""
    return BookingWish(resource_id=_resource_id(request.resource_id), person_id=person_id, span=_span(request))


def booking_id(text: str) -> str:
    """The id of a booking; raises UnknownBooking on what cannot be one."""
    if not is_id(text, "booking"):
        raise UnknownBooking(field="booking_id")
    return text


def booking_message(of: Booking) -> booking_pb2.Booking:
    """A booking as a message."""
    return booking_pb2.Booking(
        booking_id=of.booking_id,
        resource_id=of.resource_id,
        unit=of.unit,
        person_id=of.person_id,
        start_time=timestamp(of.span.start),
        end_time=timestamp(of.span.end),
        state=_STATES[of.state],
        coverage=coverage_number(of.cover.coverage),
        price=money_message(of.cover.price),
        entitlement_id=of.cover.entitlement_id or "",
        half_days=of.half_days,
        create_time=timestamp(of.created_at),
        etag=etag(of.version),
    )


def coverage_number(of: Coverage) -> booking_pb2.Coverage.ValueType:
    """A coverage as a message says it."""
    return _COVERAGE_NUMBERS[of]


def quote_message(quote: Quote) -> booking_service_pb2.QuoteBookingResponse:
    """What a booking would cost, as a message."""
    message = booking_service_pb2.QuoteBookingResponse(
        coverage=coverage_number(quote.cover.coverage),
        price=money_message(quote.cover.price),
        half_days=quote.stay.half_days,
    )
    if quote.right is not None:
        message.right.CopyFrom(right_message(quote.right, month_of(quote.stay.day)))
    return message


def resource_day(resource: Resource, openings: Iterable[Opening]) -> booking_service_pb2.ResourceDay:
    """A day of one space as a message."""
    return booking_service_pb2.ResourceDay(
        resource=resource_message(resource), openings=[_opening_message(opening) for opening in openings]
    )


def booking_confirmed(of: Booking, *, at: datetime) -> Fact:
    """Says that a space is held."""
    confirmed = events_pb2.BookingConfirmed(
        booking_id=of.booking_id,
        resource_id=of.resource_id,
        person_id=of.person_id,
        start_time=timestamp(of.span.start),
        end_time=timestamp(of.span.end),
    )
    return fact(confirmed, aggregate_id=of.booking_id, version=of.version, at=at)


def booking_cancelled(of: Booking, *, at: datetime) -> Fact:
    """Says that a space was given back."""
    cancelled = events_pb2.BookingCancelled(booking_id=of.booking_id)
    return fact(cancelled, aggregate_id=of.booking_id, version=of.version, at=at)


def booking_checked_in(of: Booking, check_in_id: str, *, at: datetime) -> Fact:
    """Says that the holder of a booking came."""
    came = events_pb2.BookingCheckedIn(booking_id=of.booking_id, check_in_id=check_in_id)
    return fact(came, aggregate_id=of.booking_id, version=of.version, at=at)


def bookmark(as_of: str, over: str, start: str, last_id: str) -> Bookmark:
    """A bookmark out of a page token; raises ValueError."""
    return Bookmark(as_of=key_instant(as_of), over=over == _OVER, start=key_instant(start), booking_id=last_id)


def bookmark_texts(after: Booking, as_of: datetime) -> tuple[str, ...]:
    """The bookmark after a booking, as a page token carries it."""
    over = _OVER if after.span.end <= as_of else ""
    return (as_of.isoformat(), over, *booking_key_texts(after))


def booking_key(start: str, last_id: str) -> tuple[datetime, str]:
    """The key of a booking out of a page token; raises ValueError."""
    return key_instant(start), last_id


def booking_key_texts(after: Booking) -> tuple[str, str]:
    """The key of a booking, as a page token carries it."""
    return after.span.start.isoformat(), after.booking_id


def _resource_id(text: str) -> str:
    if not is_id(text, "resource"):
        raise UnknownResource(field="resource_id")
    return text


def _span(request: booking_service_pb2.BookRequest | booking_service_pb2.QuoteBookingRequest) -> Span:
    for field in ("start_time", "end_time"):
        if not request.HasField(field):
            raise FieldMissing(field=field)
    return Span(start=_moment("start_time", request.start_time), end=_moment("end_time", request.end_time))


def _moment(field: str, message: Timestamp) -> datetime:
    """An instant; what is finer than a second is off the grid before it is rounded."""
    if message.nanos:
        raise OffTheGrid(field=field)
    moment = instant(field, message)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise InstantMalformed(field=field)
    return moment


def _opening_message(opening: Opening) -> booking_service_pb2.Opening:
    return booking_service_pb2.Opening(
        start_time=timestamp(opening.span.start),
        end_time=timestamp(opening.span.end),
        free_units=opening.free_units,
    )
