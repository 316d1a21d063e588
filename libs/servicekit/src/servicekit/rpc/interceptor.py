"""The guard before every handler: who calls, may they, what a refusal looks like, what is counted and noted.

It wraps handlers instead of being a `grpc.aio.ServerInterceptor`, which sees no peer and costs a coroutine a call.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING, Any, Never

import grpc
import structlog
from google.protobuf.message import DecodeError
from grpc.aio import AbortError

from servicekit.caller import CALLER, Caller
from servicekit.logs import frames_of
from servicekit.metrics import RPC_SECONDS
from servicekit.refusals import Invalid, Refusal, Unavailable
from servicekit.rpc.access import Admissions, decide
from servicekit.rpc.callers import Callers, Context, Metadata
from servicekit.rpc.status import Unexpected, to_status

METADATA: ContextVar[Metadata] = ContextVar("metadata")
"""The metadata of the call being answered, as gRPC hands it to whoever looks up the handler."""

CONTEXT: ContextVar[Context] = ContextVar("context")
"""The context of the call being answered: a call made from inside it inherits its deadline."""

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]
else:
    Handler = grpc.RpcMethodHandler

log = structlog.get_logger("rpc")


class MessageMalformed(Invalid):
    """The request could not be read as the message it should be."""


class DeadlineExceeded(Unavailable):
    """No answer was found in the time allowed."""


class Answered(Exception):
    """This command was answered before; `message` is what was said then, serialized."""

    def __init__(self, message: bytes) -> None:
        self.message = message
        super().__init__("already answered")


class Guard:
    """Stands before one RPC: admits its callers, reads the request, turns refusals into statuses.

    `command` calls are noted one by one, reads are only counted; `deadline` is for callers who set none, in seconds.
    """

    def __init__(
        self,
        method: str,
        handler: Handler,
        *,
        admissions: Admissions,
        callers: Callers,
        deadline: float,
        command: bool,
    ) -> None:
        if handler.request_streaming and not handler.response_streaming:
            raise TypeError(f"{method}: client streams are not served")
        self._method = method
        self._handler = handler
        self._admissions = admissions
        self._callers = callers
        self._deadline = deadline
        behavior: Any = handler.unary_unary or handler.unary_stream or handler.stream_stream
        self._behavior: Callable[[Any, Context], Any] = behavior
        self._read: Callable[[bytes], Any] = handler.request_deserializer or bytes
        self._command = command
        self._answered = RPC_SECONDS.labels(method, "OK")
        self._streams: set[asyncio.Task[Any]] = set()
        self._ending = False

    def handler(self) -> Handler:
        """The handler to serve instead; a unary request reaches it as bytes, so that we say what is wrong with it."""
        inner = self._handler
        if not inner.response_streaming:
            return grpc.unary_unary_rpc_method_handler(self.answer)
        make = (
            grpc.stream_stream_rpc_method_handler if inner.request_streaming else grpc.unary_stream_rpc_method_handler
        )
        return make(self.stream, inner.request_deserializer, inner.response_serializer)

    async def answer(self, raw: bytes, context: Context) -> bytes:
        """Answer one unary call. What each call pays for is here; the detours are elsewhere."""
        started = perf_counter()
        try:
            await self._admit(context)
            try:
                request = self._read(raw)
            except DecodeError as error:
                raise MessageMalformed from error
            if context.time_remaining() is None:
                reply = await self._in_our_time(request, context)
            else:
                reply = await self._behavior(request, context)
            body: bytes = reply.SerializeToString()
        except Answered as kept:
            body = kept.message
        except AbortError:
            raise
        except asyncio.CancelledError:
            self._count(started, "CANCELLED")
            raise
        except Exception as error:
            await self._fail(context, error, started)
        self._succeeded(perf_counter() - started)
        return body

    async def stream(self, request: Any, context: Context) -> None:
        """Answer one call with as many messages as its handler yields or writes."""
        started = perf_counter()
        with self._among_streams():
            try:
                await self._admit(context)
                replies = self._behavior(request, context)
                if not hasattr(replies, "__aiter__"):
                    await replies
                    return
                async for reply in replies:
                    await context.write(reply)
            except AbortError:
                raise
            except asyncio.CancelledError:
                if not self._ending:
                    raise
                await context.abort(grpc.StatusCode.UNAVAILABLE, "this instance is ending")
            except Exception as error:
                await self._fail(context, error, started)

    def end_streams(self) -> None:
        """End the streams under way: they would hold up a drain for as long as their readers listen."""
        self._ending = True
        for task in tuple(self._streams):
            task.cancel()

    async def _admit(self, context: Context) -> None:
        CONTEXT.set(context)
        peer, token, trace = self._callers.recognise(context, METADATA.get())
        if token is None:
            caller = Caller(peer=peer, acting_for=peer.structure, trace=trace)
        else:
            caller = Caller(
                peer=peer,
                acting_for=token.structure,
                person_id=token.person_id,
                roles=await self._callers.roles_of(token),
                trace=trace,
            )
        CALLER.set(caller)
        decide(self._admissions.get(peer.kind), caller)

    async def _in_our_time(self, request: Any, context: Context) -> Any:
        """The answer to a caller who set no deadline; the others are cancelled by gRPC when theirs has passed."""
        try:
            async with asyncio.timeout(self._deadline) as limit:
                return await self._behavior(request, context)
        except TimeoutError:
            if limit.expired():
                raise DeadlineExceeded from None
            raise

    def _succeeded(self, seconds: float) -> None:
        self._answered.observe(seconds)
        if self._command:
            log.info("answered", method=self._method, milliseconds=round(seconds * 1000, 2))

    async def _fail(self, context: Context, error: Exception, started: float) -> Never:
        if isinstance(error, NotImplementedError):
            self._count(started, "UNIMPLEMENTED")
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{self._method} is not served here")
        refusal = error if isinstance(error, Refusal) else Unexpected(trace=_trace())
        code, message, trailers = to_status(refusal)
        self._count(started, code.name)
        if refusal is error:
            log.info("refused", method=self._method, code=code.name, reason=refusal.reason, field=refusal.field)
        else:
            log.error("failed", method=self._method, error=type(error).__name__, frames=frames_of(error))
        await context.abort(code, message, trailers)

    def _count(self, started: float, code: str) -> None:
        RPC_SECONDS.labels(self._method, code).observe(perf_counter() - started)

    @contextmanager
    def _among_streams(self) -> Iterator[None]:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a stream is answered in a task")
        self._streams.add(task)
        try:
            yield
        finally:
            self._streams.discard(task)


def _trace() -> str:
    caller = CALLER.get(None)
    return caller.trace if caller else ""
