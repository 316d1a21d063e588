"""What the contract says of an RPC is what happens at its door: deny by default, roles by both records."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import grpc
import pytest
from greeting import ISSUER, Greetings, House, pb, pb_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from joserfc.jwk import RSAKey
from servicekit.refusals import Denied, Refusal, Unauthenticated, Unavailable
from servicekit.rpc.access import Unguarded, trusting_the_token
from servicekit.rpc.channels import credentials
from servicekit.rpc.server import Server

TARGET = "coworking@la-place"
HELLO = pb.GreetRequest(wish="hello")


@pytest.fixture
async def server(house: House, greetings: Greetings) -> Server:
    return await house.serve(TARGET, greetings)


@pytest.fixture
async def portal(house: House, server: Server) -> Any:
    return house.stub("portal@groupement", server, TARGET)


async def reason(call: Any) -> tuple[type[Refusal], str]:
    """How a call is refused: the kind and the reason."""
    with pytest.raises(Refusal) as refused:
        await call
    return type(refused.value).__mro__[1], refused.value.reason


async def test_an_rpc_without_an_access_rule_keeps_the_server_from_starting(house: House) -> None:
    class Forgotten(pb_grpc.ForgottenServiceServicer):  # type: ignore[misc]
        async def Forget(self, _request: Any, _context: Any) -> Any:
            return pb.ForgetResponse()

    with pytest.raises(Unguarded, match="ForgottenService/Forget has no access rule"):
        house.server(TARGET, [(pb_grpc.add_ForgottenServiceServicer_to_server, Forgotten())])


async def test_a_kind_of_peer_that_no_rule_names_is_refused(house: House, server: Server) -> None:
    stub = house.stub("incubator@la-place", server, TARGET)
    assert await reason(stub.Greet(HELLO)) == (Denied, "PEER_NOT_ALLOWED")


async def test_a_person_must_sign_in_where_a_rule_says_so(house: House, portal: Any) -> None:
    request = pb.GreetSignedInRequest()
    assert await reason(portal.GreetSignedIn(request)) == (Unauthenticated, "SIGN_IN_REQUIRED")
    answer = await portal.GreetSignedIn(request, metadata=credentials(house.token(roles=["ADVISOR"])))
    assert (answer.seen.person_id, answer.seen.acting_for) == ("person_1", "la-place")
    assert list(answer.seen.roles) == []


@pytest.mark.parametrize(
    ("in_token", "in_record"),
    [(["ADVISOR"], []), ([], ["ADVISOR"]), (["ADVISOR"], ["DIRECTOR"]), (["ADMIN"], ["ADMIN"])],
    ids=["token alone", "record alone", "each another", "both, but not the one asked for"],
)
async def test_a_role_counts_only_where_token_and_staff_record_agree(
    house: House, portal: Any, in_token: Sequence[str], in_record: Sequence[str]
) -> None:
    house.staff["person_1"] = frozenset(in_record)
    call = portal.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=credentials(house.token(roles=in_token)))
    assert await reason(call) == (Denied, "ROLE_REQUIRED")


async def test_a_role_that_both_hold_gets_in_and_the_caller_holds_no_other(house: House, portal: Any) -> None:
    house.staff["person_1"] = frozenset({"ADVISOR", "DIRECTOR"})
    token = house.token(roles=["ADVISOR", "ADMIN", "MEMBER"])
    answer = await portal.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=credentials(token))
    assert list(answer.seen.roles) == ["ADVISOR", "MEMBER"]


async def test_a_role_taken_back_is_refused_at_once_with_the_same_token(house: House, portal: Any) -> None:
    house.staff["person_1"] = frozenset({"ADVISOR"})
    metadata = credentials(house.token(roles=["ADVISOR"]))
    await portal.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=metadata)
    house.staff["person_1"] = frozenset()
    call = portal.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=metadata)
    assert await reason(call) == (Denied, "ROLE_REQUIRED")


async def test_membership_is_the_tokens_to_tell(house: House, portal: Any) -> None:
    request = pb.GreetAsMemberRequest()
    answer = await portal.GreetAsMember(request, metadata=credentials(house.token(roles=["MEMBER"])))
    assert list(answer.seen.roles) == ["MEMBER"]
    house.staff["person_1"] = frozenset({"MEMBER"})
    assert await reason(portal.GreetAsMember(request, metadata=credentials(house.token()))) == (
        Denied,
        "ROLE_REQUIRED",
    )


async def test_any_one_rule_suffices(house: House, server: Server) -> None:
    incubator = house.stub("incubator@la-place", server, TARGET)
    answer = await incubator.GreetAsAdvisor(pb.GreetAsAdvisorRequest())
    assert answer.seen.peer == "incubator"


async def test_a_staff_record_that_cannot_be_read_opens_nothing(house: House, greetings: Greetings) -> None:
    async def away(person_id: str) -> frozenset[str]:
        raise Unavailable

    server = await house.serve(TARGET, greetings, staff=away)
    stub = house.stub("portal@la-place", server, TARGET)
    call = stub.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=credentials(house.token(roles=["ADVISOR"])))
    assert (await reason(call))[0] is Unavailable


async def test_bad_tokens_are_refused_even_where_none_is_needed(house: House, portal: Any) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": house.key.kid or ""})
    good = house.token()
    for metadata, wanted in [
        (credentials("nonsense"), "TOKEN_INVALID"),
        ((("authorization", f"Basic: {good}"),), "TOKEN_INVALID"),
        ((*credentials(good), *credentials(good)), "TOKEN_INVALID"),
        (credentials(house.token(key=stranger)), "TOKEN_INVALID"),
        (credentials(house.token(issuer=f"{ISSUER}.evil")), "TOKEN_INVALID"),
        (credentials(house.token(life=timedelta(seconds=-1))), "TOKEN_EXPIRED"),
        (credentials(house.token(structure="la-fabrique")), "TOKEN_FOR_ANOTHER_STRUCTURE"),
    ]:
        assert await reason(portal.Greet(HELLO, metadata=metadata)) == (Unauthenticated, wanted)


async def test_the_groupement_takes_any_structures_token_and_acts_for_that_structure(
    house: House, greetings: Greetings
) -> None:
    server = await house.serve("shared-identity@groupement", greetings, staff=trusting_the_token)
    portal = house.stub("portal@groupement", server, "shared-identity@groupement")
    for structure in ("la-place", "la-fabrique"):
        metadata = credentials(house.token(structure=structure, roles=["ADVISOR"]))
        answer = await portal.GreetAsAdvisor(pb.GreetAsAdvisorRequest(), metadata=metadata)
        assert (answer.seen.acting_for, list(answer.seen.roles)) == (structure, ["ADVISOR"])


async def test_a_structures_service_cannot_use_another_structures_token_at_the_groupement(
    house: House, greetings: Greetings
) -> None:
    server = await house.serve("shared-identity@groupement", greetings, staff=trusting_the_token)
    theirs = house.stub("portal@la-fabrique", server, "shared-identity@groupement")
    call = theirs.GreetSignedIn(pb.GreetSignedInRequest(), metadata=credentials(house.token()))
    assert await reason(call) == (Unauthenticated, "TOKEN_FOR_ANOTHER_STRUCTURE")


async def test_health_and_reflection_answer_the_operator_alone(house: House, server: Server) -> None:
    asked = health_pb2.HealthCheckRequest()
    listing = reflection_pb2.ServerReflectionRequest(list_services="")
    for caller in ("portal@la-place", "operator@la-fabrique"):
        channel = house.channel(caller, server, TARGET)
        assert (await reason(health_pb2_grpc.HealthStub(channel).Check(asked)))[0] is Denied
        stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([listing]))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await anext(aiter(stream))
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    channel = house.channel("operator@la-place", server, TARGET)
    answer = await health_pb2_grpc.HealthStub(channel).Check(asked)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    stream = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([listing]))
    names = {each.name for each in (await anext(aiter(stream))).list_services_response.service}
    assert "house.greeting.v1.GreetingService" in names


async def test_what_is_not_in_the_contract_is_not_served(house: House, server: Server) -> None:
    channel = house.channel("portal@la-place", server, TARGET)
    assert (await reason(channel.unary_unary("/house.greeting.v1.GreetingService/Whisper")(b"")))[1] == (
        "UNIMPLEMENTED"
    )
