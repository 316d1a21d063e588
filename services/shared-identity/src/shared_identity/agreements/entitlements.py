"""What agreements open to members, and what is used of it: rights follow memberships, uses are counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from servicekit.refusals import Denied, Invalid, NotFound

from shared_identity.agreements.domain import Agreement, HalfDaysClause
from shared_identity.days import Period
from shared_identity.memberships.domain import Membership


class UsageMalformed(Invalid):
    """A use and the right it rests on are named by identifiers."""


class UnknownEntitlement(NotFound):
    """There is no such right, or not yet."""


class NotTheGrantor(Denied):
    """Only the structure that grants a right may record its use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entitlement:
    """What one person may use at `grantor` under one clause; `opened` until it closes, reopened with a new version."""

    entitlement_id: str
    person_id: str
    agreement_id: str
    clause: int
    grantor: str
    home: str
    resource_kind: str
    half_days_per_month: int
    cents: int
    period: Period
    opened: bool
    version: int

    def settled(self, due: Period | None, today: date) -> "Entitlement":
        """The right as it must be when `due` is what its holder is entitled to; the same when it is so already."""
        if due is not None:
            same = self.opened and self.period == due
            return self if same else replace(self, opened=True, period=due, version=self.version + 1)
        if not self.opened:
            return self
        last = today if self.period.end is None else min(self.period.end, today)
        return replace(self, opened=False, period=replace(self.period, end=last), version=self.version + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """One use of a right, where it was granted."""

    usage_id: str
    entitlement_id: str
    structure: str
    half_days: int
    day: date

    @property
    def month(self) -> str:
        """The calendar month it counts in: "2026-11"."""
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageCount:
    """What was used under an agreement in a month, and what is owed for it."""

    agreement_id: str
    grantor: str
    home: str
    month: str
    resource_kind: str
    half_days: int
    cents: int
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """Half-days that members of `home` used at `grantor` in a month ("2026-11")."""

    month: str
    grantor: str
    home: str
    half_days: int


Holder = tuple[str, int]
"""A person and the position of a clause: together they have one right at most."""


def settle(
    agreement: Agreement,
    window: Period | None,
    memberships: Iterable[Membership],
    held: Mapping[Holder, Entitlement],
    *,
    today: date,
    new_id: Callable[[], str],
) -> Sequence[Entitlement]:
    """The rights that change so that each member has what the clauses give them.

    `window` is when the agreement is in force, if ever; `memberships` are all that count of the people concerned, and
    `held` all the rights they were ever given under the agreement.
    """
    stretches = _stretches(agreement.clauses, memberships)
    changed = []
    for person_id, position in sorted(stretches.keys() | held.keys()):
        due = due_from(today, window, stretches.get((person_id, position), ()))
        before = held.get((person_id, position))
        if before is None and due is not None:
            changed.append(_opened(agreement, person_id, position, due, new_id()))
        elif before is not None and (after := before.settled(due, today)) != before:
            changed.append(after)
    return changed


def due_from(day: date, window: Period | None, stretches: Iterable[Period]) -> Period | None:
    """The days on end, under way or next to come, on which any membership and the agreement are both in force."""
    overlaps = [common for stretch in stretches if window is not None and (common := stretch & window) is not None]
    runs: list[Period] = []
    for overlap in sorted(overlaps, key=lambda period: period.start):
        if runs and runs[-1].meets(overlap):
            runs[-1] = runs[-1].joined(overlap)
        else:
            runs.append(overlap)
    return next((run for run in runs if not run.over(day)), None)


def _stretches(clauses: Sequence[HalfDaysClause], memberships: Iterable[Membership]) -> dict[Holder, list[Period]]:
    stretches: dict[Holder, list[Period]] = {}
    for held in memberships:
        for position, clause in enumerate(clauses):
            if clause.membership_kind is held.declared.kind and not held.closed:
                stretches.setdefault((held.declared.person_id, position), []).append(held.period)
    return stretches


def _opened(agreement: Agreement, person_id: str, position: int, due: Period, entitlement_id: str) -> Entitlement:
    clause = agreement.clauses[position]
    return Entitlement(
        entitlement_id=entitlement_id,
        person_id=person_id,
        agreement_id=agreement.agreement_id,
        clause=position,
        grantor=agreement.grantor,
        home=agreement.home,
        resource_kind=clause.resource_kind,
        half_days_per_month=clause.half_days_per_month,
        cents=clause.cents,
        period=due,
        opened=True,
        version=1,
    )
