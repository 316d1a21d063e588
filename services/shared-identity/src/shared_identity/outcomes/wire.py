"""Contributions out of messages, and into them; the figures of an event as a message."""

from groupement.shared_identity.v1 import outcome_service_pb2 as pb
from servicekit.etags import etag
from servicekit.fields import one_line, paragraphs
from servicekit.timestamps import timestamp

from shared_identity.outcomes.domain import (
    Contribution,
    ContributionKind,
    ContributionKindMissing,
    ContributionState,
    ContributionStateMissing,
    Words,
)

_KIND, _STATE = "CONTRIBUTION_KIND_", "CONTRIBUTION_STATE_"


def words(message: pb.Contribution) -> Words:
    """What a contribution says; raises Invalid naming the field."""
    kind = _named(pb.ContributionKind, message.kind, _KIND)
    if kind not in set(ContributionKind):
        raise ContributionKindMissing(field="contribution.kind")
    return Words(
        challenge_id=message.challenge_id,
        kind=ContributionKind(kind),
        title=one_line(message.title),
        text=paragraphs(message.text),
        carrier=one_line(message.carrier),
        owner_organiser_id=message.owner_organiser_id,
    )


def state(message: pb.Contribution) -> ContributionState:
    """How far the follow-up has come; raises ContributionStateMissing."""
    name = _named(pb.ContributionState, message.state, _STATE)
    if name not in set(ContributionState):
        raise ContributionStateMissing(field="contribution.state")
    return ContributionState(name)


def kind_asked(number: "pb.ContributionKind.ValueType") -> ContributionKind | None:
    """The kind a list is asked of; None for all. Raises ContributionKindMissing on one there is not."""
    if not number:
        return None
    name = _named(pb.ContributionKind, number, _KIND)
    if name not in set(ContributionKind):
        raise ContributionKindMissing(field="kind")
    return ContributionKind(name)


def to_message(held: Contribution) -> pb.Contribution:
    """A contribution as it is read."""
    return pb.Contribution(
        contribution_id=held.contribution_id,
        challenge_id=held.words.challenge_id,
        kind=kind_message(held.words.kind),
        title=held.words.title,
        text=held.words.text,
        carrier=held.words.carrier,
        owner_organiser_id=held.words.owner_organiser_id,
        state=pb.ContributionState.Value(f"{_STATE}{held.state}"),
        create_time=timestamp(held.created_at),
        etag=etag(held.version),
    )


def kind_message(kind: ContributionKind) -> "pb.ContributionKind.ValueType":
    """A kind as it is read."""
    return pb.ContributionKind.Value(f"{_KIND}{kind}")


def _named(enum: type[pb.ContributionKind] | type[pb.ContributionState], number: int, prefix: str) -> str:
    """The name of a value, "" of one there is not."""
    known = enum.DESCRIPTOR.values_by_number.get(number)
    return "" if known is None else known.name.removeprefix(prefix)
