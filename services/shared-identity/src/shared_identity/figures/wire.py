"""The figures of the groupement as messages."""

from groupement.declaration.v1 import events_pb2 as declarations
from groupement.shared_identity.v1 import figure_service_pb2 as pb
from groupement.shared_identity.v1 import outcome_service_pb2
from servicekit.fields import first_of_month

from shared_identity.agreements.entitlements import Used
from shared_identity.disclosure import Told
from shared_identity.figures.domain import Asked, Cell, EventFigures, Figures


def asked(request: pb.GetFiguresRequest) -> Asked:
    """The months asked for; raises MonthMalformed naming the field, EndsBeforeItStarts, TooLong."""
    return Asked(
        first=first_of_month("first_month", request.first_month),
        last=first_of_month("last_month", request.last_month),
    )


def to_message(told: Figures) -> pb.GetFiguresResponse:
    """All that a structure is told."""
    return pb.GetFiguresResponse(
        members=[
            _members(month.month, cell, people) for month in told.months for cell, people in month.members.items()
        ],
        shared=[pb.SharedMembersFigure(month=month.month, people=_count(month.shared)) for month in told.months],
        usages=[_used(used) for used in told.usages],
        events=[_event(event) for event in told.events],
    )


def _count(told: Told) -> outcome_service_pb2.HiddenCount:
    return outcome_service_pb2.HiddenCount(value=told.value, hidden=told.hidden)


def _members(month: str, cell: Cell, people: Told) -> pb.MemberFigure:
    kind = declarations.MembershipKind.Value(f"MEMBERSHIP_KIND_{cell.kind or 'UNSPECIFIED'}")
    return pb.MemberFigure(month=month, structure=cell.structure, kind=kind, people=_count(people))


def _used(used: Used) -> pb.UsageFigure:
    return pb.UsageFigure(month=used.month, grantor=used.grantor, home=used.home, half_days=used.half_days)


def _event(event: EventFigures) -> pb.EventFigure:
    counted = event.gathering
    return pb.EventFigure(
        event_id=counted.event_id,
        slug=counted.slug,
        title=counted.title,
        date=counted.day.isoformat(),
        size=counted.size,
        registered=_count(event.registered),
        attended=_count(event.attended),
        structures=[
            pb.StructureCount(structure=structure, people=_count(people))
            for structure, people in event.structures.items()
        ],
    )
