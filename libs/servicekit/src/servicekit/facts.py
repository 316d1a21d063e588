"""Facts: what happened, named in the past tense, on its way to the bus."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from groupement.options.v1 import options_pb2

from servicekit.identifiers import new_id
from servicekit.origin import Origin

_AUDIENCES = {
    options_pb2.AUDIENCE_OWN: "own",
    options_pb2.AUDIENCE_SHARED: "shared",
    options_pb2.AUDIENCE_ALL: "all",
    options_pb2.AUDIENCE_TO: "to",
}
_new_fact_id: Callable[[], str] = lambda: new_id("fact")  # noqa: E731


@dataclass(frozen=True, kw_only=True, slots=True)
class FactKind:
    """What a message says of itself: its CloudEvents type, its noun and verb, how far it travels."""

    type: str
    schema: str
    sender: str
    noun: str
    verb: str
    audience: str

    def filter(self) -> str:
        """The subject filter that catches this kind of fact, whoever sent it and to whomever."""
        addressed = ".*" if self.audience == "to" else ""
        return f"*.{self.sender}.{self.audience}{addressed}.{self.noun}.{self.verb}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One fact. `version` is its aggregate's: facts of one aggregate are told in that order."""

    kind: FactKind
    aggregate_id: str
    version: int
    time: datetime
    body: bytes
    to: str | None = None
    id: str = field(default_factory=_new_fact_id)


def fact(message: Message, *, aggregate_id: str, version: int, at: datetime, to: str | None = None) -> Fact:
    """A fact out of a message of an events.proto.

    `to` is the structure addressed, required exactly when the message's audience is AUDIENCE_TO. Raises TypeError when
    the message is no fact or the address does not fit: a mistake in our code.
    """
    kind = kind_of(message.DESCRIPTOR)
    if (kind.audience == "to") != (to is not None):
        raise TypeError(f"{kind.type}: an address goes with audience `to`, and only with it")
    body = json_format.MessageToJson(message, indent=None).encode()
    return Fact(kind=kind, aggregate_id=aggregate_id, version=version, time=at, body=body, to=to)


@cache
def kind_of(descriptor: Descriptor) -> FactKind:
    """What the contract says of a message that travels; raises TypeError for one that does not."""
    option = descriptor.GetOptions().Extensions[options_pb2.fact]
    if option.audience not in _AUDIENCES:
        raise TypeError(f"{descriptor.full_name} is not a fact")
    root, sender, edition = descriptor.file.package.split(".")
    return FactKind(
        type=f"org.{root}.{sender}.{option.noun}_{option.verb}.{edition}",
        schema=descriptor.full_name,
        sender="*" if option.any_sender else sender,
        noun=option.noun,
        verb=option.verb,
        audience=_AUDIENCES[option.audience],
    )


def subject(origin: Origin, told: Fact) -> str:
    """The subject a fact travels under: `<structure>.<kind>.<audience>[.<structure>].<noun>.<verb>`."""
    kind = told.kind
    audience = f"to.{told.to}" if told.to is not None else kind.audience
    return f"{origin.structure}.{origin.subject_kind}.{audience}.{kind.noun}.{kind.verb}"
