"""What can be worked out once about a statement: its text, how its parameters and its rows are converted."""

import re
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Executable, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.result import ResultMetaData, SimpleResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.util import LRUCache

from servicekit.sql.pace import Pace
from servicekit.sql.rows import NOTHING, Reader

Parameters = Mapping[str, object]
_Processors = Mapping[str, Callable[[Any], Any]]
_Places = Sequence[tuple[str, Callable[[Any], Any] | None]]
_PLAIN = (SelectBase, UpdateBase)
_COMPILED = 1000
_WIDEST = 50
_PLACE = re.compile(r"\$(\d+)")


class Filled(NamedTuple):
    """A statement with its parameters, as the driver takes them; `many`: one list of them a row; `table`: it writes."""

    text: str
    parameters: Sequence[Any]
    many: bool
    table: str = ""


class Outcome(NamedTuple):
    """What the driver gave back."""

    rows: Sequence[Any]
    rowcount: int
    description: Sequence[tuple[Any, ...]] | None


class Plan:
    """A compiled statement, ready to be given parameters."""

    def __init__(self, compiled: SQLCompiler, *, many: bool) -> None:
        self.most = _most_rows(compiled, many=many)
        self.is_silent = not compiled._result_columns or bool(compiled.implicit_returning)
        self._compiled = compiled
        self._many = many
        self._text = compiled.string
        self._table = _written(compiled)
        self._expands = bool(compiled.literal_execute_params or compiled.post_compile_params)
        self._processors: _Processors = compiled._bind_processors  # type: ignore[assignment]
        self.pace = None if (many and self.is_silent) or self._expands else Pace()
        self._places = _places(compiled.positiontup or (), self._processors)
        self._reader: Reader | None = NOTHING if self.is_silent else None
        self._texts: dict[int, str] = {}

    @property
    def is_described(self) -> bool:
        """Whether it is known how to read its rows, or it gives none."""
        return self._reader is not None

    def fill(self, given: Sequence[Parameters], literals: Any) -> Filled:
        """The statement with its parameters; `literals` are the values written in the statement."""
        if not self._many and not self._expands:
            return Filled(self._text, self._parameters(given[0] if given else {}, literals), False, self._table)
        if self._many and not self.is_silent:
            every = [value for one in given for value in self._parameters(one, literals)]
            return Filled(self._wide(len(given)), every, False, self._table)
        if self._many:
            return Filled(self._text, [self._parameters(one, literals) for one in given], True, self._table)
        return self._expanded(given[0] if given else {}, literals)

    def reader(self, description: Sequence[tuple[Any, ...]] | None) -> Reader:
        """How its rows are read; `description` is needed the first time."""
        if self._reader is None:
            self._reader = Reader(_metadata(self._compiled, description or ()))
        return self._reader

    def _wide(self, rows: int) -> str:
        """The text of an INSERT of so many rows that says what it inserted."""
        text = self._texts.get(rows)
        if text is None:
            text = self._texts[rows] = _widened(self._compiled, rows)
        return text

    def _parameters(self, given: Parameters, literals: Any) -> Sequence[Any]:
        try:
            return [given[name] if convert is None else convert(given[name]) for name, convert in self._places]
        except KeyError:
            return _in_order(self._values(given, literals), self._places)

    def _expanded(self, given: Parameters, literals: Any) -> Filled:
        """A list (`IN`) takes as many places as it has values."""
        values = self._values(given, literals)
        expanded = self._compiled._process_parameters_for_postcompile(values)
        places = _places(expanded.positiontup or (), {**self._processors, **expanded.processors})
        return Filled(expanded.statement, _in_order(values, places), False, self._table)

    def _values(self, given: Parameters, literals: Any) -> Any:
        return self._compiled.construct_params(given, escape_names=False, extracted_parameters=literals)


class Plans:
    """The plans of one engine's statements: found at once for a statement made once and used again."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: LRUCache[Any, Any] = LRUCache(_COMPILED)
        self._of_compiled: WeakKeyDictionary[Any, Plan] = WeakKeyDictionary()
        self._of_statement: dict[int, tuple[ref[Executable], dict[Any, tuple[Plan | None, Any]]]] = {}

    def find(self, statement: Executable, given: Sequence[Parameters]) -> tuple[Plan | None, Any]:
        """The plan of a statement and the values written in it, or no plan when SQLAlchemy must run it."""
        shape = (len(given) > 1, *given[0]) if given else None
        known = self._shapes(statement)
        found = known.get(shape)
        if found is None:
            found = known[shape] = self._made(statement, given)
        plan, literals = found
        return (plan if plan is not None and len(given) <= plan.most else None), literals

    def _shapes(self, statement: Executable) -> dict[Any, tuple[Plan | None, Any]]:
        """The plans of a statement by the parameters it is given: forgotten with it."""
        named = id(statement)
        held = self._of_statement.get(named)
        if held is None or held[0]() is not statement:
            forget = self._of_statement.pop
            held = self._of_statement[named] = (ref(statement, lambda _: forget(named, None)), {})
        return held[1]

    def _made(self, statement: Executable, given: Sequence[Parameters]) -> tuple[Plan | None, Any]:
        if not isinstance(statement, _PLAIN) or statement._execution_options:
            return None, None
        many = len(given) > 1
        compiled, literals, *_ = statement._compile_w_cache(
            self._dialect,
            compiled_cache=self._compiled,
            column_keys=sorted(given[0]) if given else [],
            for_executemany=many,
        )
        plan = self._of_compiled.get(compiled)
        if plan is None:
            plan = self._of_compiled[compiled] = Plan(compiled, many=many)  # type: ignore[arg-type]
        return (plan if plan.most else None), literals


def _written(compiled: SQLCompiler) -> str:
    """The table that a statement writes, "" when it writes none."""
    table = getattr(compiled.statement, "table", None)
    return table.name if isinstance(table, Table) else ""


def _most_rows(compiled: SQLCompiler, *, many: bool) -> float:
    """How many sets of parameters it may be given; none when SQLAlchemy must run it."""
    if not compiled.positional or compiled.insert_prefetch or compiled.update_prefetch:
        return 0
    if not many:
        return 1 if compiled._ordered_columns or not compiled._result_columns else 0
    if not compiled.effective_returning and compiled._insertmanyvalues is None:
        return inf
    return _WIDEST if _can_be_widened(compiled) else 0


def _can_be_widened(compiled: SQLCompiler) -> bool:
    """Whether every parameter of an INSERT stands in its one row of VALUES."""
    insert = compiled._insertmanyvalues
    if insert is None or insert.is_default_expr or insert.embed_values_counter or insert.num_sentinel_columns:
        return False
    in_the_row = set().union(*(column[3] for column in insert.insert_crud_params))
    return in_the_row == set(compiled.positiontup or ()) and not compiled.post_compile_params


def _widened(compiled: SQLCompiler, rows: int) -> str:
    insert = compiled._insertmanyvalues
    one = f"({insert.single_values_expr})" if insert is not None else ""
    width = len(compiled.positiontup or ())
    every = ", ".join(moved(one, by=row * width) for row in range(rows))
    return compiled.string.replace(one, every)


def moved(text: str, *, by: int) -> str:
    """A statement whose numbered places (`$1`) are so many further on."""
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", text)


def _places(names: Sequence[str], processors: _Processors) -> _Places:
    return [(name, processors.get(name)) for name in names]


def _in_order(values: Mapping[str, Any], places: _Places) -> Sequence[Any]:
    return [values[name] if convert is None else convert(values[name]) for name, convert in places]


def _metadata(compiled: SQLCompiler, description: Sequence[tuple[Any, ...]]) -> ResultMetaData:
    columns = compiled._result_columns
    names = [column.keyname for column in columns]
    twice = frozenset(name for name in names if names.count(name) > 1)
    processors = [
        column.type._cached_result_processor(compiled.dialect, described[1])
        for column, described in zip(columns, description, strict=True)
    ]
    return SimpleResultMetaData(
        names, [column.objects for column in columns], _processors=processors, _ambiguous_keys=twice
    )
