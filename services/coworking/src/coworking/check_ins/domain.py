"""The door: what a card opens, when, and what a presence counts for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from servicekit.refusals import Conflict, Unauthenticated

from coworking.bookings.domain import AlreadyCheckedIn, Booking, BookingState
from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.rights.domain import Right

EARLY = timedelta(minutes=30)
"""How long before a booking starts its holder may come in."""

LATE = timedelta(hours=12)
"""How long after a booking ended staff may still note that its holder came."""


class CardForged(Unauthenticated):
    """This is not a card of the groupement."""


class CardExpired(Unauthenticated):
    """This card has expired: its holder can take a fresh one from their page."""


class CardRevoked(Unauthenticated):
    """This card was replaced and opens nothing any more."""


class NoBookingNow(Conflict):
    """Nothing is booked here for this person now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """What a genuine card says."""

    card_id: str
    person_id: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckIn:
    """A presence; `half_days` is what it counts for against a right, zero when the person pays."""

    check_in_id: str
    place_id: str
    person_id: str
    booking_id: str
    at: datetime
    half_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """One use of a right, and what the home structure owes for it; `day` is the day at the place."""

    usage_id: str
    booking_id: str
    entitlement_id: str
    half_days: int
    day: date
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a person may use of a kind of space on a day; `until` is None when no end is known."""

    entitled: bool
    until: date | None = None
    half_days_left: int = 0


def opening(bookings: Iterable[Booking], place_id: str, now: datetime) -> Booking | None:
    """The booking that opens a place now: one in course first, not yet checked in first, the earliest first."""
    able = [booking for booking in bookings if booking.place_id == place_id and _opens(booking, now)]
    return min(able, key=lambda booking: _preference(booking, now), default=None)


def presence(booking: Booking, check_in_id: str, *, now: datetime) -> CheckIn:
    """The presence of a booking's holder."""
    return CheckIn(
        check_in_id=check_in_id,
        place_id=booking.place_id,
        person_id=booking.person_id,
        booking_id=booking.booking_id,
        at=now,
        half_days=booking.half_days if booking.cover.entitlement_id else 0,
    )


def check_known_presence(booking: Booking, now: datetime) -> None:
    """Refuse to note a presence by hand: twice (AlreadyCheckedIn), or far from its booking (NoBookingNow)."""
    if booking.state is BookingState.CHECKED_IN:
        raise AlreadyCheckedIn(field="booking_id")
    if booking.state is BookingState.CANCELLED or not _around(booking, now, late=LATE):
        raise NoBookingNow(field="booking_id")


def answer(rights: Sequence[Right], kind: ResourceKind, day: date) -> Answer:
    """What a person's rights open, several taken together."""
    able = [right for right in rights if right.covers(kind, day)]
    if not able:
        return Answer(entitled=False)
    last = max(right.entitlement.last_day for right in able)
    until = None if last == date.max else last
    return Answer(entitled=True, until=until, half_days_left=sum(right.left_on(day) for right in able))


def _opens(booking: Booking, now: datetime) -> bool:
    return booking.state is not BookingState.CANCELLED and _around(booking, now, late=timedelta(0))


def _around(booking: Booking, now: datetime, *, late: timedelta) -> bool:
    return booking.span.start - EARLY <= now < booking.span.end + late


def _preference(booking: Booking, now: datetime) -> tuple[bool, bool, datetime, str]:
    to_come = now < booking.span.start
    return to_come, booking.state is BookingState.CHECKED_IN, booking.span.start, booking.booking_id
