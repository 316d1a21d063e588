"""Commands: one unit of work each, answered once however often they are asked."""

import re
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from google.protobuf.message import Message

from servicekit.caller import Caller, current_caller
from servicekit.clock import Clock, utc_now
from servicekit.refusals import Invalid
from servicekit.rpc.interceptor import Answered
from servicekit.sql.answers import Command
from servicekit.sql.engine import Database
from servicekit.sql.work import Work

_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RequestIdMalformed(Invalid):
    """A request_id is up to 64 letters, digits, dashes: a UUID, best."""


class Commands:
    """Opens the unit of work of a command: `async with commands(request, context) as work`."""

    def __init__(self, db: Database, *, clock: Clock = utc_now) -> None:
        self._db = db
        self._clock = clock

    def __call__(self, request: Message, _context: object = None) -> AbstractAsyncContextManager[Work]:
        """The work of this request, by the caller of the call being answered.

        A request_id answered before ends the call there, with the answer given then. Raises RequestIdReused when it
        was used for another request, Unavailable when the database is. Without a request_id, asking twice does twice.
        """
        return _Block(self._db, request, self._clock)


class _Block(AbstractAsyncContextManager[Work]):
    """The block of one command."""

    def __init__(self, db: Database, request: Message, clock: Clock) -> None:
        self._inner = db.work()
        self._request = request
        self._clock = clock

    async def __aenter__(self) -> Work:
        request_id: str = getattr(self._request, "request_id", "")
        if request_id and not _FORM.fullmatch(request_id):
            raise RequestIdMalformed(field="request_id")
        work = await self._inner.__aenter__()
        if request_id:
            try:
                await self._answer_again(work, request_id)
            except BaseException as error:
                await self._inner.__aexit__(type(error), error, error.__traceback__)
                raise
        return work

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._inner.__aexit__(kind, error, trace)

    async def _answer_again(self, work: Work, request_id: str) -> None:
        request = self._request
        command = Command.of(
            request,
            request_id=request_id,
            method=request.DESCRIPTOR.full_name,
            caller=_name(current_caller()),
            at=self._clock(),
        )
        answer = await work.replay_or_claim(command)
        if answer is not None:
            raise Answered(answer)


def _name(caller: Caller) -> str:
    """Whose request_ids these are: nobody else's answer is ever given."""
    who = caller.person_id or f"{caller.peer.kind}@{caller.peer.structure}"
    return f"{who}/{caller.acting_for}"
