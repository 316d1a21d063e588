"""Booking a space: the wish, its price, the booking; and giving it back."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1.booking_pb2 import COVERAGE_ENTITLEMENT, COVERAGE_PRICE, Coverage
from groupement.coworking.v1.booking_service_pb2 import (
    BookRequest,
    CancelBookingRequest,
    QuoteBookingRequest,
    QuoteBookingResponse,
)
from groupement.coworking.v1.place_pb2 import Place, Resource
from servicekit.refusals import Conflict, Invalid, NotFound, Refusal
from starlette.responses import Response

from portal import formats
from portal.forms import Form, belongs_in_form
from portal.grid import Slot, instant, nearest, slots_of
from portal.i18n import N_
from portal.pages.dashboard import BookingLine, my_bookings
from portal.pages.places import day_of
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit

_FIELDS = {"start_time": "de", "end_time": "a", "resource_id": "espace"}
_BY_NAME = {"droit": COVERAGE_ENTITLEMENT, "prix": COVERAGE_PRICE}
_NOT_A_TIME = N_("Écrivez une heure, par exemple 09:00.")
_NOT_A_DAY = N_("Écrivez un jour, par exemple 2026-11-30.")
_ENDS_FIRST = N_("La fin doit venir après le début.")


class UnknownBooking(NotFound):
    """There is no such booking."""


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A space at a place, and when."""

    house: House
    place: Place
    resource: Resource
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a visitor typed: the wish it makes, if it makes one, and the form with what to put right."""

    house: House
    place: Place
    resource: Resource
    form: Form
    desired: Desired | None


async def show(visit: Visit) -> Response:
    """`GET /espaces/{structure}/{place}/reserver?espace=&jour=&de=&a=`: the price, then one button."""
    form = Form(values={name: visit.query(name) for name in ("espace", "jour", "de", "a")})
    asked = await _read(visit, form, complete=False)
    if asked.desired is None or visit.session is None:
        return await _booking_page(visit, asked, status=200)
    try:
        quote = await _quote(visit, asked.desired)
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _refused(visit, asked, refusal)
    return await _booking_page(visit, asked, status=200, quote=quote)


async def book(visit: Visit) -> Response:
    """`POST /espaces/{structure}/{place}/reserver`"""
    form = await visit.form()
    visit.signed_in()
    asked = await _read(visit, form, complete=True)
    if asked.desired is None:
        return await _booking_page(visit, asked, status=422)
    try:
        await _book(visit, asked.desired, form)
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _refused(visit, asked, refusal)
    say = visit.language.say(
        "C'est réservé : %(resource)s, %(day)s, de %(hours)s.",
        resource=asked.resource.name,
        day=formats.day(visit.language, asked.desired.start.date()),
        hours=formats.hours(visit.language, asked.desired.start, asked.desired.end, asked.place.time_zone),
    )
    return visit.redirect("/tableau-de-bord", say=say)


async def show_cancel(visit: Visit) -> Response:
    """`GET /reservations/{structure}/{booking}/annuler`: asks once more."""
    return await _cancel_page(visit, Form(), 200)


async def cancel(visit: Visit) -> Response:
    """`POST /reservations/{structure}/{booking}/annuler`"""
    form = await visit.form()
    visit.signed_in()
    structure = visit.path("structure")

    async def act() -> Response:
        await visit.ask(
            visit.backends.coworking(structure).bookings.CancelBooking,
            CancelBookingRequest(booking_id=visit.path("booking"), request_id=form.request_id),
            structure=structure,
        )
        return visit.redirect("/tableau-de-bord", say=visit.language.say("Votre réservation est annulée."))

    async def again(shown: Form, status: int) -> Response:
        return await _cancel_page(visit, shown, status)

    return await visit.submit(form, act, again)


async def _read(visit: Visit, form: Form, *, complete: bool) -> Asked:
    """What was typed, as a wish or with what to put right; nothing is missing yet unless it should be `complete`."""
    house = await visit.showcase.house(visit.path("structure"))
    place = await visit.showcase.place(house.slug, visit.path("place"))
    resource = await visit.showcase.resource(house.slug, form.value("espace"))
    say = visit.language.say
    day = formats.day_from(form.value("jour"))
    start, end = formats.time_from(form.value("de")), formats.time_from(form.value("a"))
    for name, missing, sentence in (("jour", day, _NOT_A_DAY), ("de", start, _NOT_A_TIME), ("a", end, _NOT_A_TIME)):
        if missing is None and (complete or form.value(name)):
            form = form.wrong(name, say(sentence))
    if day is None or start is None or end is None:
        return Asked(house=house, place=place, resource=resource, form=form, desired=None)
    first = instant(day, start, place.time_zone)
    last = instant(day, end, place.time_zone, after=first)
    if last <= first:
        form = form.wrong("a", say(_ENDS_FIRST))
        return Asked(house=house, place=place, resource=resource, form=form, desired=None)
    desired = Desired(house=house, place=place, resource=resource, start=first, end=last)
    return Asked(house=house, place=place, resource=resource, form=form, desired=desired)


async def _quote(visit: Visit, desired: Desired) -> QuoteBookingResponse:
    wish = QuoteBookingRequest(
        resource_id=desired.resource.resource_id, start_time=_timestamp(desired.start), end_time=_timestamp(desired.end)
    )
    stub = visit.backends.coworking(desired.house.slug).bookings
    return await visit.ask(stub.QuoteBooking, wish, structure=desired.house.slug)


async def _book(visit: Visit, desired: Desired, form: Form) -> None:
    wish = BookRequest(
        resource_id=desired.resource.resource_id,
        start_time=_timestamp(desired.start),
        end_time=_timestamp(desired.end),
        coverage=_BY_NAME.get(form.value("paiement"), Coverage.COVERAGE_UNSPECIFIED),
        request_id=form.request_id,
    )
    await visit.ask(visit.backends.coworking(desired.house.slug).bookings.Book, wish, structure=desired.house.slug)


async def _refused(visit: Visit, asked: Asked, refusal: Refusal) -> Response:
    """The form again with the sentence, and the free slots nearest to the wish when it was taken or closed."""
    form = asked.form.refused(refusal, visit.language, _FIELDS)
    wants_others = isinstance(refusal, Conflict | Invalid) and asked.desired is not None
    others = await _nearest(visit, asked.desired) if wants_others and asked.desired else []
    shown = Asked(house=asked.house, place=asked.place, resource=asked.resource, form=form, desired=asked.desired)
    return await _booking_page(visit, shown, status=form_status(refusal), others=others)


async def _nearest(visit: Visit, desired: Desired) -> list[Slot]:
    day = await day_of(visit, desired.house.slug, desired.place.place_id, desired.start.date().isoformat())
    for each in day.resources:
        if each.resource.resource_id == desired.resource.resource_id:
            slots = slots_of(each.openings, desired.place.time_zone, visit.now)
            return nearest(slots, desired.start, desired.end)
    return []


async def _booking_page(
    visit: Visit,
    asked: Asked,
    *,
    status: int,
    quote: QuoteBookingResponse | None = None,
    others: list[Slot] | None = None,
) -> Response:
    return await visit.page(
        "book.html",
        status=status,
        house=asked.house,
        place=asked.place,
        resource=asked.resource,
        desired=asked.desired,
        form=asked.form,
        quote=quote,
        by_right=quote is not None and quote.coverage == COVERAGE_ENTITLEMENT,
        others=others,
        latest=_a_year_from(visit.today(asked.place.time_zone)),
        today=visit.today(asked.place.time_zone),
    )


async def _cancel_page(visit: Visit, form: Form, status: int) -> Response:
    visit.signed_in()
    house = await visit.showcase.house(visit.path("structure"))
    line = await _my_booking(visit, house)
    return await visit.page("cancel.html", status=status, house=house, line=line, form=form)


async def _my_booking(visit: Visit, house: House) -> BookingLine:
    for line in await my_bookings(visit, house):
        if line.booking.booking_id == visit.path("booking"):
            return line
    raise UnknownBooking


def _a_year_from(today: date) -> date:
    """The last day that can be booked."""
    return today + timedelta(days=365)


def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
