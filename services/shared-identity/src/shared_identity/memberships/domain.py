"""What people are to structures, as declared: each saying counts once, in whatever order sayings arrive."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from servicekit.refusals import Conflict, Denied, Invalid, NotFound

from shared_identity.days import Period

MEMBER = "MEMBER"
"""The role of whoever holds a membership in force."""


class DeclarationMalformed(Invalid):
    """What a structure declares does not have the form it must have."""


class UnknownMembership(NotFound):
    """This membership was never declared, or not yet."""


class MembershipOfAnotherStructure(Denied):
    """Only the structure that declared a membership may speak of it."""


class MembershipOfAnotherPerson(Conflict):
    """A membership stays with the person it was declared for."""


class MembershipKind(StrEnum):
    """What somebody is to a structure."""

    INCUBATED = "INCUBATED"
    COWORKER = "COWORKER"
    ALUMNI = "ALUMNI"
    STAFF = "STAFF"
    VOLUNTEER = "VOLUNTEER"


class MembershipState(StrEnum):
    """Where a membership stands on a day."""

    IN_FORCE = "IN_FORCE"
    TO_COME = "TO_COME"
    ENDED = "ENDED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """A structure says that a person is something to it. `version` counts what it said of this membership."""

    membership_id: str
    person_id: str
    structure: str
    kind: MembershipKind
    period: Period
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """A structure says that a membership is over after `last_day`, or over `at_once`."""

    membership_id: str
    person_id: str
    structure: str
    last_day: date
    at_once: bool
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffRole:
    """One service of a structure says that its staff record gives, or no longer gives, a role to a person."""

    person_id: str
    structure: str
    service: str
    role: str
    granted: bool
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Belonging:
    """The structures somebody belongs to, as a member or as staff, and the next day on which time changes that."""

    structures: frozenset[str]
    changes_on: date | None = None

    @classmethod
    def of(cls, stays: Iterable[tuple[str, Period]], staff: frozenset[str], day: date) -> "Belonging":
        """What follows on a day from stays at structures, and from being staff, which time does not end."""
        known = list(stays)
        there = {structure for structure, period in known if period.covers(day)}
        changes = [change for _, period in known if (change := period.changes_after(day)) is not None]
        return cls(structures=staff | there, changes_on=min(changes, default=None))


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """What was last declared, and the last ending that was said: whichever is newer holds."""

    declared: Declaration
    ending: Ending | None = None

    @property
    def period(self) -> Period:
        """From its first day to its last, as said last."""
        period = self.declared.period
        ending = self._ending_that_holds()
        return period if ending is None else Period(start=period.start, end=ending.last_day)

    @property
    def closed(self) -> bool:
        """Whether it was ended at once: then it is in force no more, on that very day already."""
        ending = self._ending_that_holds()
        return ending is not None and ending.at_once

    def in_force(self, day: date) -> bool:
        """Whether it counts on a day."""
        return not self.closed and self.period.covers(day)

    def redeclared(self, said: Declaration) -> "Membership":
        """The membership after a declaration; the same when something newer was declared before.

        Raises MembershipOfAnotherStructure or MembershipOfAnotherPerson.
        """
        self._check(said.structure, said.person_id)
        return replace(self, declared=said) if said.version > self.declared.version else self

    def ended(self, said: Ending) -> "Membership":
        """The membership after an ending; the same when a newer one was said before. Raises as `redeclared` does."""
        self._check(said.structure, said.person_id)
        older = self.ending is not None and said.version <= self.ending.version
        return self if older else replace(self, ending=said)

    def _ending_that_holds(self) -> Ending | None:
        newer = self.ending is not None and self.ending.version > self.declared.version
        return self.ending if newer else None

    def _check(self, structure: str, person_id: str) -> None:
        if structure != self.declared.structure:
            raise MembershipOfAnotherStructure(field="membership_id")
        if person_id != self.declared.person_id:
            raise MembershipOfAnotherPerson(field="person_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The days on which somebody was something to a structure; no `last` when no end is known."""

    person_id: str
    structure: str
    kind: MembershipKind
    first: date
    last: date | None
