"""A place or a space that makes no sense is refused, its field named."""

from typing import Any

import pytest
from coworking.money import Money
from coworking.places import wire
from coworking.places.domain import (
    AccessibilityFacts,
    CurrencyMalformed,
    OpeningHours,
    OpeningHoursMalformed,
    OpeningHoursOverlap,
    UnknownPlace,
    UnknownTimeZone,
    check_place,
    check_resource,
)
from coworking.places.wire import AccessibilityMalformed, ResourceKindMissing
from groupement.coworking.v1 import place_pb2, place_service_pb2
from servicekit.fields import FieldMissing, FieldOutOfRange, FieldTooLong, TextUnprintable
from servicekit.refusals import Refusal
from village import a_place, a_resource

NINE_TO_NOON = OpeningHours(weekday=1, opens=540, closes=720)


def _hours(*stretches: tuple[int, int, int]) -> dict[str, Any]:
    return {"opening_hours": tuple(OpeningHours(weekday=d, opens=o, closes=c) for d, o, c in stretches)}


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": ""}, FieldMissing, "name"),
        ({"name": "x" * 121}, FieldTooLong, "name"),
        ({"name": "a\0b"}, TextUnprintable, "name"),
        ({"address": ""}, FieldMissing, "address"),
        ({"accessibility": AccessibilityFacts(note="x" * 1001)}, FieldTooLong, "accessibility.note"),
        ({"time_zone": "Paris"}, UnknownTimeZone, "time_zone"),
        ({"time_zone": ""}, UnknownTimeZone, "time_zone"),
        ({"time_zone": "Europe"}, UnknownTimeZone, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, UnknownTimeZone, "time_zone"),
        ({"time_zone": "/etc/localtime"}, UnknownTimeZone, "time_zone"),
        ({"time_zone": "a\0b"}, UnknownTimeZone, "time_zone"),
        (_hours((0, 540, 720)), OpeningHoursMalformed, "opening_hours"),
        (_hours((8, 540, 720)), OpeningHoursMalformed, "opening_hours"),
        (_hours((1, 720, 540)), OpeningHoursMalformed, "opening_hours"),
        (_hours((1, 540, 540)), OpeningHoursMalformed, "opening_hours"),
        (_hours((1, 545, 720)), OpeningHoursMalformed, "opening_hours"),
        (_hours((1, 540, 1455)), OpeningHoursMalformed, "opening_hours"),
        (_hours((1, 540, 720), (1, 705, 900)), OpeningHoursOverlap, "opening_hours"),
        ({"opening_hours": (NINE_TO_NOON,) * 100}, FieldOutOfRange, "opening_hours"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(change: dict[str, Any], refusal: type[Refusal], field: str) -> None:
    with pytest.raises(refusal) as refused:
        check_place(a_place(**change))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": ""}, FieldMissing, "name"),
        ({"units": 0}, FieldOutOfRange, "units"),
        ({"units": 501}, FieldOutOfRange, "units"),
        ({"capacity": 0}, FieldOutOfRange, "capacity"),
        ({"capacity": 5001}, FieldOutOfRange, "capacity"),
        ({"half_day_price": Money(cents=-1)}, FieldOutOfRange, "half_day_price"),
        ({"half_day_price": Money(cents=1, currency="euro")}, CurrencyMalformed, "half_day_price.currency_code"),
        ({"half_day_price": Money(cents=1, currency="É12")}, CurrencyMalformed, "half_day_price.currency_code"),
        ({"half_day_price": Money(cents=1, currency="E\0R")}, CurrencyMalformed, "half_day_price.currency_code"),
        ({"accessibility": AccessibilityFacts(note="x" * 1001)}, FieldTooLong, "accessibility.note"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(change: dict[str, Any], refusal: type[Refusal], field: str) -> None:
    with pytest.raises(refusal) as refused:
        check_resource(a_resource(a_place(), **change))
    assert refused.value.field == field


def test_hours_of_two_days_or_that_touch_do_not_overlap() -> None:
    check_place(a_place(**_hours((1, 540, 720), (2, 600, 720), (1, 720, 1440))))


@pytest.mark.parametrize(("text", "minutes"), [("00:00", 0), ("09:00", 540), ("18:30", 1110), ("24:00", 1440)])
def test_a_time_of_day_is_hours_and_minutes(text: str, minutes: int) -> None:
    assert wire.minutes(text) == minutes


@pytest.mark.parametrize("text", ["", "9:00", "09:60", "25:00", "09:00:00", "noon", "-1:00", "٠٩:٠٠"])
def test_any_other_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(OpeningHoursMalformed):
        wire.minutes(text)


def test_accessibility_nobody_spoke_of_is_unknown() -> None:
    place = wire.new_place(place_service_pb2.CreatePlaceRequest(name="x", address="y"), "place_1")
    assert place.accessibility == AccessibilityFacts()
    assert wire.place_message(place).accessibility.wheelchair == place_pb2.ACCESSIBILITY_UNKNOWN


def test_numbers_no_enum_holds_are_refused() -> None:
    odd = place_pb2.AccessibilityFacts(wheelchair=99)  # type: ignore[arg-type]
    with pytest.raises(AccessibilityMalformed):
        wire.new_place(place_service_pb2.CreatePlaceRequest(accessibility=odd), "place_1")
    for number in (0, 99):
        with pytest.raises(ResourceKindMissing):
            wire.kind(number)  # type: ignore[arg-type]


def test_what_cannot_be_a_place_is_unknown() -> None:
    for text in ("", "place_1", "booking_01990000000070008000000000000001", "a\0b"):
        with pytest.raises(UnknownPlace):
            wire.place_id(text)


def test_a_place_comes_back_from_the_wire_as_it_went() -> None:
    place = a_place(accessibility=AccessibilityFacts(note="Rampe à gauche."))
    message = wire.place_message(place)
    request = place_service_pb2.CreatePlaceRequest(
        name=message.name,
        address=message.address,
        time_zone=message.time_zone,
        opening_hours=message.opening_hours,
        accessibility=message.accessibility,
    )
    assert wire.new_place(request, place.place_id) == place
