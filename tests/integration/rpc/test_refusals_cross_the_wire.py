"""A refusal arrives as what it was; an accident arrives as nothing but its number."""

import json
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from greeting import Greetings, House, pb, pb_grpc
from servicekit import refusals
from servicekit.caller import current_caller
from servicekit.refusals import KINDS, Conflict, Invalid, Refusal, Unavailable
from servicekit.rpc.channels import credentials

TARGET = "coworking@la-place"
SECRET = "Amina Benali, amina@example.org"
Lines = Callable[[], list[dict[str, object]]]


class Raising(Greetings):
    """Raises what it is told to, and counts how often it was asked."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
        self.asked = 0

    async def Greet(self, _request: Any, _context: Any) -> Any:
        self.asked += 1
        raise self.error


async def raised(house: House, error: Exception) -> tuple[Refusal, Raising]:
    """What the client catches when the handler raises `error`."""
    greetings = Raising(error)
    stub = house.stub("portal@la-place", await house.serve(TARGET, greetings), TARGET)
    with pytest.raises(Refusal) as caught:
        await stub.Greet(pb.GreetRequest())
    return caught.value, greetings


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_every_kind_of_refusal_is_itself_again_on_the_client(house: House, kind: type[Refusal]) -> None:
    named = type("RoomTooSmall", (kind,), {"__doc__": "This room is too small."})
    caught, _ = await raised(house, named(field="room", seats="12"))
    assert refusals.kind_of(caught) is kind
    assert (caught.reason, caught.field, caught.metadata) == ("ROOM_TOO_SMALL", "room", {"seats": "12"})
    assert caught.message == str(caught) == "This room is too small."


async def test_any_client_reads_error_info_and_bad_request(house: House, greetings: Greetings) -> None:
    server = await house.serve(TARGET, greetings)
    raw = house.channel("portal@la-place", server, TARGET).plain
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await pb_grpc.GreetingServiceStub(raw).Greet(pb.GreetRequest(wish="refuse"), timeout=5)
    trailers = dict(refused.value.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    assert [detail.Unpack(into) for detail, into in zip(status.details, (info, bad), strict=True)] == [True, True]
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "ALREADY_GREETED",
        "groupement",
        {"since": "yesterday"},
    )
    assert [(v.field, v.description) for v in bad.field_violations] == [
        ("visitor.language", "This greeting was given before.")
    ]
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert status.code == refused.value.code().value[0]
    assert status.message == refused.value.details()


async def test_a_refusal_too_long_for_a_header_still_arrives(house: House) -> None:
    caught, _ = await raised(
        house, Invalid("é" * 100_000, field="f" * 9_000, **{f"k{n}": "v" * 9_000 for n in range(50)})
    )
    assert refusals.kind_of(caught) is Invalid
    assert caught.message == "é" * 300


async def test_a_request_that_is_no_message_is_invalid(house: House, greetings: Greetings) -> None:
    server = await house.serve(TARGET, greetings)
    call = house.channel("portal@la-place", server, TARGET).unary_unary("/house.greeting.v1.GreetingService/Greet")
    with pytest.raises(Invalid) as refused:
        await call(b"\xff\xff\xff")
    assert refused.value.reason == "MESSAGE_MALFORMED"


@pytest.mark.parametrize(
    "error",
    [ValueError(SECRET), KeyError(SECRET), TimeoutError(SECRET), ExceptionGroup(SECRET, [ValueError(SECRET)])],
    ids=lambda error: type(error).__name__,
)
async def test_an_accident_says_nothing_but_its_number_and_is_not_repeated(
    house: House, logged: Lines, error: Exception
) -> None:
    caught, greetings = await raised(house, error)
    assert isinstance(caught, Unavailable)
    assert caught.reason == "UNEXPECTED"
    assert SECRET not in caught.message + json.dumps(caught.metadata)
    assert greetings.asked == 1
    [line] = [line for line in logged() if line["event"] == "failed"]
    assert line["trace"] == caught.metadata["trace"]
    assert line["error"] == type(error).__name__
    assert any("Greet" in str(frame) for frame in line["frames"])  # type: ignore[attr-defined]
    assert SECRET not in json.dumps(logged())


async def test_an_accident_is_never_internal_nor_unknown(house: House, logged: Lines) -> None:
    server = await house.serve(TARGET, Raising(ValueError(SECRET)))
    raw = house.channel("portal@la-place", server, TARGET).plain
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await pb_grpc.GreetingServiceStub(raw).Greet(pb.GreetRequest(), timeout=5)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert SECRET not in repr(failed.value) + str(failed.value.trailing_metadata())


async def test_unavailable_is_tried_again(house: House) -> None:
    _, greetings = await raised(house, Unavailable("busy"))
    assert greetings.asked == 3


async def test_other_refusals_are_not_tried_again(house: House) -> None:
    _, greetings = await raised(house, Conflict("taken"))
    assert greetings.asked == 1


async def test_what_another_service_refused_is_refused_in_turn(house: House, greetings: Greetings) -> None:
    behind = await house.serve(TARGET, greetings)
    onward = house.stub("coworking@la-place", behind, TARGET)

    class Front(Greetings):
        async def Greet(self, request: Any, _context: Any) -> Any:
            return await onward.Greet(request)

    front = house.stub("portal@la-place", await house.serve(TARGET, Front()), TARGET)
    with pytest.raises(Conflict) as refused:
        await front.Greet(pb.GreetRequest(wish="refuse"))
    assert (refused.value.reason, refused.value.field) == ("ALREADY_GREETED", "visitor.language")


async def test_a_call_made_inside_a_call_carries_its_number(house: House, greetings: Greetings) -> None:
    behind = await house.serve(TARGET, greetings)
    onward = house.stub("coworking@la-place", behind, TARGET)
    traces: list[str] = []

    class Front(Greetings):
        async def Greet(self, request: Any, _context: Any) -> Any:
            traces.append(current_caller().trace)
            return await onward.Greet(request)

    front = house.stub("portal@la-place", await house.serve(TARGET, Front()), TARGET)
    answers = [await front.Greet(pb.GreetRequest()) for _ in range(2)]
    assert [answer.trace for answer in answers] == traces
    assert len(set(traces)) == 2
    chosen = await front.Greet(pb.GreetRequest(), metadata=(("x-trace", "visit-42"),))
    assert chosen.trace == "visit-42"


async def test_logs_name_the_peer_and_never_the_person(house: House, greetings: Greetings, logged: Lines) -> None:
    server = await house.serve(TARGET, greetings)
    stub = house.stub("portal@la-place", server, TARGET)
    visitor = pb.Visitor(person_id="person_42", display_name=SECRET, email=[SECRET], door_code="1234")
    metadata = credentials(house.token(person_id="person_42"))
    for wish in ("refuse", "crash"):
        with pytest.raises(Refusal):
            await stub.Greet(pb.GreetRequest(wish=wish, visitor=visitor), metadata=metadata)
    lines = logged()
    assert {(line["event"], line["peer"]) for line in lines if "method" in line} == {
        ("refused", "portal@la-place"),
        ("failed", "portal@la-place"),
    }
    for canary in (SECRET, "person_42", "1234", metadata[0][1]):
        assert canary not in json.dumps(lines, ensure_ascii=False)
