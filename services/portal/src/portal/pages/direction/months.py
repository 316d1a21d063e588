"""Stretches of calendar months, as addresses say them: "2026-01"."""

import re
from dataclasses import dataclass
from datetime import date

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_YEAR = 12
MOST = 36


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """From a month to another, both included; `first` is never after `last`."""

    first: str
    last: str

    def months(self) -> list[str]:
        """Every month of it."""
        return [_written(number) for number in range(_number(self.first), _number(self.last) + 1)]


def last_months(today: date, many: int) -> Stretch:
    """The months that end with the one under way."""
    last = _number(f"{today:%Y-%m}")
    return Stretch(first=_written(last - many + 1), last=_written(last))


def stretch_from(first: str, last: str, today: date) -> Stretch:
    """The stretch asked for, at most three years of it; the last twelve months when it is none."""
    usual = last_months(today, _YEAR)
    if not (_MONTH.fullmatch(first) and _MONTH.fullmatch(last)) or first > last:
        return usual
    last = min(last, usual.last)
    first = min(first, last)
    return Stretch(first=_written(max(_number(first), _number(last) - MOST + 1)), last=last)


def _number(month: str) -> int:
    return int(month[:4]) * _YEAR + int(month[5:]) - 1


def _written(number: int) -> str:
    return f"{number // _YEAR}-{number % _YEAR + 1:02}"
