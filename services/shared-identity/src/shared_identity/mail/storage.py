"""Letters as rows, each until it is sent or no use any more."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from servicekit.sql import UtcDateTime, Work
from sqlalchemy import Column, Integer, Row, Table, Text, delete, insert, select, update

from shared_identity.mail.domain import Kind, Letter
from shared_identity.tables import METADATA

letter = Table(
    "letter",
    METADATA,
    Column("letter_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("code_id", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("try_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("lapses_at", UtcDateTime, nullable=False),
    Column("parameters", Text, nullable=False, server_default="{}"),
)
"""Letters that wait; a code is named, never written down (`shared_identity.codes`)."""


_ADD = insert(letter)


async def add(work: Work, *written: Letter) -> None:
    """Keeps letters to send as soon as possible."""
    work.send(_ADD, [_letter_row(one) for one in written])


async def due(work: Work, now: datetime, most: int) -> Sequence[Letter]:
    """Letters to send by now, the longest waiting first."""
    ripe = select(letter).where(letter.c.try_at <= now).order_by(letter.c.try_at).limit(most)
    return [_letter(row) for row in await work.execute(ripe)]


async def drop(work: Work, letter_id: str) -> None:
    """Forgets a letter."""
    await work.execute(delete(letter).where(letter.c.letter_id == letter_id))


async def postpone(work: Work, letter_id: str, until: datetime) -> None:
    """Puts off a letter that could not be sent."""
    later = update(letter).where(letter.c.letter_id == letter_id)
    await work.execute(later.values(try_at=until, attempts=letter.c.attempts + 1))


def _letter_row(written: Letter) -> dict[str, object]:
    parameters = json.dumps(dict(written.parameters), ensure_ascii=False)
    row = {column.name: getattr(written, column.name, None) for column in letter.columns}
    return row | {"parameters": parameters, "try_at": written.made_at}


def _letter(row: Row[*tuple[Any, ...]]) -> Letter:
    return Letter(
        letter_id=row.letter_id,
        kind=Kind(row.kind),
        recipient=row.recipient,
        locale=row.locale,
        code_id=row.code_id,
        parameters=json.loads(row.parameters),
        made_at=row.made_at,
        lapses_at=row.lapses_at,
        attempts=row.attempts,
    )
