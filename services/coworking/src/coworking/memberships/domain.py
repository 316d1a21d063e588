"""Memberships of this structure: what a person is to it, from a day on."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from servicekit.refusals import Invalid


class PeriodUpsideDown(Invalid):
    """The last day of a period comes before its first."""


class MembershipKind(StrEnum):
    """What a coworking may declare that a person is to it."""

    COWORKER = "COWORKER"
    STAFF = "STAFF"
    VOLUNTEER = "VOLUNTEER"


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """A membership as it is declared; without `ends_on`, no end is known."""

    membership_id: str
    person_id: str
    kind: MembershipKind
    starts_on: date
    ends_on: date | None = None
    version: int = 1


def check_membership(membership: Membership) -> None:
    """Refuse a period that ends before it begins."""
    if membership.ends_on is not None and membership.ends_on < membership.starts_on:
        raise PeriodUpsideDown(field="ends_on")
