"""Agreements between two structures: proposed by one, signed by both, ended with notice."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from servicekit.refusals import Conflict, Denied, Invalid, NotFound

from shared_identity.days import Period
from shared_identity.memberships.domain import MembershipKind


class MembershipKindMissing(Invalid):
    """A clause says members of which quality it is for."""


class ResourceKindMalformed(Invalid):
    """A kind of space is written in capitals: NOMAD_SEAT."""


class CurrencyUnknown(Invalid):
    """Prices are in euros."""


class ClauseMissing(Invalid):
    """An agreement grants something: one clause at least."""


class ClauseRepeated(Invalid):
    """Two clauses grant the same kind of space to the same members."""


class SameStructure(Invalid):
    """A structure makes no agreement with itself."""


class NotInGroupement(Invalid):
    """Both parties are structures of the groupement."""


class AlreadyOver(Invalid):
    """The period is over already."""


class NotAParty(Denied):
    """A structure proposes agreements it is a party to."""


class UnknownAgreement(NotFound):
    """There is no such agreement between this structure and another."""


class AlreadySigned(Conflict):
    """This structure has signed this agreement already."""


class NotYetSigned(Conflict):
    """An agreement binds nobody before both have signed it."""


class AgreementEnded(Conflict):
    """This agreement has ended, or its last day is set."""


class AgreementState(StrEnum):
    """How far an agreement has come."""

    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    ENDED = "ENDED"


@dataclass(frozen=True, kw_only=True, slots=True)
class HalfDaysClause:
    """Half-days a calendar month of a kind of space for members in one quality; their home pays `cents` for each."""

    membership_kind: MembershipKind
    resource_kind: str
    half_days_per_month: int
    cents: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What `grantor` grants to members of `home`.

    `terms` counts the versions of what is agreed, `version` every change, signatures included.
    """

    agreement_id: str
    grantor: str
    home: str
    clauses: tuple[HalfDaysClause, ...]
    period: Period
    notice_days: int
    terms: int = 1
    version: int = 1
    grantor_signed_at: datetime | None = None
    home_signed_at: datetime | None = None
    notice_at: datetime | None = None

    @property
    def parties(self) -> tuple[str, str]:
        """The structures it binds."""
        return self.grantor, self.home

    @property
    def signed(self) -> bool:
        """Whether both have signed."""
        return self.grantor_signed_at is not None and self.home_signed_at is not None

    def state(self, today: date) -> AgreementState:
        """How far it has come."""
        if self.notice_at is not None or self.period.over(today):
            return AgreementState.ENDED
        return AgreementState.SIGNED if self.signed else AgreementState.PROPOSED

    def check(self, today: date) -> None:
        """Raises SameStructure, ClauseMissing, ClauseRepeated or AlreadyOver on what cannot be proposed."""
        if self.grantor == self.home:
            raise SameStructure(field="home")
        if not self.clauses:
            raise ClauseMissing(field="clauses")
        if len({(clause.membership_kind, clause.resource_kind) for clause in self.clauses}) < len(self.clauses):
            raise ClauseRepeated(field="clauses")
        if self.period.over(today):
            raise AlreadyOver(field="period.end_date")

    def sign(self, party: str, *, now: datetime, today: date) -> "Agreement":
        """Signed by one more party; raises AlreadySigned or AgreementEnded."""
        if self.state(today) is AgreementState.ENDED:
            raise AgreementEnded(field="agreement_id")
        signed = self._signed(party, now)
        if signed == self:
            raise AlreadySigned(field="agreement_id")
        return replace(signed, version=self.version + 1)

    def end(self, wished: date | None, *, now: datetime, today: date) -> "Agreement":
        """With its last day: the end of the notice, or the day wished if later. Raises NotYetSigned, AgreementEnded."""
        if self.state(today) is AgreementState.ENDED:
            raise AgreementEnded(field="agreement_id")
        if not self.signed:
            raise NotYetSigned(field="agreement_id")
        last = max(today + timedelta(days=self.notice_days), wished or today)
        period = replace(self.period, end=min(last, self.period.end or last))
        return replace(self, period=period, notice_at=now, version=self.version + 1)

    def _signed(self, party: str, now: datetime) -> "Agreement":
        if party == self.grantor:
            return replace(self, grantor_signed_at=self.grantor_signed_at or now)
        return replace(self, home_signed_at=self.home_signed_at or now)
