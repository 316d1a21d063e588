"""Memberships as they are declared to the groupement."""

from datetime import datetime

from groupement.declaration.v1 import events_pb2
from groupement.type.v1 import period_pb2
from servicekit.facts import Fact, fact

from coworking.memberships.domain import Membership


def membership_declared(of: Membership, *, at: datetime) -> Fact:
    """Says what a person is to this structure."""
    declared = events_pb2.MembershipDeclared(
        membership_id=of.membership_id,
        person_id=of.person_id,
        kind=events_pb2.MembershipKind.Value(f"MEMBERSHIP_KIND_{of.kind}"),
        period=period_pb2.Period(
            start_date=of.starts_on.isoformat(), end_date="" if of.ends_on is None else of.ends_on.isoformat()
        ),
    )
    return fact(declared, aggregate_id=of.membership_id, version=of.version, at=at)
