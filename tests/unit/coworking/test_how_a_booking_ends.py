"""A booking is given back or its holder comes, not both."""

import pytest
from coworking.bookings import domain
from coworking.bookings.domain import AlreadyCheckedIn, Booking, BookingState, Cover, Coverage
from coworking.money import Money
from village import NOW, a_place, a_resource, a_wish


def _booking(cover: Cover) -> Booking:
    place = a_place()
    stay = domain.accept(a_wish(a_resource(place)), a_resource(place), place, now=NOW)
    return domain.confirm(stay, cover, unit=1, booking_id="booking_1", now=NOW)


PAID = Cover(price=Money(cents=900))


def test_each_change_is_a_version() -> None:
    booking = _booking(PAID)
    assert (booking.state, booking.version) == (BookingState.CONFIRMED, 1)
    assert (booking.cancelled().state, booking.cancelled().version) == (BookingState.CANCELLED, 2)
    assert (booking.checked_in().state, booking.checked_in().version) == (BookingState.CHECKED_IN, 2)


def test_who_came_cannot_give_it_back_nor_come_again() -> None:
    came = _booking(PAID).checked_in()
    with pytest.raises(AlreadyCheckedIn):
        came.cancelled()
    with pytest.raises(AlreadyCheckedIn):
        came.checked_in()


def test_what_pays_is_the_price_unless_a_right_does() -> None:
    assert PAID.coverage is Coverage.PRICE
    assert Cover(price=Money(cents=0), entitlement_id="entitlement_1").coverage is Coverage.ENTITLEMENT
