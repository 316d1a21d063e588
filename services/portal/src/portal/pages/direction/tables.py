"""The figures of the groupement put in order: what each chart draws, what each table says.

A number that is hidden is None, from the answer of the service to the page: nobody counts with it on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groupement.declaration.v1.events_pb2 import MEMBERSHIP_KIND_UNSPECIFIED, MembershipKind
from groupement.shared_identity.v1.figure_service_pb2 import EventFigure, GetFiguresResponse
from groupement.shared_identity.v1.outcome_service_pb2 import HiddenCount

Number = int | None
"""A number of people; None when it is not told."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What the members of `home` used at `grantor`: half-days by month, and together."""

    grantor: str
    home: str
    by_month: Mapping[str, int]

    @property
    def total(self) -> int:
        """Half-days in all."""
        return sum(self.by_month.values())


@dataclass(frozen=True, kw_only=True)
class Event:
    """A joint event in numbers."""

    event_id: str
    slug: str
    title: str
    date: str
    size: int
    registered: Number
    attended: Number
    by_structure: Mapping[str, Number]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All figures of some months, in the order of the months and of the structures."""

    months: Sequence[str]
    structures: Sequence[str]
    members: Mapping[tuple[str, str, MembershipKind.ValueType], Number]
    shared: Mapping[str, Number]
    flows: Sequence[Flow]
    events: Sequence[Event]

    def over_time(self, structure: str = "") -> list[Number]:
        """The members of a structure, or of all together, month by month; zero where nobody was counted."""
        return [self.members.get((month, structure, MEMBERSHIP_KIND_UNSPECIFIED), 0) for month in self.months]

    def shared_over_time(self) -> list[Number]:
        """The members of several structures, month by month."""
        return [self.shared.get(month, 0) for month in self.months]

    def now(self, structure: str = "") -> Number:
        """The members at the end of the last month."""
        return self.over_time(structure)[-1]

    def kinds_now(self, structure: str) -> list[tuple[MembershipKind.ValueType, Number]]:
        """The members of a structure at the end of the last month, by quality; those nobody has are left out."""
        last = self.months[-1]
        by_kind = [(kind, self.members.get((last, structure, kind), 0)) for kind in MembershipKind.values() if kind]
        return [(kind, many) for kind, many in by_kind if many != 0]

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        people = [*self.members.values(), *self.shared.values()]
        came = [n for event in self.events for n in (event.registered, event.attended, *event.by_structure.values())]
        return None in people or None in came


def figures(found: GetFiguresResponse, months: Sequence[str], structures: Sequence[str]) -> Figures:
    """The answer of the service, in order. Months that have not begun have no figures: they are left out."""
    told = [month for month in months if any(each.month == month for each in found.members)]
    return Figures(
        months=told or list(months)[-1:],
        structures=structures,
        members={(each.month, each.structure, each.kind): number(each.people) for each in found.members},
        shared={each.month: number(each.people) for each in found.shared},
        flows=_flows(found),
        events=[_event(each) for each in sorted(found.events, key=lambda event: event.date, reverse=True)],
    )


def number(count: HiddenCount) -> Number:
    """The number, unless it is hidden."""
    return None if count.hidden else count.value


def _flows(found: GetFiguresResponse) -> list[Flow]:
    by_pair: dict[tuple[str, str], dict[str, int]] = {}
    for each in found.usages:
        months = by_pair.setdefault((each.grantor, each.home), {})
        months[each.month] = months.get(each.month, 0) + each.half_days
    return [Flow(grantor=g, home=h, by_month=months) for (g, h), months in sorted(by_pair.items())]


def _event(figure: EventFigure) -> Event:
    return Event(
        event_id=figure.event_id,
        slug=figure.slug,
        title=figure.title,
        date=figure.date,
        size=figure.size,
        registered=number(figure.registered),
        attended=number(figure.attended),
        by_structure={each.structure: number(each.people) for each in figure.structures},
    )
