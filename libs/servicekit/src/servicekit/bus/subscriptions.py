"""What an instance listens to: a kind of fact on a stream, and the use case it sets off."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from servicekit.bus.accounts import EVENTS, FEDERATION
from servicekit.bus.envelope import Malformed, Received
from servicekit.facts import FactKind, kind_of
from servicekit.sql import Work

M = TypeVar("M", bound=Message)
Handler = Callable[[Work, M, Received], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription(Generic[M]):
    """A kind of fact, the stream it comes by (what this account says, or what it was told), and what to do with it.

    The handler works in the transaction it is handed: all it writes there happens once, however often the fact comes.
    """

    stream: str
    message_type: type[M]
    handler: Handler[M]

    def __post_init__(self) -> None:
        if self.stream not in (EVENTS, FEDERATION):
            raise ValueError(f"not a stream one listens to: {self.stream}")

    @property
    def kind(self) -> FactKind:
        """What the contract says of the message."""
        return kind_of(self.message_type.DESCRIPTOR)


class Subscriptions:
    """All subscriptions of one subscriber; several may want the same fact, and take it in one transaction."""

    def __init__(self, subscriptions: Iterable[Subscription[Any]]) -> None:
        self._wanted: dict[tuple[str, str], list[Subscription[Any]]] = {}
        for each in subscriptions:
            self._wanted.setdefault((each.stream, each.kind.type), []).append(each)

    def streams(self) -> Sequence[str]:
        """The streams listened to."""
        return sorted({stream for stream, _ in self._wanted})

    def filters(self, stream: str) -> Sequence[str]:
        """The subjects wanted from one stream."""
        return sorted({wanted[0].kind.filter() for (where, _), wanted in self._wanted.items() if where == stream})

    async def handle(self, work: Work, fact: Received) -> None:
        """Has a fact take its effect; raises Malformed when its subject may not carry its type."""
        for each in self._wanted.get((fact.stream, fact.type), ()):
            if not matches(each.kind.filter(), fact.subject):
                raise Malformed(f"{fact.subject!r} may not carry {fact.type!r}")
            await each.handler(work, fact.message(each.message_type), fact)


@cache
def matches(subject_filter: str, subject: str) -> bool:
    """Whether a subject is one a filter of whole tokens and `*` catches."""
    wanted, given = subject_filter.split("."), subject.split(".")
    return len(wanted) == len(given) and all(one in ("*", other) for one, other in zip(wanted, given, strict=True))
