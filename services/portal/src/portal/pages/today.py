"""A day at a place for the team: its bookings, who has come, letting somebody in."""

import asyncio

from groupement.coworking.v1.booking_pb2 import BOOKING_STATE_CHECKED_IN, BOOKING_STATE_CONFIRMED, Booking
from groupement.coworking.v1.booking_service_pb2 import ListDayBookingsRequest
from groupement.coworking.v1.check_in_pb2 import CheckIn
from groupement.coworking.v1.check_in_service_pb2 import (
    CheckInBookingRequest,
    CheckInByCardRequest,
    ListCheckInsRequest,
)
from groupement.coworking.v1.place_pb2 import Place
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.places import ONE_DAY
from portal.pages.team import KEEPS_THE_DOOR, MOST, SEES_PLACES, names_of, team_member
from portal.parts import part
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/lieux/{place}?jour=`"""
    house, roles = await team_member(visit, SEES_PLACES)
    return await _day_page(visit, house, roles, Form(values={"card_code": ""}), 200)


async def check_in(visit: Visit) -> Response:
    """`POST /equipe/{structure}/lieux/{place}/passages`: by card code, or by booking."""
    form = await visit.form()
    house, roles = await team_member(visit, KEEPS_THE_DOOR)
    place = await visit.showcase.place(house.slug, visit.path("place"))
    try:
        presence = await _let_in(visit, house, place, form)
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _day_page(visit, house, roles, form.refused(refusal, visit.language), form_status(refusal))
    names = await names_of(visit, house, [presence.person_id])
    who = names.found.get(presence.person_id, "")
    welcome = visit.language.say("Bienvenue, %(name)s. Le passage est enregistré.", name=who)
    say = welcome if who else visit.language.say("Le passage est enregistré.")
    return visit.redirect(f"/equipe/{house.slug}/lieux/{place.place_id}", say=say)


async def _let_in(visit: Visit, house: House, place: Place, form: Form) -> CheckIn:
    """Record the presence; raises refusals."""
    stub = visit.backends.coworking(house.slug).check_ins
    if form.value("booking_id"):
        by_booking = CheckInBookingRequest(booking_id=form.value("booking_id"), request_id=form.request_id)
        return (await visit.ask(stub.CheckInBooking, by_booking, structure=house.slug)).check_in
    by_card = CheckInByCardRequest(
        card_code="".join(form.value("card_code").split()), place_id=place.place_id, request_id=form.request_id
    )
    return (await visit.ask(stub.CheckInByCard, by_card, structure=house.slug)).check_in


async def _day_page(visit: Visit, house: House, roles: frozenset[str], form: Form, status: int) -> Response:
    place = await visit.showcase.place(house.slug, visit.path("place"))
    day = visit.day(place.time_zone)
    bookings, check_ins, resources = await asyncio.gather(
        _bookings(visit, house, place, day.isoformat()),
        _check_ins(visit, house, place, day.isoformat()),
        part(visit.showcase.resources(house.slug), empty={}),
    )
    people = [each.person_id for each in bookings] + [each.person_id for each in check_ins]
    return await visit.page(
        "today.html",
        status=status,
        house=house,
        place=place,
        day=day,
        day_before=(day - ONE_DAY).isoformat(),
        day_after=(day + ONE_DAY).isoformat(),
        confirmed=BOOKING_STATE_CONFIRMED,
        arrived=BOOKING_STATE_CHECKED_IN,
        today=visit.today(place.time_zone),
        bookings=bookings,
        check_ins=check_ins,
        resources=resources.found,
        names=await names_of(visit, house, people),
        form=form,
        keeps_the_door=bool(roles & KEEPS_THE_DOOR),
    )


async def _bookings(visit: Visit, house: House, place: Place, day: str) -> list[Booking]:
    """The bookings of the day, every page of them."""
    stub = visit.backends.coworking(house.slug).bookings
    found: list[Booking] = []
    token = ""
    while True:
        wish = ListDayBookingsRequest(place_id=place.place_id, date=day, page_size=MOST, page_token=token)
        page = await visit.ask(stub.ListDayBookings, wish, structure=house.slug)
        found += page.bookings
        token = page.next_page_token
        if not token:
            return found


async def _check_ins(visit: Visit, house: House, place: Place, day: str) -> list[CheckIn]:
    """The newest presences of the day, one page of them."""
    stub = visit.backends.coworking(house.slug).check_ins
    wish = ListCheckInsRequest(place_id=place.place_id, date=day, page_size=MOST)
    return list((await visit.ask(stub.ListCheckIns, wish, structure=house.slug)).check_ins)
