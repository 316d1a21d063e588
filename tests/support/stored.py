"""Small values and questions that tests about storage share."""

from datetime import UTC, datetime, timedelta

from servicekit.facts import Fact, FactKind
from servicekit.sql import Database
from sqlalchemy import FromClause, func, select

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)

LAMP_LIT = FactKind(
    type="org.groupement.lamps.lamp_lit.v1",
    schema="groupement.lamps.v1.LampLit",
    sender="lamps",
    noun="lamp",
    verb="lit",
    audience="own",
)


def lamp_lit(aggregate_id: str = "lamp_1", version: int = 1, fact_id: str | None = None) -> Fact:
    """A fact to announce."""
    told = Fact(kind=LAMP_LIT, aggregate_id=aggregate_id, version=version, time=AT, body=b'{"lamp":"lamp_1"}')
    return told if fact_id is None else Fact(**{**_fields(told), "id": fact_id})  # type: ignore[arg-type]


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


def _fields(told: Fact) -> dict[str, object]:
    return {name: getattr(told, name) for name in Fact.__dataclass_fields__}
