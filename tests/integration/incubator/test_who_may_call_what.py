"""Every RPC of the incubator, out of the descriptors, tried by everyone who should not get in."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from groupement.incubator.v1 import call_service_pb2, programme_service_pb2, project_service_pb2
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2
from incubating import CAMILLE
from incubator_house import ADMIN, ADVISOR, DIRECTOR, PORTAL, Running, another
from servicekit.refusals import Refusal

_FILES = (programme_service_pb2, project_service_pb2, call_service_pb2, staff_service_pb2)
METHODS: Sequence[MethodDescriptor] = [
    method for file in _FILES for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods
]
_ROLES = {number: name.removeprefix("ROLE_") for name, number in options_pb2.Role.items()}


@pytest.fixture
def engine() -> str:
    """One engine: who may call is decided before any row is read, but the staff record's."""
    return "sqlite"


def _rules(method: MethodDescriptor) -> Sequence[Any]:
    found: Sequence[Any] = method.GetOptions().Extensions[options_pb2.access].rules
    return found


async def _reason(incubator: Running, method: MethodDescriptor, peer: str, options: dict[str, Any]) -> str:
    """The reason a call with an empty message was refused for, "" when it was answered."""
    request = message_factory.GetMessageClass(method.input_type)()
    call = incubator.channel(peer).unary_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    try:
        await call(request, **options)
    except Refusal as refusal:
        return refusal.reason
    return ""


async def _refused_for(reason: str, incubator: Running, peer: str = PORTAL, **options: Any) -> set[str]:
    """The RPCs that refuse a caller for that reason."""
    return {str(method.name) for method in METHODS if await _reason(incubator, method, peer, options) == reason}


def _those(admit: Callable[[Any], bool]) -> set[str]:
    """The RPCs of which a rule satisfies `admit`."""
    return {str(method.name) for method in METHODS if any(admit(rule) for rule in _rules(method))}


EVERY = {str(method.name) for method in METHODS}
PUBLIC = _those(lambda rule: rule.who == options_pb2.WHO_PEER)
FOR_ANYONE_SIGNED_IN = PUBLIC | _those(lambda rule: rule.who == options_pb2.WHO_SIGNED_IN)


def test_the_contract_has_the_rpcs_these_tests_are_about() -> None:
    assert len(METHODS) == len(EVERY) == 18
    assert {"ListProgrammes", "ListCohorts"} == PUBLIC


async def test_a_stranger_reads_what_is_public_and_nothing_else(incubator: Running) -> None:
    assert await _refused_for("SIGN_IN_REQUIRED", incubator) == EVERY - PUBLIC


async def test_a_signed_in_person_without_a_role_does_not_do_what_staff_does(incubator: Running) -> None:
    refused = await _refused_for("ROLE_REQUIRED", incubator, **incubator.by(CAMILLE))
    assert refused == EVERY - FOR_ANYONE_SIGNED_IN


async def test_a_role_in_a_token_counts_only_when_the_staff_record_agrees(incubator: Running) -> None:
    roles = [name for name in _ROLES.values() if name != "UNSPECIFIED"]
    refused = await _refused_for("ROLE_REQUIRED", incubator, **incubator.by(CAMILLE, *roles))
    assert refused == EVERY - FOR_ANYONE_SIGNED_IN


@pytest.mark.parametrize(("person_id", "role"), [(DIRECTOR, "DIRECTOR"), (ADVISOR, "ADVISOR"), (ADMIN, "ADMIN")])
async def test_a_role_opens_what_the_contract_says_it_opens(incubator: Running, person_id: str, role: str) -> None:
    opened = _those(lambda rule: role in {_ROLES[number] for number in rule.roles})
    refused = await _refused_for("ROLE_REQUIRED", incubator, **incubator.by(person_id, role))
    assert refused == EVERY - FOR_ANYONE_SIGNED_IN - opened


async def test_a_service_that_is_no_portal_gets_nothing(incubator: Running) -> None:
    options = incubator.by_advisor
    assert await _refused_for("PEER_NOT_ALLOWED", incubator, another("coworking"), **options) == EVERY


async def test_another_structure_gets_nothing(incubator: Running) -> None:
    spy = another("portal", "la-ruche")
    assert await _refused_for("PEER_OF_ANOTHER_STRUCTURE", incubator, spy, **incubator.by_advisor) == EVERY


async def test_a_token_for_another_structure_opens_nothing(incubator: Running) -> None:
    options = incubator.by(ADVISOR, "ADVISOR", structure="la-ruche")
    assert await _refused_for("TOKEN_FOR_ANOTHER_STRUCTURE", incubator, **options) == EVERY
