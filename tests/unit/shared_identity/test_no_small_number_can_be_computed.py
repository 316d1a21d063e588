"""Numbers of people below five are not told, and cannot be computed from those that are."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_identity.disclosure import LEAST_TOLD, Numbers, Sum

Table = Numbers[str]


def table(counts: Sequence[Sequence[int]], *, own: int | None, shared: int | None = None) -> Table:
    """Rows and columns with their margins; a row of the reader's own; people who are in several rows."""
    rows, columns = range(len(counts)), range(len(counts[0]))
    values = {f"{row}.{column}": counts[row][column] for row in rows for column in columns}
    values |= {f"row {row}": sum(counts[row]) for row in rows}
    values |= {f"column {column}": sum(counts[row][column] for row in rows) for column in columns}
    values |= {"all": sum(map(sum, counts)) - (shared or 0)}
    sums = [Sum(left=(f"row {row}",), right=tuple(f"{row}.{column}" for column in columns)) for row in rows]
    sums += [Sum(left=(f"column {column}",), right=tuple(f"{row}.{column}" for row in rows)) for column in columns]
    together = ("all",) if shared is None else ("all", "shared")
    sums.append(Sum(left=together, right=tuple(f"row {row}" for row in rows)))
    if shared is None:
        sums.append(Sum(left=("all",), right=tuple(f"column {column}" for column in columns)))
    else:
        values["shared"] = shared
    known = {key for key in values if own is not None and (key.startswith(f"{own}.") or key == f"row {own}")}
    return Numbers(values=values, sums=sums, known=frozenset(known))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    number = st.one_of(st.integers(0, 6), st.integers(0, 60))
    counts = [[draw(number) for _ in range(columns)] for _ in range(rows)]
    most = min([*map(sum, counts)]) if rows > 1 else 0
    shared = draw(st.one_of(st.none(), st.integers(0, most)))
    return table(counts, own=draw(st.one_of(st.none(), st.integers(0, rows - 1))), shared=shared)


def computed(numbers: Table, hidden: frozenset[str]) -> set[str]:
    """What a reader computes of the hidden numbers: whatever a combination of the sums leaves alone.

    A number follows from the sums exactly when asking for it as well does not raise the rank of what is asked.
    """
    unknown = sorted(hidden)
    rows = [[_sign(line, key) for key in unknown] for line in numbers.sums]
    whole = rank(rows)
    return {key for key in unknown if rank([*rows, [int(key == other) for other in unknown]]) == whole}


def rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank of a matrix, by fractions."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left = [[a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)] for row in left]
        found += 1
    return found


def _sign(line: Sum[str], key: str) -> int:
    return int(key in line.left) - int(key in line.right)


def narrow(numbers: Table, hidden: frozenset[str]) -> Iterator[Sum[str]]:
    """The sums that tell of hidden numbers alone, and that they come to less than five."""
    for line in numbers.sums:
        together = line.side(hidden)
        if together and sum(numbers.values[key] for key in together) < LEAST_TOLD:
            yield line


def guarded(numbers: Table) -> set[str]:
    """The small numbers that are a secret at all: not those that follow from what the reader knows anyhow."""
    everything = frozenset(set(numbers.values) - numbers.known)
    given_away = computed(numbers, everything)
    given_away |= {key for line in narrow(numbers, everything) for key in line.side(everything)}
    return {key for key in everything - given_away if numbers.values[key] < LEAST_TOLD}


def found_out(numbers: Table, hidden: frozenset[str]) -> set[str]:
    """The small numbers that a reader of the others finds out."""
    told = set(numbers.values) - hidden
    small = guarded(numbers)
    exposed = computed(numbers, hidden) | {key for line in narrow(numbers, hidden) for key in line.side(hidden)}
    return small & (told | exposed)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_no_small_number_is_found_out(numbers: Table) -> None:
    assert not found_out(numbers, numbers.hidden())


@settings(max_examples=100, deadline=None)
@given(tables())
def test_what_the_reader_knows_is_told(numbers: Table) -> None:
    assert not numbers.hidden() & numbers.known


@settings(max_examples=60, deadline=None)
@given(tables())
def test_nothing_is_hidden_where_everything_is_large(numbers: Table) -> None:
    large = Numbers(
        values={key: value + LEAST_TOLD for key, value in numbers.values.items()},
        sums=numbers.sums,
        known=numbers.known,
    )
    assert large.hidden() == frozenset()


CASES: Mapping[str, tuple[Table, frozenset[str]]] = {
    "the difference from a total": (
        table([[3, 20], [30, 40]], own=None),
        frozenset({"0.0", "0.1", "1.0", "1.1"}),
    ),
    "the difference from one's own": (
        Numbers(
            values={"mine": 12, "theirs": 3, "nobody's": 20, "all": 35},
            sums=[Sum(left=("all",), right=("mine", "theirs", "nobody's"))],
            known=frozenset({"mine", "all"}),
        ),
        frozenset({"theirs", "nobody's"}),
    ),
    "two that are nothing": (
        Numbers(values={"a": 0, "b": 0, "c": 8, "all": 8}, sums=[Sum(left=("all",), right=("a", "b", "c"))]),
        frozenset({"a", "b", "c"}),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_subtraction_reveals_nothing(name: str) -> None:
    numbers, hidden = CASES[name]
    assert numbers.hidden() == hidden


def test_a_number_between_two_blocks_is_found_out_by_several_sums_and_hidden_with_others() -> None:
    """Two or more are hidden in each row and column, and yet one of them follows from all sums together."""
    counts = [[9, 9, 50, 50], [9, 9, 2, 50], [50, 50, 9, 9], [50, 50, 9, 9]]
    numbers = table(counts, own=None)
    blocks = frozenset({"0.0", "0.1", "1.0", "1.1", "1.2", "2.2", "2.3", "3.2", "3.3"})
    assert computed(numbers, blocks) == {"1.2"}
    assert not found_out(numbers, numbers.hidden())


def test_control_hiding_only_the_small_ones_is_found_out() -> None:
    numbers, _ = CASES["the difference from a total"]
    small = frozenset(key for key, value in numbers.values.items() if value < LEAST_TOLD)
    assert found_out(numbers, small) == {"0.0"}
