"""The envelope of a fact: CloudEvents 1.0 in NATS binary mode, so that any client in any language reads it."""

import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TypeVar
from urllib.parse import unquote

from google.protobuf import json_format
from google.protobuf.message import Message
from nats.aio.msg import Msg

from servicekit.bus.accounts import FEDERATION, account_hash, imported_api
from servicekit.facts import Fact
from servicekit.origin import Origin

MESSAGE_ID = "Nats-Msg-Id"
STREAM_SOURCE = "Nats-Stream-Source"
"""Written by the server on what came through a valve: `EVENTS:<hash of the valve's API prefix>:... `."""
SPEC_VERSION = "1.0"
JSON = "application/json"
_SOURCE = re.compile(r"//groupement/([a-z0-9-]+)/([a-z0-9-]+)")
_TO_ENCODE = re.compile(r"[^\x21\x23\x24\x26-\x7e]")
_PLAIN_TOKENS, _ADDRESSED_TOKENS = 5, 6

M = TypeVar("M", bound=Message)


class Malformed(ValueError):
    """What arrived is not a fact in our envelope."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A fact as it arrived: what its envelope says, and where it stood in the stream that delivered it."""

    id: str
    type: str
    structure: str
    kind: str
    audience: str
    aggregate_id: str
    version: int
    time: datetime
    body: bytes
    subject: str
    stream: str
    stream_sequence: int
    deliveries: int

    def message(self, cls: builtins.type[M]) -> M:
        """The body as its message, fields we do not know yet ignored; raises Malformed when it is not one."""
        message = cls()
        try:
            json_format.Parse(self.body, message, ignore_unknown_fields=True)
        except json_format.ParseError:
            raise Malformed(f"the body is no {self.type}") from None
        return message


def to_headers(origin: Origin, fact: Fact) -> dict[str, str]:
    """The headers a fact travels with."""
    return headers_of(
        origin,
        id=fact.id,
        type=fact.kind.type,
        time=fact.time,
        aggregate_id=fact.aggregate_id,
        version=fact.version,
        schema=fact.kind.schema,
    )


def headers_of(
    origin: Origin, *, id: str, type: str, time: datetime, aggregate_id: str, version: int, schema: str
) -> dict[str, str]:
    """`to_headers`, of the parts of a fact; `Nats-Msg-Id` is what the server drops repeats by."""
    return {
        MESSAGE_ID: id,
        "ce-specversion": SPEC_VERSION,
        "ce-id": encoded(id),
        "ce-source": f"//groupement/{origin.structure}/{origin.kind}",
        "ce-type": type,
        "ce-time": _rfc3339(time),
        "ce-subject": encoded(aggregate_id),
        "ce-sequence": str(version),
        "ce-dataschema": f"proto:{schema}",
        "ce-datacontenttype": JSON,
    }


def received(msg: Msg) -> Received:
    """What a JetStream message says; raises Malformed when its envelope is not ours, or contradicts its subject."""
    place = msg.metadata
    return opened(
        msg.subject,
        msg.headers or {},
        msg.data,
        stream=place.stream,
        stream_sequence=place.sequence.stream,
        deliveries=place.num_delivered,
    )


def opened(
    subject: str, headers: Mapping[str, str], body: bytes, *, stream: str, stream_sequence: int, deliveries: int
) -> Received:
    """`received`, of the parts of a message."""
    structure, kind = _source(_header(headers, "ce-source"))
    if stream == FEDERATION:
        _check_valve(structure, headers.get(STREAM_SOURCE, ""))
    type_ = _header(headers, "ce-type")
    return Received(
        id=_header(headers, "ce-id"),
        type=type_,
        structure=structure,
        kind=kind,
        audience=_audience(subject, structure, kind, type_),
        aggregate_id=_header(headers, "ce-subject"),
        version=_whole(_header(headers, "ce-sequence")),
        time=_instant(_header(headers, "ce-time")),
        body=body,
        subject=subject,
        stream=stream,
        stream_sequence=stream_sequence,
        deliveries=deliveries,
    )


def encoded(text: str) -> str:
    """Percent-encoded as the NATS binding asks: space, double quote, percent, and what is not printable ASCII."""
    return _TO_ENCODE.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), text)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise Malformed(f"no {name}")
    return unquote(value) if "%" in value else value


@lru_cache(1024)
def _source(text: str) -> tuple[str, str]:
    found = _SOURCE.fullmatch(text)
    if found is None:
        raise Malformed(f"ce-source: {text[:100]!r}")
    return found.group(1), found.group(2)


def _check_valve(structure: str, source: str) -> None:
    """A structure may let through its valve what it likes; only the server says whose valve it was."""
    if source.split(":")[1:2] != [_valve_hash(structure)]:
        raise Malformed(f"said to be from {structure}, and did not come through its valve")


@cache
def _valve_hash(structure: str) -> str:
    return account_hash(imported_api(structure))


@lru_cache(4096)
def _audience(subject: str, structure: str, kind: str, type_: str) -> str:
    """The audience, once subject, source and type agree: a subject is what the server let the sender use."""
    tokens = subject.split(".")
    addressed = len(tokens) == _ADDRESSED_TOKENS and tokens[2] == "to"
    if not addressed and len(tokens) != _PLAIN_TOKENS:
        raise Malformed(f"subject: {subject!r}")
    noun, verb = tokens[-2:]
    if tokens[:2] != [structure, kind.replace("-", "_")]:
        raise Malformed(f"{subject!r} is not from {kind}@{structure}")
    if type_.split(".")[-2:-1] != [f"{noun}_{verb}"]:
        raise Malformed(f"{subject!r} does not carry {type_!r}")
    return tokens[2]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Malformed(f"ce-sequence: {text[:100]!r}")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"ce-time: {text[:100]!r}") from None
    if instant.tzinfo is None:
        raise Malformed(f"ce-time without a zone: {text!r}")
    return instant.astimezone(UTC)


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
