"""What came out of a joint event: contributions to its challenges, and how far their follow-up has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from servicekit.fields import check_text
from servicekit.refusals import Invalid, NotFound

_MOST_TITLE, _MOST_TEXT, _MOST_CARRIER = 120, 4_000, 120


class UnknownContribution(NotFound):
    """There is no such contribution of this event."""


class ContributionKindMissing(Invalid):
    """What kind of thing came out must be said."""


class ContributionStateMissing(Invalid):
    """How far its follow-up has come must be said."""


class ContributionKind(StrEnum):
    """What kind of thing came out."""

    INNOVATION = "INNOVATION"
    EXISTING_INITIATIVE = "EXISTING_INITIATIVE"
    NEED = "NEED"


class ContributionState(StrEnum):
    """How far its follow-up has come."""

    CAPTURED = "CAPTURED"
    FOLLOWED = "FOLLOWED"
    DONE = "DONE"
    DROPPED = "DROPPED"


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What a contribution says: of which challenge, what kind, who carries it and who follows it up ("" for nobody)."""

    challenge_id: str
    kind: ContributionKind
    title: str
    text: str = ""
    carrier: str = ""
    owner_organiser_id: str = ""

    def __post_init__(self) -> None:
        """Raises FieldMissing, FieldTooLong or TextUnprintable."""
        check_text("contribution.title", self.title, most=_MOST_TITLE)
        check_text("contribution.text", self.text, most=_MOST_TEXT, required=False)
        check_text("contribution.carrier", self.carrier, most=_MOST_CARRIER, required=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contribution:
    """What came out of a challenge."""

    contribution_id: str
    event_id: str
    words: Words
    state: ContributionState = ContributionState.CAPTURED
    created_at: datetime
    version: int = 1

    def changed(self, words: Words, state: ContributionState) -> "Contribution":
        """As it became; the same when nothing did."""
        after = replace(self, words=words, state=state)
        return self if after == self else replace(after, version=self.version + 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gathering:
    """A joint event as it is counted: `attended` are the people who came, "" for each that has no account.

    `unnamed` are those of them who were forgotten since, by the structure whose members they were then.
    """

    event_id: str
    slug: str
    title: str
    day: date
    size: int
    registered: int
    attended: Sequence[str]
    unnamed: Mapping[str, int] = field(default_factory=dict)
