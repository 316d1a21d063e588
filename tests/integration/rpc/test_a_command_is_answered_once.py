"""A request_id is answered once: the same request again gives the same answer and does nothing (AIP-155)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from greeting import AlreadyGreeted, Greetings, House, pb
from servicekit.refusals import Conflict, Invalid
from servicekit.rpc.channels import credentials
from servicekit.rpc.commands import Commands
from servicekit.sql import Database, Due
from servicekit.sql.tables import due
from sqlalchemy import func, select

TARGET = "coworking@la-place"
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Book(Greetings):
    """Keeps the greetings left in it, each as a row; refuses while `closed`."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db
        self._command = Commands(db)
        self.closed = False

    async def LeaveGreeting(self, request: Any, context: Any) -> Any:
        async with self._command(request, context) as work:
            if self.closed:
                raise AlreadyGreeted
            number = await self.count() + 1
            work.schedule(Due(kind="greeting", key=f"{request.text} {number}", at=LATER))
            return work.answer(pb.LeaveGreetingResponse(number=number))

    async def count(self) -> int:
        async with self._db.reading() as work:
            return int((await work.execute(select(func.count()).select_from(due))).scalar_one())


@pytest.fixture
async def book(database: Database) -> Book:
    return Book(database)


@pytest.fixture
async def portal(house: House, book: Book) -> Any:
    return house.stub("portal@la-place", await house.serve(TARGET, book), TARGET, deadline=20)


def left(request_id: str = "request-1", text: str = "hello") -> Any:
    return pb.LeaveGreetingRequest(request_id=request_id, text=text)


async def test_the_same_request_again_gets_the_same_answer_and_does_nothing(book: Book, portal: Any) -> None:
    answers = [await portal.LeaveGreeting(left()) for _ in range(3)]
    assert [answer.number for answer in answers] == [1, 1, 1]
    assert await book.count() == 1


async def test_the_same_request_many_times_at_once_is_answered_once(book: Book, portal: Any) -> None:
    answers = await asyncio.gather(*(portal.LeaveGreeting(left()) for _ in range(8)))
    assert {answer.number for answer in answers} == {1}
    assert await book.count() == 1


async def test_other_requests_are_answered_each_for_itself(book: Book, portal: Any) -> None:
    assert [(await portal.LeaveGreeting(left(f"request-{n}"))).number for n in (1, 2)] == [1, 2]


async def test_a_request_id_used_for_another_request_is_refused(book: Book, portal: Any) -> None:
    await portal.LeaveGreeting(left(text="hello"))
    with pytest.raises(Invalid) as refused:
        await portal.LeaveGreeting(left(text="goodbye"))
    assert (refused.value.reason, refused.value.field) == ("REQUEST_ID_REUSED", "request_id")
    assert await book.count() == 1


async def test_nobody_gets_the_answer_given_to_another(house: House, book: Book, portal: Any) -> None:
    tokens = [house.token(person_id="person_1"), house.token(person_id="person_2")]
    answers = [await portal.LeaveGreeting(left(), metadata=credentials(token)) for token in tokens]
    assert [answer.number for answer in answers] == [1, 2]


async def test_without_a_request_id_asking_twice_does_twice(book: Book, portal: Any) -> None:
    assert [(await portal.LeaveGreeting(left(request_id=""))).number for _ in range(2)] == [1, 2]


async def test_a_refused_command_may_be_asked_again(book: Book, portal: Any) -> None:
    book.closed = True
    with pytest.raises(Conflict):
        await portal.LeaveGreeting(left())
    book.closed = False
    assert (await portal.LeaveGreeting(left())).number == 1


@pytest.mark.parametrize("request_id", ["x" * 65, "a b", "é", "a\nb"])
async def test_a_request_id_of_another_form_is_refused(book: Book, portal: Any, request_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        await portal.LeaveGreeting(left(request_id))
    assert (refused.value.reason, refused.value.field) == ("REQUEST_ID_MALFORMED", "request_id")
    assert await book.count() == 0


async def test_an_answer_nobody_waited_for_is_given_to_whoever_asks_again(book: Book, portal: Any) -> None:
    for impatience in (0.001, 0.005, 0.02):
        call = asyncio.ensure_future(portal.LeaveGreeting(left()))
        await asyncio.sleep(impatience)
        call.cancel()
    assert (await portal.LeaveGreeting(left())).number == 1
    assert await book.count() == 1
