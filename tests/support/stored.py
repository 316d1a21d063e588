"""A small service's tables, facts and clock, for tests about storage."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from servicekit.facts import Fact, FactKind
from servicekit.sql import Database, UtcDateTime, Work, kit_tables
from sqlalchemy import Column, FromClause, Integer, MetaData, Table, Text, bindparam, func, insert, select, update

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)

METADATA = MetaData()
kit_tables(METADATA)
lamp = Table(
    "lamp",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("level", Integer, nullable=False),
    Column("lit_at", UtcDateTime),
)

LAMP_LIT = FactKind(
    type="org.groupement.lamps.lamp_lit.v1",
    schema="groupement.lamps.v1.LampLit",
    sender="lamps",
    noun="lamp",
    verb="lit",
    audience="own",
)

_ADD = insert(lamp)
_LEVEL = select(lamp.c.level).where(lamp.c.id == bindparam("of")).with_for_update()
_SET = update(lamp).where(lamp.c.id == bindparam("of")).values(level=bindparam("to"))
_BRIGHTEN = update(lamp).where(lamp.c.id == bindparam("of")).values(level=lamp.c.level + 1)


def lamp_lit(
    aggregate_id: str = "lamp_1", version: int = 1, *, kind: FactKind = LAMP_LIT, to: str | None = None
) -> Fact:
    """A fact to announce."""
    return Fact(kind=kind, aggregate_id=aggregate_id, version=version, time=AT, body=b'{"lamp":"lamp_1"}', to=to)


async def add_lamp(work: Work, lamp_id: str = "lamp_1", level: int = 0) -> None:
    """Puts a lamp in the house."""
    await work.execute(_ADD, {"id": lamp_id, "level": level, "lit_at": AT})


async def level_of(work: Work, lamp_id: str = "lamp_1") -> int:
    """How bright a lamp is; in a work that writes, its row is held."""
    return int((await work.execute(_LEVEL, {"of": lamp_id})).scalar_one())


async def set_level(work: Work, level: int, lamp_id: str = "lamp_1") -> None:
    """Makes a lamp as bright as told."""
    await work.execute(_SET, {"of": lamp_id, "to": level})


async def brighten(work: Work, lamp_id: str = "lamp_1") -> None:
    """Makes a lamp brighter by one."""
    await work.execute(_BRIGHTEN, {"of": lamp_id})


async def levels(database: Database) -> Mapping[str, int]:
    """How bright each lamp is, as another transaction sees it."""
    async with database.reading() as work:
        return {row.id: row.level for row in await work.execute(select(lamp))}


async def count(database: Database, table: FromClause) -> int:
    """How many rows a table has, as another transaction sees it."""
    async with database.reading() as work:
        return (await work.execute(select(func.count()).select_from(table))).scalar_one()


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        """Lets time pass."""
        self.at += by


async def outbox_count(database: Database) -> int:
    """How many facts wait to be told."""
    return await count(database, METADATA.tables["outbox"])
