"""Commands carry a request_id (AIP-155): asking again gives the same answer and does nothing twice."""

import asyncio
from datetime import timedelta

import pytest
from google.protobuf.message import Message
from groupement.options.v1 import options_pb2 as pb
from servicekit.sql import Command, Database, RequestIdReused, answers
from servicekit.sql.tables import answer
from servicekit.sql.work import AnswerMissing
from stored import AT, brighten, count, levels


def command(request: Message, *, request_id: str = "request_1", caller: str = "person_1") -> Command:
    return Command.of(request, request_id=request_id, method="/lamps.v1.Lamps/Brighten", caller=caller, at=AT)


ASKED = pb.Fact(noun="lamp", verb="brightened")
GIVEN = pb.Fact(noun="lamp", verb="answered")


async def brighten_once(house: Database, asked: Command, *, pause: float = 0) -> bytes:
    async with house.work() as work:
        answered = await work.replay_or_claim(asked)
        if answered is not None:
            return answered
        await brighten(work)
        await asyncio.sleep(pause)
        return work.answer(GIVEN).SerializeToString()


async def test_the_same_request_again_gets_the_stored_answer(house: Database) -> None:
    first = await brighten_once(house, command(ASKED))
    assert await brighten_once(house, command(ASKED)) == first == GIVEN.SerializeToString()
    assert await levels(house) == {"lamp_1": 1}


async def test_the_same_request_at_the_same_time_is_executed_once(twins: tuple[Database, Database]) -> None:
    asking = [brighten_once(twins[number % 2], command(ASKED), pause=0.02) for number in range(6)]
    assert set(await asyncio.gather(*asking)) == {GIVEN.SerializeToString()}
    assert await levels(twins[0]) == {"lamp_1": 1}


async def test_control_without_its_request_id_it_is_executed_each_time(house: Database) -> None:
    asking = [brighten_once(house, command(ASKED, request_id=f"request_{number}")) for number in range(6)]
    await asyncio.gather(*asking)
    assert await levels(house) == {"lamp_1": 6}


async def test_another_request_under_the_same_id_is_refused(house: Database) -> None:
    await brighten_once(house, command(ASKED))
    with pytest.raises(RequestIdReused) as refused:
        await brighten_once(house, command(pb.Fact(noun="door")))
    assert refused.value.field == "request_id"
    assert refused.value.reason == "REQUEST_ID_REUSED"
    assert await levels(house) == {"lamp_1": 1}


async def test_two_callers_may_choose_the_same_id(house: Database) -> None:
    await brighten_once(house, command(ASKED, caller="person_1"))
    await brighten_once(house, command(ASKED, caller="person_2"))
    assert await levels(house) == {"lamp_1": 2}


async def test_a_command_that_failed_may_be_asked_again(house: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with house.work() as work:
            assert await work.replay_or_claim(command(ASKED)) is None
            raise ZeroDivisionError
    await brighten_once(house, command(ASKED))
    assert await levels(house) == {"lamp_1": 1}


async def test_the_one_who_waits_executes_when_the_first_fails(twins: tuple[Database, Database]) -> None:
    claimed = asyncio.Event()

    async def fail() -> None:
        async with twins[0].work() as work:
            await work.replay_or_claim(command(ASKED))
            await brighten(work)
            claimed.set()
            await asyncio.sleep(0.05)
            raise ZeroDivisionError

    failing = asyncio.create_task(fail())
    await claimed.wait()
    await brighten_once(twins[1], command(ASKED))
    with pytest.raises(ZeroDivisionError):
        await failing
    assert await levels(twins[0]) == {"lamp_1": 1}


async def test_a_command_that_does_not_answer_saves_nothing(house: Database) -> None:
    with pytest.raises(AnswerMissing):
        async with house.work() as work:
            await work.replay_or_claim(command(ASKED))
            await brighten(work)
    assert await levels(house) == {"lamp_1": 0}
    assert await count(house, answer) == 0


async def test_without_a_request_id_nothing_is_kept(house: Database) -> None:
    async with house.work() as work:
        await brighten(work)
        assert work.answer(GIVEN) is GIVEN
    assert await count(house, answer) == 0


async def test_old_answers_are_forgotten(house: Database) -> None:
    await brighten_once(house, command(ASKED))
    async with house.work() as work:
        assert await answers.forget_before(work, AT) == 0
        assert await answers.forget_before(work, AT + timedelta(seconds=1)) == 1
    assert await count(house, answer) == 0
