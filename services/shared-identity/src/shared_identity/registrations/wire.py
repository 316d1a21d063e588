"""Registrations as messages, and back; malformed text becomes a refusal here or in the domain."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1 import registration_pb2 as pb
from groupement.shared_identity.v1 import registration_service_pb2 as service_pb
from servicekit.fields import FieldOutOfRange
from servicekit.timestamps import instant, timestamp

from shared_identity.codes import Codes
from shared_identity.registrations.domain import (
    LISTED,
    Attendee,
    Invitation,
    Profile,
    Registration,
    State,
    Wish,
)
from shared_identity.registrations.refused import AnswerMalformed
from shared_identity.registrations.views import Choice, Counts, Hold, Ticket
from shared_identity.seats.domain import Seats
from shared_identity.seats.wire import pool_message

_HIDDEN = -1
_MOST_ANSWERS = 100
_STATE = "REGISTRATION_STATE_"
_PROFILE = "REGISTRANT_PROFILE_"
_UNSAID = "UNSPECIFIED"


def attendee(message: pb.Attendee) -> Attendee:
    """Who comes, as they said; raises AnswerMalformed."""
    if len(message.answers) > _MOST_ANSWERS:
        raise AnswerMalformed(field="attendee.answers")
    return Attendee(
        given_name=message.given_name,
        family_name=message.family_name,
        email=message.email,
        locale=message.locale,
        profile=_profile(message.profile),
        organisation=message.organisation,
        answers={answer.question_id: tuple(answer.values) for answer in message.answers},
        access_needs=message.access_needs,
        diet=message.diet,
    )


def wish(
    request: service_pb.ConfirmRegistrationRequest | service_pb.JoinWaitingListRequest | service_pb.RegisterMeRequest,
) -> Wish:
    """What somebody asks for."""
    return Wish(
        attendee=attendee(request.attendee),
        session_ids=tuple(request.session_ids),
        arrangement_version=request.arrangement_version,
    )


def choice(request: service_pb.ListRegistrationsRequest) -> Choice:
    """Which registrants are listed: all that organisers see, unless states are named."""
    wanted = _states(request.states) or LISTED
    states = [state for state in wanted if state in LISTED]
    return Choice(states=states, session_id=request.session_id, query=request.query)


def recipients(request: service_pb.SendMessageRequest) -> Choice:
    """To whom a message goes: those with a seat, unless states are named. Raises FieldOutOfRange."""
    return Choice(states=_states(request.states) or (State.CONFIRMED,), session_id=request.session_id)


def release_time(request: service_pb.SetAllocationRequest) -> datetime | None:
    """When what is left goes back, if ever; raises InstantMalformed."""
    return instant("release_time", request.release_time) if request.HasField("release_time") else None


def hold_message(hold: Hold) -> pb.Hold:
    """A seat kept, as we may keep it: the name of its code in the place of the code."""
    held = hold.held
    return pb.Hold(
        code=held.code_id,
        event_id=held.event_id,
        event_slug=hold.event.slug,
        expire_time=None if held.expires_at is None else timestamp(held.expires_at),
        invited_by=hold.invited_by,
    )


def ticket_message(ticket: Ticket, codes: Codes | None) -> pb.Ticket:
    """A ticket as its holder sees it; without `codes`, as we may keep it. Its code opens a door, or nothing."""
    held = ticket.held
    opens = held.state is not State.WAITING
    return pb.Ticket(
        registration_id=held.registration_id,
        event_id=held.event_id,
        event_slug=ticket.event.slug,
        state=_state(held.state),
        attendee=_attendee_message(held.attendee),
        session_ids=held.session_ids,
        code=codes.secret_of(held.code_id) if codes is not None and opens else "",
        waiting_position=ticket.position,
        offer_expire_time=_offer_time(held),
        arrangement_version=held.arrangement_version,
    )


def registration_message(held: Registration, *, present: bool) -> pb.Registration:
    """A registrant as the organiser whose own they are sees them."""
    return pb.Registration(
        registration_id=held.registration_id,
        event_id=held.event_id,
        state=_state(held.state),
        attendee=_attendee_message(held.attendee),
        session_ids=held.session_ids,
        bases=sorted(pb.BasisKind.Value(f"BASIS_KIND_{basis.kind}") for basis in held.bases),
        create_time=timestamp(held.created_at),
        offer_expire_time=_offer_time(held),
        present=present,
    )


def invitation_message(sent: Invitation) -> pb.Invitation:
    """An invitation as the organiser that sent it sees it."""
    return pb.Invitation(
        invitation_id=sent.invitation_id,
        organiser_id=sent.organiser_id,
        email=sent.email,
        create_time=timestamp(sent.created_at),
        used=sent.used_by is not None,
    )


def counts_message(counts: Counts, seats: Seats) -> service_pb.CountRegistrationsResponse:
    """How many are what."""
    states = [
        pb.StateCount(state=_state(state), own=counts.own.get(state, 0), total=counts.total.get(state, 0))
        for state in State
        if state in counts.total
    ]
    return service_pb.CountRegistrationsResponse(
        states=states,
        pools=map(pool_message, seats.pools),
        profiles=_profiles(counts.own_profiles),
    )


def _profiles(own: Mapping[Profile, int]) -> Iterable[service_pb.ProfileCount]:
    for profile in Profile:
        yield service_pb.ProfileCount(profile=_profile_number(profile), own=own.get(profile, 0), total=_HIDDEN)


def _attendee_message(held: Attendee) -> pb.Attendee:
    return pb.Attendee(
        given_name=held.given_name,
        family_name=held.family_name,
        email=held.email,
        locale=held.locale,
        profile=_profile_number(held.profile),
        organisation=held.organisation,
        answers=[pb.Answer(question_id=key, values=values) for key, values in held.answers.items()],
        access_needs=held.access_needs,
        diet=held.diet,
    )


def _offer_time(held: Registration) -> Timestamp | None:
    if held.state is not State.OFFERED or held.expires_at is None:
        return None
    return timestamp(held.expires_at)


def _states(numbers: Sequence["pb.RegistrationState.ValueType"]) -> Sequence[State]:
    known = pb.RegistrationState.DESCRIPTOR.values_by_number
    names = [known[number].name.removeprefix(_STATE) if number in known else "" for number in numbers]
    if any(name not in set(State) for name in names):
        raise FieldOutOfRange(field="states")
    return [State(name) for name in names]


def _state(state: State) -> "pb.RegistrationState.ValueType":
    return pb.RegistrationState.Value(f"{_STATE}{state}")


def _profile(number: "pb.RegistrantProfile.ValueType") -> Profile:
    known = pb.RegistrantProfile.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix(_PROFILE)
    return Profile(name) if name in set(Profile) else Profile.UNSAID


def _profile_number(profile: Profile) -> "pb.RegistrantProfile.ValueType":
    return pb.RegistrantProfile.Value(f"{_PROFILE}{profile or _UNSAID}")
