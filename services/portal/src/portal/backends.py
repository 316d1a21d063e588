"""The services behind the portal: one channel an instance, the stubs of its kind."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import grpc
from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceStub
from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceStub
from groupement.coworking.v1.place_service_pb2_grpc import PlaceServiceStub
from groupement.incubator.v1.call_service_pb2_grpc import CallServiceStub
from groupement.incubator.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from groupement.incubator.v1.project_service_pb2_grpc import ProjectServiceStub
from groupement.shared_identity.v1.agreement_service_pb2_grpc import AgreementServiceStub
from groupement.shared_identity.v1.directory_service_pb2_grpc import DirectoryServiceStub
from groupement.shared_identity.v1.door_service_pb2_grpc import DoorServiceStub
from groupement.shared_identity.v1.figure_service_pb2_grpc import FigureServiceStub
from groupement.shared_identity.v1.joint_event_service_pb2_grpc import JointEventServiceStub
from groupement.shared_identity.v1.membership_service_pb2_grpc import MembershipServiceStub
from groupement.shared_identity.v1.outcome_service_pb2_grpc import OutcomeServiceStub
from groupement.shared_identity.v1.person_service_pb2_grpc import PersonServiceStub
from groupement.shared_identity.v1.registration_service_pb2_grpc import RegistrationServiceStub
from groupement.shared_identity.v1.sign_in_service_pb2_grpc import SignInServiceStub
from groupement.shared_identity.v1.structure_service_pb2_grpc import StructureServiceStub
from groupement.staff.v1.staff_service_pb2_grpc import StaffServiceStub
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.refusals import NotFound
from servicekit.rpc.channels import channel

from portal.config import IDENTITY

if TYPE_CHECKING:
    from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceAsyncStub
    from groupement.coworking.v1.check_in_service_pb2_grpc import CheckInServiceAsyncStub
    from groupement.coworking.v1.place_service_pb2_grpc import PlaceServiceAsyncStub
    from groupement.incubator.v1.call_service_pb2_grpc import CallServiceAsyncStub
    from groupement.incubator.v1.programme_service_pb2_grpc import ProgrammeServiceAsyncStub
    from groupement.incubator.v1.project_service_pb2_grpc import ProjectServiceAsyncStub
    from groupement.shared_identity.v1.agreement_service_pb2_grpc import AgreementServiceAsyncStub
    from groupement.shared_identity.v1.directory_service_pb2_grpc import DirectoryServiceAsyncStub
    from groupement.shared_identity.v1.door_service_pb2_grpc import DoorServiceAsyncStub
    from groupement.shared_identity.v1.figure_service_pb2_grpc import FigureServiceAsyncStub
    from groupement.shared_identity.v1.joint_event_service_pb2_grpc import JointEventServiceAsyncStub
    from groupement.shared_identity.v1.membership_service_pb2_grpc import MembershipServiceAsyncStub
    from groupement.shared_identity.v1.outcome_service_pb2_grpc import OutcomeServiceAsyncStub
    from groupement.shared_identity.v1.person_service_pb2_grpc import PersonServiceAsyncStub
    from groupement.shared_identity.v1.registration_service_pb2_grpc import RegistrationServiceAsyncStub
    from groupement.shared_identity.v1.sign_in_service_pb2_grpc import SignInServiceAsyncStub
    from groupement.shared_identity.v1.structure_service_pb2_grpc import StructureServiceAsyncStub
    from groupement.staff.v1.staff_service_pb2_grpc import StaffServiceAsyncStub

Question_contra = TypeVar("Question_contra", contravariant=True)
Answer_co = TypeVar("Answer_co", covariant=True)

COWORKING, INCUBATOR = "coworking", "incubator"


class ServiceNotRun(NotFound):
    """This structure runs no such service."""


class Method(Protocol[Question_contra, Answer_co]):
    """One RPC of a stub."""

    def __call__(
        self, request: Question_contra, /, *, timeout: float | None = None, metadata: Sequence[tuple[str, str]] = ()
    ) -> Awaitable[Answer_co]: ...


@dataclass(frozen=True, kw_only=True)
class IdentityStubs:
    """What shared-identity answers."""

    structures: "StructureServiceAsyncStub"
    persons: "PersonServiceAsyncStub"
    sign_in: "SignInServiceAsyncStub"
    memberships: "MembershipServiceAsyncStub"
    agreements: "AgreementServiceAsyncStub"
    joint_events: "JointEventServiceAsyncStub"
    registrations: "RegistrationServiceAsyncStub"
    doors: "DoorServiceAsyncStub"
    outcomes: "OutcomeServiceAsyncStub"
    figures: "FigureServiceAsyncStub"
    directory: "DirectoryServiceAsyncStub"


@dataclass(frozen=True, kw_only=True)
class IncubatorStubs:
    """What an incubator answers."""

    programmes: "ProgrammeServiceAsyncStub"
    calls: "CallServiceAsyncStub"
    projects: "ProjectServiceAsyncStub"
    staff: "StaffServiceAsyncStub"


@dataclass(frozen=True, kw_only=True)
class CoworkingStubs:
    """What a coworking answers."""

    places: "PlaceServiceAsyncStub"
    bookings: "BookingServiceAsyncStub"
    check_ins: "CheckInServiceAsyncStub"
    staff: "StaffServiceAsyncStub"


class Backends:
    """The channels to every instance that the portal was told of; made in a running loop."""

    def __init__(self, instances: Mapping[Origin, str], tls: Tls) -> None:
        self._channels = {origin: channel(address, origin, tls) for origin, address in instances.items()}
        self.identity = _identity(self._channels[IDENTITY])
        self._incubators = {o.structure: _incubator(c) for o, c in self._channels.items() if o.kind == INCUBATOR}
        self._coworkings = {o.structure: _coworking(c) for o, c in self._channels.items() if o.kind == COWORKING}

    @property
    def channels(self) -> Mapping[Origin, grpc.aio.Channel]:
        """Every channel, by instance."""
        return self._channels

    @property
    def incubators(self) -> Mapping[str, IncubatorStubs]:
        """The incubators, by structure."""
        return self._incubators

    @property
    def coworkings(self) -> Mapping[str, CoworkingStubs]:
        """The coworkings, by structure."""
        return self._coworkings

    def incubator(self, structure: str) -> IncubatorStubs:
        """A structure's incubator; raises ServiceNotRun."""
        return _run_by(self._incubators, structure)

    def coworking(self, structure: str) -> CoworkingStubs:
        """A structure's coworking; raises ServiceNotRun."""
        return _run_by(self._coworkings, structure)

    async def close(self) -> None:
        """Close every channel."""
        for each in self._channels.values():
            await each.close()


Stubs = TypeVar("Stubs")


def _run_by(stubs: Mapping[str, Stubs], structure: str) -> Stubs:
    found = stubs.get(structure)
    if found is None:
        raise ServiceNotRun
    return found


def _identity(to: grpc.aio.Channel) -> IdentityStubs:
    return IdentityStubs(
        structures=StructureServiceStub(to),
        persons=PersonServiceStub(to),
        sign_in=SignInServiceStub(to),
        memberships=MembershipServiceStub(to),
        agreements=AgreementServiceStub(to),
        joint_events=JointEventServiceStub(to),
        registrations=RegistrationServiceStub(to),
        doors=DoorServiceStub(to),
        outcomes=OutcomeServiceStub(to),
        figures=FigureServiceStub(to),
        directory=DirectoryServiceStub(to),
    )


def _incubator(to: grpc.aio.Channel) -> IncubatorStubs:
    return IncubatorStubs(
        programmes=ProgrammeServiceStub(to),
        calls=CallServiceStub(to),
        projects=ProjectServiceStub(to),
        staff=StaffServiceStub(to),
    )


def _coworking(to: grpc.aio.Channel) -> CoworkingStubs:
    return CoworkingStubs(
        places=PlaceServiceStub(to),
        bookings=BookingServiceStub(to),
        check_ins=CheckInServiceStub(to),
        staff=StaffServiceStub(to),
    )
