"""Declarations out of facts, memberships into messages.

Versions are compared by the aggregate the envelope names: a fact may not count up one thing and speak of another.
"""

from datetime import date

from groupement.declaration.v1 import events_pb2
from groupement.options.v1 import options_pb2
from groupement.shared_identity.v1 import membership_pb2, membership_service_pb2
from servicekit.bus.envelope import Received
from servicekit.fields import check_range, day
from servicekit.identifiers import is_id
from servicekit.staff import ROLES

from shared_identity.days import day_of
from shared_identity.memberships.domain import (
    Declaration,
    DeclarationMalformed,
    Ending,
    Membership,
    MembershipKind,
    MembershipState,
    StaffRole,
)
from shared_identity.periods import period, period_message


def declaration(message: events_pb2.MembershipDeclared, received: Received) -> Declaration:
    """What the structure that sent the fact declares; raises Invalid naming the field."""
    _check_ids(message.membership_id, message.person_id, received)
    return Declaration(
        membership_id=message.membership_id,
        person_id=message.person_id,
        structure=received.structure,
        kind=_kind(message.kind),
        period=period("period", message.period),
        version=received.version,
    )


def ending(message: events_pb2.MembershipEnded, received: Received) -> Ending:
    """What the structure that sent the fact ends; a last day on or before the day it said so ends it at once."""
    _check_ids(message.membership_id, message.person_id, received)
    last_day = day("end_date", message.end_date)
    return Ending(
        membership_id=message.membership_id,
        person_id=message.person_id,
        structure=received.structure,
        last_day=last_day,
        at_once=last_day <= day_of(received.time),
        version=received.version,
    )


def staff_role(message: events_pb2.StaffRoleGranted | events_pb2.StaffRoleRevoked, received: Received) -> StaffRole:
    """What the service that sent the fact says of its structure's staff."""
    _check(is_id(message.person_id, "person"), "person_id")
    _check(received.aggregate_id.startswith(f"{message.person_id}."), "person_id")
    return StaffRole(
        person_id=message.person_id,
        structure=received.structure,
        service=received.kind,
        role=_role(message.role),
        granted=isinstance(message, events_pb2.StaffRoleGranted),
        version=received.version,
    )


def to_message(held: Membership, today: date) -> membership_pb2.Membership:
    """A membership as it is read."""
    declared = held.declared
    return membership_pb2.Membership(
        membership_id=declared.membership_id,
        person_id=declared.person_id,
        structure=declared.structure,
        kind=events_pb2.MembershipKind.Value(f"MEMBERSHIP_KIND_{declared.kind}"),
        period=period_message(held.period),
        in_force=held.in_force(today),
    )


def asked_state(request: membership_service_pb2.ListMembershipsRequest) -> MembershipState | None:
    """The only state wanted, None for all; raises FieldOutOfRange."""
    check_range("state", request.state, least=0, most=len(MembershipState))
    if request.in_force_only:
        return MembershipState.IN_FORCE
    name = membership_service_pb2.MembershipState.Name(request.state).removeprefix("MEMBERSHIP_STATE_")
    return MembershipState(name) if request.state else None


def asked_kind(request: membership_service_pb2.ListMembershipsRequest) -> MembershipKind | None:
    """The only kind wanted, None for all; raises FieldOutOfRange."""
    check_range("kind", request.kind, least=0, most=len(MembershipKind))
    name = events_pb2.MembershipKind.Name(request.kind).removeprefix("MEMBERSHIP_KIND_")
    return MembershipKind(name) if request.kind else None


def count_message(state: MembershipState, kind: MembershipKind, many: int) -> membership_service_pb2.MembershipCount:
    """How many memberships of a state and a kind."""
    return membership_service_pb2.MembershipCount(
        state=membership_service_pb2.MembershipState.Value(f"MEMBERSHIP_STATE_{state}"),
        kind=events_pb2.MembershipKind.Value(f"MEMBERSHIP_KIND_{kind}"),
        count=many,
    )


def _check_ids(membership_id: str, person_id: str, received: Received) -> None:
    _check(is_id(membership_id, "membership"), "membership_id")
    _check(is_id(person_id, "person"), "person_id")
    _check(membership_id == received.aggregate_id, "membership_id")


def _kind(number: "events_pb2.MembershipKind.ValueType") -> MembershipKind:
    known = events_pb2.MembershipKind.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("MEMBERSHIP_KIND_")
    _check(name in set(MembershipKind), "kind")
    return MembershipKind(name)


def _role(number: "options_pb2.Role.ValueType") -> str:
    known = options_pb2.Role.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("ROLE_")
    _check(name in ROLES, "role")
    return name


def _check(right: bool, field: str) -> None:
    if not right:
        raise DeclarationMalformed(field=field)
