"""PlaceService as its callers see it."""

from typing import Any

import pytest
from coworking_house import ADMIN, Running
from groupement.coworking.v1 import place_pb2
from groupement.coworking.v1 import place_service_pb2 as pb
from groupement.type.v1 import money_pb2
from servicekit.identifiers import new_id
from servicekit.refusals import Invalid, NotFound, Refusal

MORNING = place_pb2.OpeningHours(weekday=1, opens="09:00", closes="12:30")
FRICHE: dict[str, Any] = {
    "name": "  À la  Friche ",
    "address": "Marseille",
    "time_zone": "Europe/Paris",
    "opening_hours": [MORNING, place_pb2.OpeningHours(weekday=1, opens="14:00", closes="24:00")],
    "accessibility": place_pb2.AccessibilityFacts(wheelchair=place_pb2.ACCESSIBILITY_YES, note="Rampe."),
}
BOX: dict[str, Any] = {
    "name": "Box 1",
    "kind": place_pb2.RESOURCE_KIND_CONFIDENTIALITY_BOX,
    "units": 2,
    "capacity": 3,
    "half_day_price": money_pb2.Money(cents=0),
}


async def _create(coworking: Running, **change: Any) -> Any:
    request = pb.CreatePlaceRequest(**{**FRICHE, **change})
    return (await coworking.places.CreatePlace(request, **coworking.by_manager)).place


async def _add(coworking: Running, **change: Any) -> Any:
    request = pb.CreateResourceRequest(**{"place_id": coworking.place.place_id, **BOX, **change})
    return (await coworking.places.CreateResource(request, **coworking.by_manager)).resource


async def test_a_place_is_made_and_seen_by_all(coworking: Running) -> None:
    made = await _create(coworking)
    assert (made.name, made.accessibility.wheelchair) == ("À la Friche", place_pb2.ACCESSIBILITY_YES)
    assert made.accessibility.hearing_loop == place_pb2.ACCESSIBILITY_UNKNOWN
    assert [(hours.opens, hours.closes) for hours in made.opening_hours] == [("09:00", "12:30"), ("14:00", "24:00")]
    listed = await coworking.places.ListPlaces(pb.ListPlacesRequest())
    assert [place.name for place in listed.places] == ["À la Friche", "Le village"]
    assert listed.places[0] == made


async def test_an_admin_makes_places_too(coworking: Running) -> None:
    request = pb.CreatePlaceRequest(**FRICHE)
    assert (await coworking.places.CreatePlace(request, **coworking.by(ADMIN, "ADMIN"))).place.place_id


async def test_a_space_is_made_and_seen_by_all(coworking: Running) -> None:
    made = await _add(coworking)
    request = pb.ListResourcesRequest(place_id=coworking.place.place_id)
    listed = await coworking.places.ListResources(request)
    assert [resource.name for resource in listed.resources] == ["Espace nomade", "Box 1"]
    assert listed.resources[1] == made
    assert (made.half_day_price.cents, made.half_day_price.currency_code) == (0, "EUR")


async def test_the_same_request_again_makes_one(coworking: Running) -> None:
    first = await _create(coworking, request_id="once")
    assert await _create(coworking, request_id="once") == first
    box = await _add(coworking, request_id="once")
    assert await _add(coworking, request_id="once") == box


async def test_places_and_spaces_come_page_by_page(coworking: Running) -> None:
    for name in ("b", "a"):
        await _create(coworking, name=name)
        await _add(coworking, name=name)
    names, token = list[str](), ""
    for _ in range(3):
        places = await coworking.places.ListPlaces(pb.ListPlacesRequest(page_size=1, page_token=token))
        names += [place.name for place in places.places]
        token = places.next_page_token
    assert (names, token) == (["a", "b", "Le village"], "")
    names = []
    for _ in range(2):
        spaces = await coworking.places.ListResources(pb.ListResourcesRequest(page_size=2, page_token=token))
        names += [resource.name for resource in spaces.resources]
        token = spaces.next_page_token
    assert (names, token) == (["Espace nomade", "a", "b"], "")


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"name": " "}, "FIELD_MISSING", "name"),
        ({"name": "x" * 121}, "FIELD_TOO_LONG", "name"),
        ({"address": ""}, "FIELD_MISSING", "address"),
        ({"time_zone": "Mars"}, "UNKNOWN_TIME_ZONE", "time_zone"),
        ({"opening_hours": [place_pb2.OpeningHours(weekday=1, opens="9")]}, "OPENING_HOURS_MALFORMED", "opening_hours"),
        ({"opening_hours": [MORNING, MORNING]}, "OPENING_HOURS_OVERLAP", "opening_hours"),
    ],
)
async def test_a_place_that_makes_no_sense_is_refused(
    coworking: Running, change: dict[str, Any], reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await _create(coworking, **change)
    assert (refused.value.reason, refused.value.field) == (reason, field)


@pytest.mark.parametrize(
    ("change", "kind", "reason", "field"),
    [
        ({"place_id": new_id("place")}, NotFound, "UNKNOWN_PLACE", "place_id"),
        ({"place_id": "a\0b"}, NotFound, "UNKNOWN_PLACE", "place_id"),
        ({"name": ""}, Invalid, "FIELD_MISSING", "name"),
        ({"kind": 0}, Invalid, "RESOURCE_KIND_MISSING", "kind"),
        ({"units": 501}, Invalid, "FIELD_OUT_OF_RANGE", "units"),
        ({"capacity": -1}, Invalid, "FIELD_OUT_OF_RANGE", "capacity"),
        ({"half_day_price": money_pb2.Money(cents=-1)}, Invalid, "FIELD_OUT_OF_RANGE", "half_day_price"),
        ({"half_day_price": money_pb2.Money(cents=2**62)}, Invalid, "FIELD_OUT_OF_RANGE", "half_day_price"),
    ],
)
async def test_a_space_that_makes_no_sense_is_refused(
    coworking: Running, change: dict[str, Any], kind: type[Refusal], reason: str, field: str
) -> None:
    with pytest.raises(kind) as refused:
        await _add(coworking, **change)
    assert (refused.value.reason, refused.value.field) == (reason, field)


async def test_the_spaces_of_a_place_that_is_not_are_refused(coworking: Running) -> None:
    with pytest.raises(NotFound) as refused:
        await coworking.places.ListResources(pb.ListResourcesRequest(place_id=new_id("place")))
    assert refused.value.reason == "UNKNOWN_PLACE"
