"""Places between domain and protobuf; what is malformed becomes a refusal here."""

from groupement.coworking.v1 import place_pb2, place_service_pb2
from groupement.type.v1 import money_pb2
from servicekit.fields import one_line
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid

from coworking.money import Money
from coworking.places.domain import (
    Accessibility,
    AccessibilityFacts,
    OpeningHours,
    OpeningHoursMalformed,
    Place,
    Resource,
    ResourceKind,
    UnknownPlace,
)
from coworking.spans import minutes_after_midnight

_KIND_NUMBERS = {kind: place_pb2.ResourceKind.Value(f"RESOURCE_KIND_{kind}") for kind in ResourceKind}
_KINDS = {number: kind for kind, number in _KIND_NUMBERS.items()}
_FACT_NUMBERS = {fact: place_pb2.Accessibility.Value(f"ACCESSIBILITY_{fact}") for fact in Accessibility}
_FACTS = {number: fact for fact, number in _FACT_NUMBERS.items()} | {
    place_pb2.ACCESSIBILITY_UNSPECIFIED: Accessibility.UNKNOWN
}


class ResourceKindMissing(Invalid):
    """Say which kind of space."""


class AccessibilityMalformed(Invalid):
    """This says neither yes, nor no, nor unknown."""


def new_place(request: place_service_pb2.CreatePlaceRequest, place_id: str) -> Place:
    """The place a request describes; raises OpeningHoursMalformed."""
    return Place(
        place_id=place_id,
        name=one_line(request.name),
        address=one_line(request.address),
        time_zone=request.time_zone,
        opening_hours=tuple(_stretch(hours) for hours in request.opening_hours),
        accessibility=_accessibility(request.accessibility),
    )


def new_resource(request: place_service_pb2.CreateResourceRequest, resource_id: str) -> Resource:
    """The space a request describes; raises ResourceKindMissing, UnknownPlace."""
    return Resource(
        resource_id=resource_id,
        place_id=place_id(request.place_id),
        name=one_line(request.name),
        kind=kind(request.kind),
        units=request.units,
        capacity=request.capacity,
        half_day_price=money(request.half_day_price),
        accessibility=_accessibility(request.accessibility),
    )


def place_id(text: str) -> str:
    """The id of a place; raises UnknownPlace on what cannot be one."""
    if not is_id(text, "place"):
        raise UnknownPlace(field="place_id")
    return text


def kind(number: place_pb2.ResourceKind.ValueType, field: str = "kind") -> ResourceKind:
    """A kind of space; raises ResourceKindMissing."""
    if number not in _KINDS:
        raise ResourceKindMissing(field=field)
    return _KINDS[number]


def kind_number(of: ResourceKind) -> place_pb2.ResourceKind.ValueType:
    """A kind of space as a message says it."""
    return _KIND_NUMBERS[of]


def money(message: money_pb2.Money) -> Money:
    """An amount; euros unless said otherwise."""
    return Money(cents=message.cents, currency=message.currency_code or "EUR")


def money_message(amount: Money) -> money_pb2.Money:
    """An amount as a message."""
    return money_pb2.Money(cents=amount.cents, currency_code=amount.currency)


def place_message(of: Place) -> place_pb2.Place:
    """A place as a message."""
    return place_pb2.Place(
        place_id=of.place_id,
        name=of.name,
        address=of.address,
        time_zone=of.time_zone,
        opening_hours=[_stretch_message(stretch) for stretch in of.opening_hours],
        accessibility=_accessibility_message(of.accessibility),
    )


def resource_message(of: Resource) -> place_pb2.Resource:
    """A space as a message."""
    return place_pb2.Resource(
        resource_id=of.resource_id,
        place_id=of.place_id,
        name=of.name,
        kind=kind_number(of.kind),
        units=of.units,
        capacity=of.capacity,
        half_day_price=money_message(of.half_day_price),
        accessibility=_accessibility_message(of.accessibility),
    )


def minutes(text: str) -> int:
    """Minutes after midnight of "09:00"; raises OpeningHoursMalformed."""
    try:
        return minutes_after_midnight(text)
    except ValueError as error:
        raise OpeningHoursMalformed(field="opening_hours") from error


def _stretch(message: place_pb2.OpeningHours) -> OpeningHours:
    return OpeningHours(weekday=message.weekday, opens=minutes(message.opens), closes=minutes(message.closes))


def _stretch_message(stretch: OpeningHours) -> place_pb2.OpeningHours:
    return place_pb2.OpeningHours(
        weekday=stretch.weekday, opens=_clock_text(stretch.opens), closes=_clock_text(stretch.closes)
    )


def _clock_text(after_midnight: int) -> str:
    return f"{after_midnight // 60:02d}:{after_midnight % 60:02d}"


def _accessibility(message: place_pb2.AccessibilityFacts) -> AccessibilityFacts:
    return AccessibilityFacts(
        wheelchair=_fact(message.wheelchair),
        accessible_toilet=_fact(message.accessible_toilet),
        hearing_loop=_fact(message.hearing_loop),
        quiet=_fact(message.quiet),
        note=message.note.strip(),
    )


def _fact(number: place_pb2.Accessibility.ValueType) -> Accessibility:
    if number not in _FACTS:
        raise AccessibilityMalformed(field="accessibility")
    return _FACTS[number]


def _accessibility_message(facts: AccessibilityFacts) -> place_pb2.AccessibilityFacts:
    return place_pb2.AccessibilityFacts(
        wheelchair=_FACT_NUMBERS[facts.wheelchair],
        accessible_toilet=_FACT_NUMBERS[facts.accessible_toilet],
        hearing_loop=_FACT_NUMBERS[facts.hearing_loop],
        quiet=_FACT_NUMBERS[facts.quiet],
        note=facts.note,
    )
