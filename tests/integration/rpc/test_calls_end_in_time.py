"""Every call has an end: its deadline, ours when it has none, or the drain of the server."""

import asyncio
from typing import Any

import grpc
import pytest
from greeting import Greetings, House, pb, pb_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from servicekit.refusals import Unavailable
from servicekit.rpc.server import Server

TARGET = "coworking@la-place"
SLEEP = pb.GreetRequest(wish="sleep")


@pytest.fixture
async def server(house: House, greetings: Greetings) -> Server:
    return await house.serve(TARGET, greetings)


async def test_a_call_that_takes_too_long_is_given_up_on_both_sides(
    house: House, greetings: Greetings, server: Server
) -> None:
    with pytest.raises(Unavailable) as late:
        await house.stub("portal@la-place", server, TARGET).Greet(SLEEP, timeout=0.2)
    assert late.value.reason == "DEADLINE_EXCEEDED"
    await asyncio.wait_for(greetings.cancelled.wait(), 20)


async def test_a_call_gets_the_channels_deadline_when_it_names_none(
    house: House, greetings: Greetings, server: Server
) -> None:
    stub = house.stub("portal@la-place", server, TARGET, deadline=0.2)
    async with asyncio.timeout(20):
        with pytest.raises(Unavailable) as late:
            await stub.Greet(SLEEP)
    assert late.value.reason == "DEADLINE_EXCEEDED"


async def test_a_caller_without_any_deadline_gets_the_servers(house: House, greetings: Greetings) -> None:
    server = await house.serve(TARGET, greetings, default_deadline=0.2)
    raw = house.channel("portal@la-place", server, TARGET).plain
    async with asyncio.timeout(20):
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await pb_grpc.GreetingServiceStub(raw).Greet(SLEEP)
    assert late.value.details() == "No answer was found in the time allowed."
    assert greetings.cancelled.is_set()


async def test_a_call_made_inside_a_call_ends_with_it(house: House, greetings: Greetings, server: Server) -> None:
    onward = house.stub("coworking@la-place", server, TARGET)

    class Front(Greetings):
        """Asks another, and would let it go on when its own caller has given up."""

        async def Greet(self, request: Any, _context: Any) -> Any:
            return await asyncio.shield(asyncio.ensure_future(onward.Greet(request)))

    front = house.stub("portal@la-place", await house.serve(TARGET, Front()), TARGET)
    with pytest.raises(Unavailable):
        await front.Greet(SLEEP, timeout=0.3)
    await asyncio.wait_for(greetings.cancelled.wait(), 20)


async def test_a_drain_lets_the_call_under_way_finish_and_takes_no_other(
    house: House, greetings: Greetings, server: Server
) -> None:
    stub = house.stub("portal@la-place", server, TARGET)
    running = asyncio.ensure_future(stub.Greet(pb.GreetRequest(wish="wait")))
    await asyncio.wait_for(greetings.entered.wait(), 20)
    draining = asyncio.ensure_future(server.drain(60))
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable):
        await house.stub("portal@la-place", server, TARGET).Greet(pb.GreetRequest(), timeout=1)
    assert not running.done()
    greetings.release.set()
    assert (await running).wish == "wait"
    await asyncio.wait_for(draining, 20)


async def test_a_drain_ends_after_its_grace_however_long_a_call_takes(
    house: House, greetings: Greetings, server: Server
) -> None:
    running = asyncio.ensure_future(house.stub("portal@la-place", server, TARGET).Greet(SLEEP, timeout=60))
    await asyncio.wait_for(greetings.entered.wait(), 20)
    await asyncio.wait_for(server.drain(0.2), 20)
    with pytest.raises(Unavailable):
        await running


async def test_who_watches_health_hears_of_the_drain_and_does_not_hold_it_up(house: House, server: Server) -> None:
    channel = house.channel("operator@la-place", server, TARGET)
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
    heard = aiter(watch)
    assert (await anext(heard)).status == health_pb2.HealthCheckResponse.SERVING
    await asyncio.wait_for(server.drain(60), 20)
    assert (await anext(heard)).status == health_pb2.HealthCheckResponse.NOT_SERVING


async def test_an_address_that_is_taken_is_said_in_one_line(house: House, greetings: Greetings, server: Server) -> None:
    with pytest.raises(OSError, match="cannot listen on"):
        await house.serve(TARGET, greetings, listen=server.address)
