"""Facts a subscriber could not take: kept with why, looked at by people, brought back with their ids."""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from nats.aio.client import Client
from nats.aio.msg import Msg

from servicekit.bus.accounts import DEAD_LETTERS
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.envelope import STREAM_SOURCE, Received, opened
from servicekit.bus.publishing import Outgoing, publish

SUBJECT = "Groupement-Subject"
STREAM = "Groupement-Stream"
SEQUENCE = "Groupement-Stream-Sequence"
SOURCE = "Groupement-Stream-Source"
REASON = "Groupement-Reason"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_FOR_THE_SERVER = "nats-"
_LONGEST_REASON = 200
_NO_MESSAGE = 10037


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """One fact that died: where it stood, why, and how to find it (`sequence`)."""

    sequence: int
    subscriber: str
    fact_id: str
    type: str
    subject: str
    stream: str
    reason: str
    died_at: datetime
    headers: Mapping[str, str]
    body: bytes


async def bury(bus: Bus, subscriber: str, message: Msg, reason: str) -> None:
    """Keeps a message that could not be taken; returns once it is on disk. Raises BusUnavailable otherwise.

    Headers that told the first stream what to do (its place in a batch, its id) are left out: this one would obey them.
    """
    given, place = message.headers or {}, message.metadata
    headers = {name: text for name, text in given.items() if not name.lower().startswith(_FOR_THE_SERVER)}
    if STREAM_SOURCE in given:
        headers[SOURCE] = given[STREAM_SOURCE]
    headers.setdefault(SUBJECT, message.subject)
    headers.setdefault(STREAM, place.stream)
    headers.setdefault(SEQUENCE, str(place.sequence.stream))
    headers[REASON] = reason.encode("ascii", "replace").decode().replace("\n", " ")[:_LONGEST_REASON]
    name = _name(headers)
    subject = f"dead.{subscriber}.{headers[STREAM]}.{name}"
    await publish(bus, Outgoing(subject=subject, headers=headers, body=message.data))


def brought_back(message: Msg) -> Received | None:
    """A dead letter handed over again, as the fact it was where it first stood; None for any other message."""
    headers = message.headers or {}
    if not message.subject.startswith("replay.") or SUBJECT not in headers:
        return None
    return opened(
        headers[SUBJECT],
        {**headers, STREAM_SOURCE: headers.get(SOURCE, "")},
        message.data,
        stream=headers.get(STREAM, ""),
        stream_sequence=int(headers.get(SEQUENCE, "0")),
        deliveries=message.metadata.num_delivered,
    )


async def dead_letters(bus: Bus, subscriber: str = "*") -> AsyncIterator[DeadLetter]:
    """The dead letters of an account, oldest first, asked with its owner's key."""
    sequence = 1
    while (letter := await _next(bus, f"dead.{subscriber}.>", sequence)) is not None:
        yield letter
        sequence = letter.sequence + 1


async def replay(bus: Bus, letter: DeadLetter) -> None:
    """Hands a dead letter to its subscriber again, under the same id; what it has taken since stays taken."""
    subject = f"replay.{letter.subscriber}.{letter.stream}.{_name(letter.headers)}"
    await publish(bus, Outgoing(subject=subject, headers=letter.headers, body=letter.body))
    await bus.call(f"STREAM.MSG.DELETE.{DEAD_LETTERS}", {"seq": letter.sequence})


async def _next(bus: Bus, subject: str, sequence: int) -> DeadLetter | None:
    try:
        answer = await bus.call(f"STREAM.MSG.GET.{DEAD_LETTERS}", {"seq": sequence, "next_by_subj": subject})
    except ApiRefusal as refusal:
        if refusal.err_code == _NO_MESSAGE:
            return None
        raise
    kept = answer["message"]
    if not isinstance(kept, dict):
        raise TypeError("STREAM.MSG.GET gave no message")
    return _letter({str(key): value for key, value in kept.items()})


def _letter(kept: Mapping[str, object]) -> DeadLetter:
    lines = base64.b64decode(str(kept.get("hdrs", ""))).partition(b"\r\n")[2]
    headers = Client._parse_header_lines(lines)
    return DeadLetter(
        sequence=int(str(kept["seq"])),
        subscriber=str(kept["subject"]).split(".")[1],
        fact_id=headers.get("ce-id", ""),
        type=headers.get("ce-type", ""),
        subject=headers.get(SUBJECT, ""),
        stream=headers.get(STREAM, ""),
        reason=headers.get(REASON, ""),
        died_at=datetime.fromisoformat(str(kept["time"])[:26].rstrip("Z") + "+00:00"),
        headers=headers,
        body=base64.b64decode(str(kept.get("data", ""))),
    )


def _name(headers: Mapping[str, str]) -> str:
    """Two tokens for the subject: the fact's id when it has one, and where it stood: one grave a message."""
    fact_id = headers.get("ce-id", "")
    return f"{fact_id if _TOKEN.fullmatch(fact_id) else 'nameless'}.{headers.get(SEQUENCE, '0')}"
