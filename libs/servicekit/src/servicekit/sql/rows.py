"""What a statement gave: rows in memory, read by name, by place or by column, as often as one likes.

SQLAlchemy's own Result can do more (streams, filters, uniqueness), and works out anew for each statement how to.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import Row
from sqlalchemy.engine.result import ResultMetaData, SimpleResultMetaData
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class Reader:
    """How the rows of one statement are read: worked out once."""

    __slots__ = ("_indexes", "_metadata", "_processors")

    def __init__(self, metadata: ResultMetaData) -> None:
        self._metadata = metadata
        self._processors = metadata._effective_processors
        self._indexes = metadata._key_to_index

    def row(self, raw: Sequence[Any]) -> Row[*tuple[Any, ...]]:
        """A row as the driver gave it, its values converted."""
        return Row(self._metadata, self._processors, self._indexes, raw)

    def names(self) -> Sequence[str]:
        """What its columns are called, in their order."""
        return list(self._metadata.keys)


NOTHING = Reader(SimpleResultMetaData(()))
"""Reads the rows of a statement that gives none."""


class Scalars(list[_T]):
    """The first values of rows."""

    def all(self) -> Sequence[_T]:
        """All of them."""
        return self


class Rows(Generic[*_Ts]):
    """The rows that a statement gave, and how many it touched."""

    __slots__ = ("_raw", "_reader", "rowcount")

    def __init__(self, reader: Reader, raw: Sequence[Any], rowcount: int) -> None:
        self._reader = reader
        self._raw = raw
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Row[*_Ts]]:
        return iter(self.all())

    def all(self) -> Sequence[Row[*_Ts]]:
        """Every row, in order."""
        row: Any = self._reader.row
        return [row(raw) for raw in self._raw]

    def first(self) -> Row[*_Ts] | None:
        """The first row, or None; there may be others."""
        row: Any = self._reader.row
        return row(self._raw[0]) if self._raw else None

    def one(self) -> Row[*_Ts]:
        """The only row; raises NoResultFound, MultipleResultsFound."""
        found = self.one_or_none()
        if found is None:
            raise NoResultFound("a row was expected")
        return found

    def one_or_none(self) -> Row[*_Ts] | None:
        """The only row, or None; raises MultipleResultsFound."""
        if len(self._raw) > 1:
            raise MultipleResultsFound("one row was expected")
        return self.first()

    def scalars(self: "Rows[_T, *tuple[Any, ...]]") -> Scalars[_T]:
        """The first value of each row."""
        return Scalars(row[0] for row in self.all())

    def scalar(self: "Rows[_T, *tuple[Any, ...]]") -> _T | None:
        """The first value of the first row, or None."""
        row = self.first()
        return None if row is None else row[0]

    def scalar_one(self: "Rows[_T, *tuple[Any, ...]]") -> _T:
        """The first value of the only row; raises NoResultFound, MultipleResultsFound."""
        return self.one()[0]

    def scalar_one_or_none(self: "Rows[_T, *tuple[Any, ...]]") -> _T | None:
        """The first value of the only row, or None; raises MultipleResultsFound."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def keys(self) -> Iterable[str]:
        """What the columns are called, in their order."""
        return self._reader.names()


def nothing(rowcount: int = 0) -> Rows[*tuple[Any, ...]]:
    """The result of a statement that gives no rows."""
    return Rows(NOTHING, (), rowcount)
