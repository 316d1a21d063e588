"""Writing a letter: a row in the transaction that causes it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.mail import storage
from shared_identity.mail.domain import Kind, Letter


async def write(
    work: Work,
    kind: Kind,
    *,
    to: str,
    locale: str,
    now: datetime,
    life: timedelta,
    code_id: str = "",
    parameters: Mapping[str, str] | None = None,
) -> None:
    """Writes to an address; the letter is sent after the transaction, and no more once `life` is over.

    `parameters` fill in what the words of the kind leave open.
    """
    letter = Letter(
        letter_id=new_id("letter"),
        kind=kind,
        recipient=to,
        locale=locale,
        code_id=code_id,
        parameters=parameters or {},
        made_at=now,
        lapses_at=now + life,
    )
    await storage.add(work, letter)
