"""Answers given to commands (AIP-155): asking the same again gives the same answer and does nothing twice."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from google.protobuf.message import Message
from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from servicekit.refusals import Invalid
from servicekit.sql.tables import answer

if TYPE_CHECKING:
    from servicekit.sql.work import Work


class RequestIdReused(Invalid):
    """This request_id was already used for another request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A request as it is recognised when it comes again; `at` is when it came this time."""

    request_id: str
    method: str
    caller: str
    digest: bytes
    at: datetime

    @classmethod
    def of(cls, request: Message, *, request_id: str, method: str, caller: str, at: datetime) -> "Command":
        """The command a request message makes, from a caller (a person's id, or an instance's name)."""
        digest = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        return cls(request_id=request_id, method=method, caller=caller, digest=digest, at=at)

    def key(self) -> dict[str, object]:
        """What tells one command from another."""
        return {"of_request": self.request_id, "of_method": self.method, "of_caller": self.caller}


_SAME = (
    (answer.c.request_id == bindparam("of_request"))
    & (answer.c.method == bindparam("of_method"))
    & (answer.c.caller == bindparam("of_caller"))
)
_CLAIM = insert(answer).on_conflict_do_nothing().returning(answer.c.request_id)
_STORED = select(answer.c.digest, answer.c.response).where(_SAME)
_SETTLE = update(answer).where(_SAME).values(response=bindparam("given"))


async def replay_or_claim(work: "Work", command: Command) -> bytes | None:
    """The stored answer, or None once the command is claimed by this work.

    Claiming first, not looking first: on PostgreSQL a second transaction then waits for the first on the primary key.
    """
    claim = {
        "request_id": command.request_id,
        "method": command.method,
        "caller": command.caller,
        "digest": command.digest,
        "answered_at": command.at,
    }
    if (await work.execute(_CLAIM, claim)).first() is not None:
        return None
    digest, response = (await work.execute(_STORED, command.key())).one()
    if digest != command.digest:
        raise RequestIdReused(field="request_id")
    return bytes(response)


def settling(command: Command, response: bytes) -> tuple[Executable, Sequence[Mapping[str, object]]]:
    """The statement that keeps the answer of a claimed command."""
    return _SETTLE, [{**command.key(), "given": response}]


async def forget_before(work: "Work", instant: datetime) -> int:
    """Forgets answers older than `instant`; gives how many. An answer may hold personal data: keep few."""
    gone = await work.execute(delete(answer).where(answer.c.answered_at < instant))
    return gone.rowcount
