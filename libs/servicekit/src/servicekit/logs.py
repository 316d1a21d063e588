"""Logs: one JSON line an event on stderr, which says what happened and to what, never to whom.

What the contract marks `(groupement.options.v1.personal)` is left out; so is the text of exceptions, where drivers
quote the values they choked on.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from groupement.options.v1 import options_pb2
from structlog.typing import EventDict, Processor, WrappedLogger

from servicekit.caller import CALLER

REDACTED = "[personal]"
_TEXT = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
_OPAQUE = re.compile(r"(?!person_)[a-z][a-z0-9_]*_[0-9a-f]{32}")
_personal_names: set[str] = set()


def configure(*, instance: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send our own logs and our libraries' to `stream` (stderr) as JSON lines, from `level` up."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            _with_instance(instance),
            _with_caller,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_personal,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forward()], level=max(number, logging.WARNING), force=True)


def learn(messages: Iterable[Descriptor]) -> None:
    """Note the names of personal fields in these messages and those inside them: keys never logged from then on."""
    seen: set[str] = set()
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        _personal_names.update(field.name for field in message.fields if _is_personal(field))
        waiting += [field.message_type for field in message.fields if field.message_type is not None]


def redacted(message: Message) -> dict[str, object]:
    """What of a message may be logged: what is marked PERSONAL_NONE, identifiers of things and what is no text.

    Text that carries no mark at all is left out: an unmarked field must not become a leak.
    """
    return {field.name: _redacted_value(field, value) for field, value in message.ListFields()}


def frames_of(error: BaseException) -> list[str]:
    """Where an exception came from, cause first: file, line and function, without its text."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.insert(0, cause)
        cause = cause.__cause__ or cause.__context__
    return [line for each in causes for line in _frames(each)]


def without_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: messages are redacted, personal keys and exception texts dropped."""
    failure = event.pop("exc_info", None)
    if failure:
        event["frames"] = failure if isinstance(failure, BaseException) else sys.exc_info()[1]
    for key, value in event.items():
        if isinstance(value, Message):
            event[key] = redacted(value)
        elif isinstance(value, BaseException):
            event[key] = frames_of(value)
        elif key in _personal_names:
            event[key] = REDACTED
    return event


def _frames(error: BaseException) -> list[str]:
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    calls = traceback.extract_tb(error.__traceback__)
    return [
        *(line for each in inner for line in frames_of(each)),
        type(error).__name__,
        *(f"{call.filename}:{call.lineno} {call.name}" for call in calls),
    ]


def _mark(field: FieldDescriptor) -> int:
    return field.GetOptions().Extensions[options_pb2.personal]


def _is_personal(field: FieldDescriptor) -> bool:
    return _mark(field) not in (options_pb2.PERSONAL_UNSPECIFIED, options_pb2.PERSONAL_NONE)


def _redacted_value(field: FieldDescriptor, value: Any) -> object:
    if _is_personal(field):
        return REDACTED
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return f"{len(value)} entries"
    return [_shown(field, each) for each in value] if field.is_repeated else _shown(field, value)


def _shown(field: FieldDescriptor, value: Any) -> object:
    if isinstance(value, Message):
        return redacted(value)
    if field.type not in _TEXT or _mark(field) == options_pb2.PERSONAL_NONE:
        return value
    return value if isinstance(value, str) and _OPAQUE.fullmatch(value) else REDACTED


def _with_instance(instance: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["instance"] = instance
        return event

    return add


def _with_caller(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Tie the line to the call being answered: its number, the service calling; not the person."""
    caller = CALLER.get(None)
    if caller is not None:
        event["trace"] = caller.trace
        event["peer"] = f"{caller.peer.kind}@{caller.peer.structure}"
        event["acting_for"] = caller.acting_for
    return event


class _Forward(logging.Handler):
    """Takes what libraries log; their unfilled templates only, since arguments may be anybody's data."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, object] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["frames"] = frames_of(record.exc_info[1])
        structlog.get_logger(record.name).log(record.levelno, str(record.msg), **fields)
