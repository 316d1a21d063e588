"""Which booking opens a place, and what somebody may use."""

from dataclasses import replace
from datetime import date

import pytest
from coworking.bookings import domain as bookings
from coworking.bookings.domain import AlreadyCheckedIn, Booking, Cover
from coworking.check_ins import domain
from coworking.check_ins.domain import Answer, CardExpired, CardForged, CardRevoked, NoBookingNow
from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.rights.domain import Entitlement, Right
from village import NOW, TODAY, a_place, a_resource, a_wish, at

PLACE = a_place()
SEAT = a_resource(PLACE)
PAID = Cover(price=Money(cents=900))
UNDER_A_RIGHT = Cover(price=Money(cents=0), entitlement_id="entitlement_1")


def _booking(start: float, end: float, booking_id: str = "booking_1", cover: Cover = PAID) -> Booking:
    stay = bookings.accept(a_wish(SEAT, start=start, end=end), SEAT, PLACE, now=NOW)
    return bookings.confirm(stay, cover, unit=1, booking_id=booking_id, now=NOW)


def _opens(hour: float, *booked: Booking) -> str | None:
    found = domain.opening(booked, PLACE.place_id, at(hour))
    return None if found is None else found.booking_id


@pytest.mark.parametrize(("hour", "opens"), [(8.49, False), (8.5, True), (9, True), (12.99, True), (13, False)])
def test_a_booking_opens_from_half_an_hour_before_until_its_end(hour: float, opens: bool) -> None:
    assert (_opens(hour, _booking(9, 13)) is not None) is opens


def test_a_booking_opens_its_own_place_only() -> None:
    assert domain.opening([_booking(9, 13)], a_place().place_id, at(9)) is None


def test_a_booking_given_back_opens_nothing() -> None:
    assert _opens(9, _booking(9, 13).cancelled()) is None


def test_a_booking_checked_in_goes_on_opening() -> None:
    assert _opens(12, _booking(9, 13).checked_in()) == "booking_1"


def test_what_is_in_course_comes_before_what_is_to_come() -> None:
    now, later = _booking(9, 13, "booking_2"), _booking(13, 14, "booking_1")
    assert _opens(12.75, now, later) == "booking_2"
    assert _opens(12.75, now.checked_in(), later) == "booking_2"
    assert _opens(13, now.checked_in(), later) == "booking_1"


def test_of_two_in_course_the_one_not_yet_marked_is() -> None:
    seat, room = _booking(9, 13, "booking_1"), _booking(10, 12, "booking_2")
    assert _opens(11, seat, room) == "booking_1"
    assert _opens(11, seat.checked_in(), room) == "booking_2"


def test_a_presence_counts_half_days_under_a_right_only() -> None:
    assert domain.presence(_booking(9, 18), "checkin_1", now=at(9)).half_days == 0
    assert domain.presence(_booking(9, 18, cover=UNDER_A_RIGHT), "checkin_1", now=at(9)).half_days == 2


def test_staff_may_note_a_presence_until_half_a_day_later() -> None:
    booking = _booking(9, 13)
    for hour in (8.5, 13, 24.99):
        domain.check_known_presence(booking, at(hour))
    for hour in (8.49, 25):
        with pytest.raises(NoBookingNow):
            domain.check_known_presence(booking, at(hour))


def test_staff_notes_a_presence_once_and_none_of_a_booking_given_back() -> None:
    with pytest.raises(AlreadyCheckedIn):
        domain.check_known_presence(_booking(9, 13).checked_in(), at(9))
    with pytest.raises(NoBookingNow):
        domain.check_known_presence(_booking(9, 13).cancelled(), at(9))


RIGHT = Right(
    entitlement=Entitlement(
        entitlement_id="entitlement_1",
        person_id="person_1",
        agreement_id="agreement_1",
        home="inter-made",
        kind=ResourceKind.NOMAD_SEAT,
        half_days_per_month=8,
        price=Money(cents=600),
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        version=1,
    ),
    taken={"2026-11": 3},
)


def test_who_holds_no_right_is_told_no_and_no_more() -> None:
    assert domain.answer([], ResourceKind.NOMAD_SEAT, TODAY) == Answer(entitled=False)
    assert domain.answer([RIGHT], ResourceKind.DESK, TODAY) == Answer(entitled=False)


def test_who_holds_a_right_is_told_until_when_and_how_much_is_left() -> None:
    answer = domain.answer([RIGHT], ResourceKind.NOMAD_SEAT, TODAY)
    assert answer == Answer(entitled=True, until=date(2026, 12, 31), half_days_left=5)


def test_several_rights_count_together_and_one_without_end_has_none() -> None:
    endless = replace(RIGHT, entitlement=replace(RIGHT.entitlement, ends_on=None), taken={})
    answer = domain.answer([RIGHT, endless], ResourceKind.NOMAD_SEAT, TODAY)
    assert answer == Answer(entitled=True, until=None, half_days_left=13)


def test_the_reasons_are_those_of_the_contract() -> None:
    refusals = (CardForged, CardExpired, CardRevoked, NoBookingNow)
    assert [refusal.reason for refusal in refusals] == ["CARD_FORGED", "CARD_EXPIRED", "CARD_REVOKED", "NO_BOOKING_NOW"]
