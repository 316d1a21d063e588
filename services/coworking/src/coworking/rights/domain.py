"""Rights: what one person may use here under an agreement, and how much of it a month leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from servicekit.fields import check_range
from servicekit.refusals import Exhausted, Invalid

from coworking.money import Money
from coworking.places.domain import ResourceKind
from coworking.spans import month_of

_MOST_HALF_DAYS = 62
"""Two a day, every day of the longest month."""

_MOST_CENTS = 100_000_000


class NoHalfDaysLeft(Exhausted):
    """No right of yours has enough half-days left that month."""


class PeriodUpsideDown(Invalid):
    """The last day of a period comes before its first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entitlement:
    """What shared-identity last told of a right; `closed` once it said that the right is gone.

    `home` is the structure that pays `price` for each half-day used. `ends_on`, the last day, is None when no end is
    known.
    """

    entitlement_id: str
    person_id: str
    agreement_id: str
    home: str
    kind: ResourceKind
    half_days_per_month: int
    price: Money
    starts_on: date
    ends_on: date | None
    version: int
    closed: bool = False

    def in_force_on(self, day: date) -> bool:
        """Whether it may be used on a day."""
        return not self.closed and self.starts_on <= day <= self.last_day

    def in_force_during(self, first: date, last: date) -> bool:
        """Whether it may be used on some day from `first` to `last`."""
        return not self.closed and self.starts_on <= last and first <= self.last_day

    def still_carries(self, day: date) -> bool:
        """Whether a booking already made for that day may still rest on it: closing spares its last days."""
        return self.starts_on <= day <= self.last_day

    @property
    def last_day(self) -> date:
        """Its last day, as far away as dates go when no end is known."""
        return self.ends_on or date.max

    def closing(self, last_day: date, version: int) -> "Entitlement":
        """The same right, gone after `last_day`, or sooner if it was to end sooner."""
        return replace(self, ends_on=min(self.last_day, last_day), version=version, closed=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Right:
    """An entitlement, and the half-days that live bookings take of it, month by month."""

    entitlement: Entitlement
    taken: dict[str, int]

    def left_on(self, day: date) -> int:
        """Half-days left in the month of a day; never negative, though a quota may have been lowered since."""
        return self.left_in(month_of(day))

    def left_in(self, month: str) -> int:
        """Half-days left in a month ("2026-11")."""
        return max(0, self.entitlement.half_days_per_month - self.taken.get(month, 0))

    def covers(self, kind: ResourceKind, day: date) -> bool:
        """Whether it opens that kind of space that day, used up or not."""
        return self.entitlement.kind == kind and self.entitlement.in_force_on(day)


def covering(rights: Sequence[Right], kind: ResourceKind, day: date, half_days: int) -> Sequence[Right]:
    """The rights that can carry so many half-days, the one that ends soonest first."""
    able = [right for right in rights if right.covers(kind, day) and right.left_on(day) >= half_days]
    return sorted(able, key=lambda right: (right.entitlement.last_day, right.entitlement.entitlement_id))


def check_entitlement(told: Entitlement) -> None:
    """Refuse a right whose numbers or period make no sense."""
    check_range("half_days_per_month", told.half_days_per_month, least=0, most=_MOST_HALF_DAYS)
    check_range("price", told.price.cents, least=0, most=_MOST_CENTS)
    if told.ends_on is not None and told.ends_on < told.starts_on:
        raise PeriodUpsideDown(field="period")
