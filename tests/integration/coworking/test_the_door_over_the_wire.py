"""CheckInService as doors and staff see it."""

import asyncio
from typing import Any

import pytest
from coworking_house import Running
from groupement.coworking.v1 import booking_pb2, place_pb2
from groupement.coworking.v1 import booking_service_pb2 as booking_pb
from groupement.coworking.v1 import check_in_service_pb2 as pb
from servicekit.identifiers import new_id
from servicekit.refusals import Conflict, Invalid, NotFound, Refusal, Unauthenticated
from village import CAMILLE, JO, at, card_revoked, closed, opened, verbs

RIGHT = "entitlement_01990000000070008000000000000001"
SEAT = place_pb2.RESOURCE_KIND_NOMAD_SEAT


async def _refused(calling: Any, kind: type[Refusal]) -> tuple[str, str]:
    with pytest.raises(kind) as refused:
        await calling
    return refused.value.reason, refused.value.field


def _check(coworking: Running, code: str) -> Any:
    return coworking.door.CheckCard(pb.CheckCardRequest(card_code=code, place_id=coworking.place.place_id))


def _come(coworking: Running, code: str, **rest: Any) -> Any:
    request = pb.CheckInByCardRequest(card_code=code, place_id=coworking.place.place_id, **rest)
    return coworking.door.CheckInByCard(request)


async def test_a_card_opens_a_place_while_its_holder_has_a_booking(coworking: Running) -> None:
    code = coworking.office.code(CAMILLE)
    assert await _check(coworking, code) == pb.CheckCardResponse(person_id=CAMILLE)
    booking = await coworking.book(CAMILLE, 8.25, 13)
    admitted = pb.CheckCardResponse(person_id=CAMILLE, admitted=True, booking_id=booking.booking_id)
    assert await _check(coworking, code) == admitted
    elsewhere = pb.CheckCardRequest(card_code=code, place_id=new_id("place"))
    assert not (await coworking.door.CheckCard(elsewhere)).admitted
    coworking.hands.at = at(13)
    assert not (await _check(coworking, code)).admitted


async def test_a_booking_given_back_opens_nothing_from_the_next_call_on(coworking: Running) -> None:
    code, booking = coworking.office.code(CAMILLE), await coworking.book(CAMILLE, 8.25, 13)
    assert (await _check(coworking, code)).admitted
    cancelling = booking_pb.CancelBookingRequest(booking_id=booking.booking_id)
    await coworking.bookings.CancelBooking(cancelling, **coworking.by(CAMILLE))
    assert not (await _check(coworking, code)).admitted


async def test_a_bad_card_is_refused_by_both_ways_in(coworking: Running) -> None:
    await coworking.book(CAMILLE, 8.25, 13)
    revoked = new_id("card")
    await coworking.ear.hear(card_revoked(revoked), revoked, 1, times=2)
    bad = {
        "CARD_FORGED": "not a card",
        "CARD_EXPIRED": coworking.office.code(CAMILLE, exp=1_700_000_000),
        "CARD_REVOKED": coworking.office.code(CAMILLE, jti=revoked),
    }
    for reason, code in bad.items():
        assert await _refused(_check(coworking, code), Unauthenticated) == (reason, "card_code")
        assert await _refused(_come(coworking, code), Unauthenticated) == (reason, "card_code")


async def test_coming_in_marks_the_booking_and_counts_the_usage_once(coworking: Running) -> None:
    await coworking.ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    code, booking = coworking.office.code(CAMILLE), await coworking.book(CAMILLE, 8.25, 13)
    first = await _come(coworking, code, request_id="first")
    assert await _come(coworking, code, request_id="first") == first
    assert await _come(coworking, code, request_id="second") == first
    assert (first.check_in.booking_id, first.check_in.half_days) == (booking.booking_id, 1)
    assert first.booking.state == booking_pb2.BOOKING_STATE_CHECKED_IN
    assert await verbs(coworking.database) == ["booking_confirmed", "booking_checked_in", "usage_recorded"]
    assert (await _check(coworking, code)).admitted


async def test_cards_shown_at_many_doors_at_once_count_once(coworking: Running) -> None:
    await coworking.ear.hear(opened(RIGHT, CAMILLE), RIGHT, 1)
    code, _ = coworking.office.code(CAMILLE), await coworking.book(CAMILLE, 8.25, 13)
    came = await asyncio.gather(*(_come(coworking, code) for _ in range(10)))
    assert len({one.check_in.check_in_id for one in came}) == 1
    assert (await verbs(coworking.database)).count("usage_recorded") == 1


async def test_without_a_booking_nobody_comes_in(coworking: Running) -> None:
    code = coworking.office.code(CAMILLE)
    assert await _refused(_come(coworking, code), Conflict) == ("NO_BOOKING_NOW", "place_id")
    await coworking.book(CAMILLE, 9, 13)
    assert await _refused(_come(coworking, code), Conflict) == ("NO_BOOKING_NOW", "place_id")
    nowhere = pb.CheckInByCardRequest(card_code=code, place_id="nowhere")
    assert await _refused(coworking.door.CheckInByCard(nowhere), NotFound) == ("UNKNOWN_PLACE", "place_id")


async def test_a_door_is_told_what_a_person_may_use_and_no_more(coworking: Running) -> None:
    request = pb.CheckEntitlementRequest(person_id=CAMILLE, resource_kind=SEAT)
    assert await coworking.door.CheckEntitlement(request) == pb.CheckEntitlementResponse()
    await coworking.ear.hear(opened(RIGHT, CAMILLE, last="2026-12-31"), RIGHT, 1, times=2)
    await coworking.book(CAMILLE, 9, 18)
    told = await coworking.door.CheckEntitlement(request)
    assert (told.entitled, told.until_date, told.half_days_left) == (True, "2026-12-31", 6)
    request.date = "2026-12-31"
    assert (await coworking.door.CheckEntitlement(request)).half_days_left == 8
    request.date = "2027-01-01"
    assert not (await coworking.door.CheckEntitlement(request)).entitled
    await coworking.ear.hear(closed(RIGHT, "2026-11-30"), RIGHT, 2)
    request.date = ""
    assert await coworking.door.CheckEntitlement(request) == pb.CheckEntitlementResponse()


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"person_id": "Camille"}, "PERSON_ID_MALFORMED", "person_id"),
        ({"resource_kind": 0}, "RESOURCE_KIND_MISSING", "resource_kind"),
        ({"date": "soon"}, "DAY_MALFORMED", "date"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    coworking: Running, change: dict[str, Any], reason: str, field: str
) -> None:
    request = pb.CheckEntitlementRequest(**{"person_id": CAMILLE, "resource_kind": SEAT, **change})
    assert await _refused(coworking.door.CheckEntitlement(request), Invalid) == (reason, field)


async def test_staff_lets_in_a_holder_without_a_card(coworking: Running) -> None:
    booking = await coworking.book(JO, 8.25, 13)
    request = pb.CheckInBookingRequest(booking_id=booking.booking_id, request_id="once")
    came = await coworking.desk.CheckInBooking(request, **coworking.by_manager)
    assert await coworking.desk.CheckInBooking(request, **coworking.by_manager) == came
    again = pb.CheckInBookingRequest(booking_id=booking.booking_id)
    calling = coworking.desk.CheckInBooking(again, **coworking.by_manager)
    assert await _refused(calling, Conflict) == ("ALREADY_CHECKED_IN", "booking_id")
    for unknown in (new_id("booking"), "a\0b"):
        calling = coworking.desk.CheckInBooking(pb.CheckInBookingRequest(booking_id=unknown), **coworking.by_manager)
        assert await _refused(calling, NotFound) == ("UNKNOWN_BOOKING", "booking_id")
    later = await coworking.book(JO, 15, 16)
    early = pb.CheckInBookingRequest(booking_id=later.booking_id)
    calling = coworking.desk.CheckInBooking(early, **coworking.by_manager)
    assert await _refused(calling, Conflict) == ("NO_BOOKING_NOW", "booking_id")


async def test_staff_checks_a_card_through_the_portal_too(coworking: Running) -> None:
    await coworking.book(CAMILLE, 8.25, 13)
    request = pb.CheckInByCardRequest(
        card_code=coworking.office.code(CAMILLE), place_id=coworking.place.place_id, request_id="desk"
    )
    assert (await coworking.desk.CheckInByCard(request, **coworking.by_manager)).check_in.person_id == CAMILLE


async def test_presences_of_a_day_come_page_by_page_newest_first(coworking: Running) -> None:
    came = []
    for number, hour in enumerate((9, 10, 11)):
        booking = await coworking.book(JO, 9, 13)
        coworking.hands.at = at(hour)
        request = pb.CheckInBookingRequest(booking_id=booking.booking_id)
        came.append((await coworking.desk.CheckInBooking(request, **coworking.by_manager)).check_in)
        coworking.hands.at = at(8.5 + number / 100)
    seen, token = list[Any](), ""
    for _ in range(3):
        listing = pb.ListCheckInsRequest(
            place_id=coworking.place.place_id, date="2026-11-03", page_size=1, page_token=token
        )
        page = await coworking.desk.ListCheckIns(listing, **coworking.by_manager)
        seen += page.check_ins
        token = page.next_page_token
    assert (seen, token) == (came[::-1], "")
    for change, kind, reason in (
        ({"date": "soon"}, Invalid, "DAY_MALFORMED"),
        ({"place_id": new_id("place")}, NotFound, "UNKNOWN_PLACE"),
    ):
        given: Any = {"place_id": coworking.place.place_id, "date": "2026-11-03", **change}
        calling = coworking.desk.ListCheckIns(pb.ListCheckInsRequest(**given), **coworking.by_manager)
        assert (await _refused(calling, kind))[0] == reason
