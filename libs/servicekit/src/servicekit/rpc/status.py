"""Refusals on the wire: `google.rpc.Status` with ErrorInfo and BadRequest (AIP-193), and back again.

The kind survives the journey, so that what storage refused as not found reaches the portal as not found without a
line between them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc import StatusCode
from grpc.aio import AioRpcError

from servicekit import refusals
from servicekit.refusals import Refusal

DOMAIN = "groupement"
DETAILS_KEY = "grpc-status-details-bin"
NEVER_RETRY = ("grpc-retry-pushback-ms", "-1")
"""Trailer that tells a retrying channel to give up: repeating the call would repeat the accident."""

_LONGEST_MESSAGE = 300
_LONGEST_VALUE = 200
_MOST_VALUES = 16
_REASON = re.compile(r"[A-Z][A-Z0-9_]{0,61}[A-Z0-9]")

_CODES: dict[type[Refusal], StatusCode] = {
    refusals.Invalid: StatusCode.INVALID_ARGUMENT,
    refusals.NotFound: StatusCode.NOT_FOUND,
    refusals.Conflict: StatusCode.FAILED_PRECONDITION,
    refusals.Stale: StatusCode.ABORTED,
    refusals.Denied: StatusCode.PERMISSION_DENIED,
    refusals.Unauthenticated: StatusCode.UNAUTHENTICATED,
    refusals.Exhausted: StatusCode.RESOURCE_EXHAUSTED,
    refusals.Unavailable: StatusCode.UNAVAILABLE,
}
_KINDS: dict[StatusCode, type[Refusal]] = {
    **{code: kind for kind, code in _CODES.items()},
    StatusCode.OUT_OF_RANGE: refusals.Invalid,
    StatusCode.ALREADY_EXISTS: refusals.Conflict,
}

Trailers = tuple[tuple[str, str | bytes], ...]


class Unexpected(refusals.Unavailable):
    """Something went wrong here; it was noted, with this call's number."""


def code_of(refusal: Refusal) -> StatusCode:
    """The status code of a refusal's kind."""
    return _CODES[refusals.kind_of(refusal)]


def to_status(refusal: Refusal) -> tuple[StatusCode, str, Trailers]:
    """Code, details and trailing metadata for a refusal; clipped to what an HTTP/2 header may carry."""
    code = code_of(refusal)
    number: int = code.value[0]
    message = refusal.message[:_LONGEST_MESSAGE]
    status = status_pb2.Status(code=number, message=message)
    info = error_details_pb2.ErrorInfo(reason=refusal.reason, domain=DOMAIN, metadata=_clipped(refusal.metadata))
    status.details.add().Pack(info)
    if refusal.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=refusal.field[:_LONGEST_VALUE], description=message, reason=refusal.reason
        )
        status.details.add().Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    trailers: Trailers = ((DETAILS_KEY, status.SerializeToString()),)
    return code, message, (*trailers, NEVER_RETRY) if isinstance(refusal, Unexpected) else trailers


def refusal_from(error: AioRpcError) -> Refusal:
    """The refusal a failed call stands for: same kind, reason, field, message and metadata.

    What gRPC itself says (unreachable, too late, unknown method) is Unavailable unless its code names a kind; its
    reason is then the code's name.
    """
    code = error.code()
    message = error.details() or ""
    status = _details(error.trailing_metadata() or ())
    if status is None:
        return _named(code, code.name)(message)
    info, violations = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        if not detail.Unpack(info):
            detail.Unpack(violations)
    field = violations.field_violations[0].field if violations.field_violations else ""
    restored = _named(code, info.reason if _REASON.fullmatch(info.reason) else code.name)(message, field=field)
    restored.metadata = dict(info.metadata)
    return restored


def _details(trailers: Iterable[tuple[str, str | bytes]]) -> status_pb2.Status | None:
    for key, value in trailers:
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                return None
    return None


def _clipped(metadata: dict[str, str]) -> dict[str, str]:
    return {key: str(value)[:_LONGEST_VALUE] for key, value in list(metadata.items())[:_MOST_VALUES]}


@lru_cache(maxsize=1024)
def _named(code: StatusCode, reason: str) -> type[Refusal]:
    """A refusal of that code's kind with that reason, the class named as its author named it."""
    kind = _KINDS.get(code, refusals.Unavailable)
    name = "".join(word.capitalize() for word in reason.split("_"))
    return type(name, (kind,), {"reason": reason, "__doc__": kind.__doc__})
