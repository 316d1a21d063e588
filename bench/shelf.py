"""The effect of a fact, as a service would write it: a statement made once."""

from typing import Any

from bakery import shelf
from servicekit.sql import Work
from sqlalchemy import bindparam, insert

_PUT = insert(shelf).values({column.name: bindparam(column.name) for column in shelf.c if column.name != "position"})


async def put_on_shelf(work: Work, loaf: Any, received: Any) -> None:
    """The handler of our subscribers."""
    row = {"fact_id": received.id, "loaf_id": loaf.loaf_id, "version": received.version, "grams": loaf.grams}
    await work.execute(_PUT, row)
