"""The figures of an event as a message."""

from groupement.shared_identity.v1 import outcome_service_pb2 as pb
from groupement.shared_identity.v1.registration_pb2 import RegistrantProfile

from shared_identity.disclosure import Told
from shared_identity.outcomes.report import ClosingReport, Pair, SessionFigures
from shared_identity.outcomes.wire import kind_message
from shared_identity.registrations.domain import Profile


def to_message(report: ClosingReport) -> pb.ClosingReport:
    """The figures of an event."""
    return pb.ClosingReport(
        event_id=report.event_id,
        final=report.final,
        size=report.size,
        registered=report.registered,
        attended=report.attended,
        walk_ins=report.walk_ins,
        cancelled=report.cancelled,
        waiting=report.waiting,
        organisers=[_organiser(name, pair) for name, pair in report.organisers.items()],
        shared=_count(report.shared),
        nobodys=_count(report.nobodys),
        profiles=[_profile(profile, pair) for profile, pair in report.profiles.items()],
        sessions=[_session(session) for session in report.sessions],
        challenges=[
            pb.ChallengeFigures(challenge_id=challenge_id, kind=kind_message(kind), contributions=many)
            for (challenge_id, kind), many in sorted(report.contributions.items())
        ],
    )


def _organiser(organiser_id: str, pair: Pair) -> pb.OrganiserFigures:
    return pb.OrganiserFigures(
        organiser_id=organiser_id, registered=_count(pair.registered), attended=_count(pair.attended)
    )


def _profile(profile: Profile, pair: Pair) -> pb.ProfileFigures:
    number = RegistrantProfile.Value(f"REGISTRANT_PROFILE_{profile.value or 'UNSPECIFIED'}")
    return pb.ProfileFigures(profile=number, registered=_count(pair.registered), attended=_count(pair.attended))


def _session(session: SessionFigures) -> pb.SessionFigures:
    return pb.SessionFigures(
        session_id=session.session_id,
        size=session.size,
        registered=session.registered,
        attended=session.attended,
    )


def _count(told: Told) -> pb.HiddenCount:
    return pb.HiddenCount(value=told.value, hidden=told.hidden)
