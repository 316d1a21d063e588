"""Every RPC of the coworking, out of the descriptors, tried by everyone who should not get in."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from coworking_house import ADMIN, DIRECTOR, DOOR, MANAGER, PORTAL, Running, another
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from groupement.coworking.v1 import booking_service_pb2, check_in_service_pb2, place_service_pb2
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2
from servicekit.refusals import Refusal
from village import CAMILLE

_FILES = (place_service_pb2, booking_service_pb2, check_in_service_pb2, staff_service_pb2)
METHODS: Sequence[MethodDescriptor] = [
    method for file in _FILES for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods
]
_ROLES = {number: name.removeprefix("ROLE_") for name, number in options_pb2.Role.items()}


@pytest.fixture
def engine() -> str:
    """One engine: who may call is decided before any row is read, but the staff record's."""
    return "sqlite"


def _rules(method: MethodDescriptor, peer: str) -> Sequence[Any]:
    return [rule for rule in method.GetOptions().Extensions[options_pb2.access].rules if peer in rule.peers]


async def _reason(coworking: Running, method: MethodDescriptor, peer: str, options: dict[str, Any]) -> str:
    """The reason a call with an empty message was refused for, "" when it was answered."""
    request = message_factory.GetMessageClass(method.input_type)()
    call = coworking.channel(peer).unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    try:
        await call(request, **options)
    except Refusal as refusal:
        return refusal.reason
    return ""


async def _refused_for(reason: str, coworking: Running, peer: str = PORTAL, **options: Any) -> set[str]:
    """The RPCs that refuse a caller for that reason."""
    return {str(method.name) for method in METHODS if await _reason(coworking, method, peer, options) == reason}


def _those(admit: Callable[[Any], bool], peer: str = "portal") -> set[str]:
    """The RPCs of which a rule for that peer satisfies `admit`."""
    return {str(method.name) for method in METHODS if any(admit(rule) for rule in _rules(method, peer))}


EVERY = {str(method.name) for method in METHODS}
PUBLIC = _those(lambda rule: rule.who == options_pb2.WHO_PEER)
SIGNED_IN = _those(lambda rule: rule.who == options_pb2.WHO_SIGNED_IN)
AT_THE_DOOR = _those(lambda rule: rule.who == options_pb2.WHO_PEER, "door")


def test_the_contract_has_the_rpcs_these_tests_are_about() -> None:
    assert len(METHODS) == len(EVERY) == 19
    assert {"ListPlaces", "ListResources", "GetDay"} == PUBLIC
    assert {"CheckCard", "CheckEntitlement", "CheckInByCard"} == AT_THE_DOOR


async def test_a_stranger_sees_places_and_what_is_free_and_nothing_else(coworking: Running) -> None:
    assert await _refused_for("SIGN_IN_REQUIRED", coworking) == EVERY - PUBLIC


async def test_a_signed_in_person_without_a_role_does_not_do_what_staff_does(coworking: Running) -> None:
    refused = await _refused_for("ROLE_REQUIRED", coworking, **coworking.by(CAMILLE))
    assert refused == EVERY - PUBLIC - SIGNED_IN


async def test_a_role_in_a_token_counts_only_when_the_staff_record_agrees(coworking: Running) -> None:
    roles = [name for name in _ROLES.values() if name != "UNSPECIFIED"]
    refused = await _refused_for("ROLE_REQUIRED", coworking, **coworking.by(CAMILLE, *roles))
    assert refused == EVERY - PUBLIC - SIGNED_IN


@pytest.mark.parametrize(
    ("person_id", "role"), [(DIRECTOR, "DIRECTOR"), (MANAGER, "COMMUNITY_MANAGER"), (ADMIN, "ADMIN")]
)
async def test_a_role_opens_what_the_contract_says_it_opens(coworking: Running, person_id: str, role: str) -> None:
    opened = _those(lambda rule: role in {_ROLES[number] for number in rule.roles})
    refused = await _refused_for("ROLE_REQUIRED", coworking, **coworking.by(person_id, role))
    assert refused == EVERY - PUBLIC - SIGNED_IN - opened


async def test_a_door_checks_cards_and_nothing_else(coworking: Running) -> None:
    assert await _refused_for("PEER_NOT_ALLOWED", coworking, DOOR) == EVERY - AT_THE_DOOR


async def test_a_service_that_is_neither_portal_nor_door_gets_nothing(coworking: Running) -> None:
    assert await _refused_for("PEER_NOT_ALLOWED", coworking, another("incubator"), **coworking.by_manager) == EVERY


@pytest.mark.parametrize("kind", ["portal", "door"])
async def test_another_structure_gets_nothing(coworking: Running, kind: str) -> None:
    spy = another(kind, "inter-made")
    assert await _refused_for("PEER_OF_ANOTHER_STRUCTURE", coworking, spy, **coworking.by_manager) == EVERY


async def test_a_token_for_another_structure_opens_nothing(coworking: Running) -> None:
    options = coworking.by(MANAGER, "COMMUNITY_MANAGER", structure="inter-made")
    assert await _refused_for("TOKEN_FOR_ANOTHER_STRUCTURE", coworking, **options) == EVERY
