"""Every RPC of the incubator, out of the descriptors, tried by everyone who should not get in."""

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from groupement.incubator.v1 import call_service_pb2, programme_service_pb2, project_service_pb2
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2
from incubating import CAMILLE
from incubator_house import ADVISOR, DIRECTOR, Running, another
from servicekit.refusals import Denied, Refusal, Unauthenticated

_FILES = (programme_service_pb2, project_service_pb2, call_service_pb2, staff_service_pb2)
METHODS: Sequence[MethodDescriptor] = [
    method for file in _FILES for service in file.DESCRIPTOR.services_by_name.values() for method in service.methods
]
_ROLES = {number: name.removeprefix("ROLE_") for name, number in options_pb2.Role.items()}


@pytest.fixture
def engine() -> str:
    """One engine: who may call is decided before any row is read, but the staff record's."""
    return "sqlite"


def _name(method: MethodDescriptor) -> str:
    return str(method.name)


def _rules(method: MethodDescriptor) -> Sequence[Any]:
    found: Sequence[Any] = method.GetOptions().Extensions[options_pb2.access].rules
    return found


def _ways_in(method: MethodDescriptor) -> set[int]:
    return {rule.who for rule in _rules(method)}


async def _call(incubator: Running, method: MethodDescriptor, peer: str, **options: Any) -> None:
    path = f"/{method.containing_service.full_name}/{method.name}"
    request = message_factory.GetMessageClass(method.input_type)()
    reply = message_factory.GetMessageClass(method.output_type)
    call = incubator.channel(peer).unary_unary(
        path, request_serializer=type(request).SerializeToString, response_deserializer=reply.FromString
    )
    await call(request, **options)


async def _reason(incubator: Running, method: MethodDescriptor, peer: str = "", **options: Any) -> str:
    """The reason a call with an empty message was refused for, "" when it was answered."""
    try:
        await _call(incubator, method, peer or another("portal", "groupement"), **options)
    except Refusal as refusal:
        return refusal.reason
    return ""


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_a_stranger_reads_what_is_public_and_nothing_else(incubator: Running, method: MethodDescriptor) -> None:
    reason = await _reason(incubator, method)
    public = options_pb2.WHO_PEER in _ways_in(method)
    assert (reason == "SIGN_IN_REQUIRED") != public


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_a_signed_in_person_without_a_role_does_not_do_what_staff_does(
    incubator: Running, method: MethodDescriptor
) -> None:
    reason = await _reason(incubator, method, **incubator.by(CAMILLE))
    assert (reason == "ROLE_REQUIRED") == (_ways_in(method) == {options_pb2.WHO_ROLE})


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_a_role_in_a_token_counts_only_when_the_staff_record_agrees(
    incubator: Running, method: MethodDescriptor
) -> None:
    every = [name for name in _ROLES.values() if name != "UNSPECIFIED"]
    reason = await _reason(incubator, method, **incubator.by(CAMILLE, *every))
    assert (reason == "ROLE_REQUIRED") == (_ways_in(method) == {options_pb2.WHO_ROLE})


@pytest.mark.parametrize("method", METHODS, ids=_name)
@pytest.mark.parametrize(("person_id", "role"), [(DIRECTOR, "DIRECTOR"), (ADVISOR, "ADVISOR")])
async def test_a_role_opens_what_the_contract_says_it_opens(
    incubator: Running, method: MethodDescriptor, person_id: str, role: str
) -> None:
    reason = await _reason(incubator, method, **incubator.by(person_id, role))
    named = {_ROLES[number] for rule in _rules(method) for number in rule.roles}
    allowed = role in named or _ways_in(method) != {options_pb2.WHO_ROLE}
    assert (reason == "ROLE_REQUIRED") != allowed


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_a_service_that_is_no_portal_gets_nothing(incubator: Running, method: MethodDescriptor) -> None:
    with pytest.raises(Denied) as refused:
        await _call(incubator, method, another("coworking"), **incubator.by(ADVISOR, "ADVISOR"))
    assert refused.value.reason == "PEER_NOT_ALLOWED"


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_another_structure_gets_nothing(incubator: Running, method: MethodDescriptor) -> None:
    with pytest.raises(Denied) as refused:
        await _call(incubator, method, another("portal", "la-ruche"), **incubator.by(ADVISOR, "ADVISOR"))
    assert refused.value.reason == "PEER_OF_ANOTHER_STRUCTURE"


@pytest.mark.parametrize("method", METHODS, ids=_name)
async def test_a_token_for_another_structure_opens_nothing(incubator: Running, method: MethodDescriptor) -> None:
    with pytest.raises(Unauthenticated) as refused:
        options = incubator.by(ADVISOR, "ADVISOR", structure="la-ruche")
        await _call(incubator, method, another("portal", "groupement"), **options)
    assert refused.value.reason == "TOKEN_FOR_ANOTHER_STRUCTURE"
