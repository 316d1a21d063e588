"""People at work on a house while it is being broken: applications, admissions, exits, bookings, staff roles.

Every command carries its request_id and is asked again until it is answered, as a careful client does.
"""

import asyncio
import contextlib
import itertools
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.coworking.v1 import booking_service_pb2 as booking_pb
from groupement.coworking.v1.booking_service_pb2_grpc import BookingServiceStub
from groupement.incubator.v1 import call_service_pb2 as call_pb
from groupement.incubator.v1 import project_pb2
from groupement.incubator.v1 import project_service_pb2 as project_pb
from groupement.incubator.v1.call_service_pb2_grpc import CallServiceStub
from groupement.incubator.v1.project_service_pb2_grpc import ProjectServiceStub
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2 as staff_pb
from groupement.staff.v1.staff_service_pb2_grpc import StaffServiceStub
from joserfc.jwk import RSAKey
from journey import Journey
from servicekit.origin import GROUPEMENT, Origin
from servicekit.pki import Tls
from servicekit.refusals import Conflict, Exhausted, Unavailable
from servicekit.rpc.channels import Channel, channel, credentials
from servicekit.tokens import Token, sign

STARTER = "programme_01990000000070008000000000000002"
ADVISOR, ADMIN = (f"person_0199000000007000800000000000000{number}" for number in (2, 6))
INCUBATOR, COWORKING = Origin(structure="inter-made", kind="incubator"), Origin(structure="la-ruche", kind="coworking")
PORTAL = Origin(structure=GROUPEMENT, kind="portal")
_PATIENCE_SECONDS = 60
T = TypeVar("T")


@dataclass
class Load:
    """Work on a house by a few people at once; `done` counts what was answered."""

    journey: Journey
    people: list[str]
    cohort_id: str
    resource_id: str
    done: Counter[str] = field(default_factory=Counter)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _channels: list[Channel] = field(default_factory=list)

    async def start(self, *, seed: int) -> None:
        """Begin; every worker has a share of the people, so that no two work on the same application."""
        tls = Tls.of(self.journey.home.pki, PORTAL)
        incubator = self._channel(INCUBATOR, tls)
        coworking = self._channel(COWORKING, tls)
        for number, share in enumerate((self.people[0::2], self.people[1::2])):
            draw = random.Random(seed * 100 + number)
            self._tasks += [
                asyncio.create_task(self._incubate(incubator, share)),
                asyncio.create_task(self._book(coworking, share, draw)),
            ]
        self._tasks.append(asyncio.create_task(self._staff(incubator)))

    async def stop(self) -> None:
        """Let everyone finish what they are at; raises what went wrong for any of them."""
        self._stop.set()
        await asyncio.gather(*self._tasks)
        for each in self._channels:
            await each.close()

    def _channel(self, target: Origin, tls: Tls) -> Channel:
        made = channel(self.journey.address(target.instance), target, tls)
        self._channels.append(made)
        return made

    async def _incubate(self, incubator: Channel, people: list[str]) -> None:
        """Somebody applies, is admitted, and leaves: three commands, a membership declared and ended."""
        calls, projects = CallServiceStub(incubator), ProjectServiceStub(incubator)
        for person_id in itertools.cycle(people):
            if self._stop.is_set():
                return
            wish = call_pb.SubmitApplicationRequest(
                programme_id=STARTER, applicant_name="Personne Inventée", email="essai@demo.example",
                project_name="Essai", pitch="Un projet inventé.", request_id=request_id(),
            )  # fmt: skip
            sent = await self._insist(lambda wish=wish, person_id=person_id: calls.SubmitApplication(
                wish, metadata=self._as(person_id, "inter-made")))  # fmt: skip
            admission = call_pb.AdmitApplicationRequest(
                application_id=sent.application.application_id, cohort_id=self.cohort_id, request_id=request_id()
            )
            admitted = await self._insist(lambda admission=admission: calls.AdmitApplication(
                admission, metadata=self._as(ADVISOR, "inter-made", "ADVISOR")))  # fmt: skip
            leaving = project_pb.ExitProjectRequest(
                project_id=admitted.project.project_id,
                reason=project_pb2.EXIT_REASON_COMPLETED,
                request_id=request_id(),
            )
            await self._insist(lambda leaving=leaving: projects.ExitProject(
                leaving, metadata=self._as(ADVISOR, "inter-made", "ADVISOR")))  # fmt: skip
            self.done["admitted and left"] += 1

    async def _book(self, coworking: Channel, people: list[str], draw: random.Random) -> None:
        """Somebody books a seat and gives every second one back."""
        bookings = BookingServiceStub(coworking)
        for number, person_id in enumerate(itertools.cycle(people)):
            if self._stop.is_set():
                return
            wish = booking_pb.BookRequest(resource_id=self.resource_id, request_id=request_id())
            start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
                days=draw.randrange(10, 300), hours=draw.randrange(24)
            )
            wish.start_time.CopyFrom(timestamp(start))
            wish.end_time.CopyFrom(timestamp(start + timedelta(minutes=15)))
            try:
                made = await self._insist(lambda wish=wish, person_id=person_id: bookings.Book(
                    wish, metadata=self._as(person_id, "la-ruche")))  # fmt: skip
            except (Conflict, Exhausted):
                self.done["refused a seat"] += 1
                continue
            self.done["booked"] += 1
            if number % 2:
                back = booking_pb.CancelBookingRequest(booking_id=made.booking.booking_id, request_id=request_id())
                await self._insist(lambda back=back, person_id=person_id: bookings.CancelBooking(
                    back, metadata=self._as(person_id, "la-ruche")))  # fmt: skip
                self.done["gave back"] += 1

    async def _staff(self, incubator: Channel) -> None:
        """An administrator gives a role and takes it back, over and over: one aggregate, many versions."""
        staff = StaffServiceStub(incubator)
        for number in itertools.count():
            if self._stop.is_set():
                return
            person_id = self.people[number % 3]
            role = options_pb2.ROLE_EVENT_MANAGER
            grant = staff_pb.GrantRoleRequest(person_id=person_id, role=role, request_id=request_id())
            await self._insist(
                lambda grant=grant: staff.GrantRole(grant, metadata=self._as(ADMIN, "inter-made", "ADMIN"))
            )
            revoke = staff_pb.RevokeRoleRequest(person_id=person_id, role=role, request_id=request_id())
            await self._insist(
                lambda revoke=revoke: staff.RevokeRole(revoke, metadata=self._as(ADMIN, "inter-made", "ADMIN"))
            )
            self.done["role given and taken"] += 1

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until it is answered; a service that is away comes back."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                with contextlib.suppress(Unavailable):
                    return await ask()
                self.done["asked again"] += 1
                await asyncio.sleep(0.05)

    def _as(self, person_id: str, structure: str, *roles: str) -> tuple[tuple[str, str], ...]:
        return credentials(token(self.journey, person_id, structure, *roles))


@cache
def signing_key(path: Path) -> RSAKey:
    return RSAKey.import_key(path.read_text(), {"kid": path.stem})


def token(journey: Journey, person_id: str, structure: str, *roles: str) -> str:
    """A token as the provider would sign it, with the house's own key: load does not wait for sign-ins."""
    now = datetime.now(UTC)
    said = Token(
        person_id=person_id, structure=structure, roles=frozenset(roles), expires_at=now + timedelta(minutes=10)
    )
    key = signing_key(max(journey.home.keys.glob("sign-*.pem")))
    return sign(said, key=key, issuer=journey.house.addresses.issuer, client_id="portal", issued_at=now)


def request_id() -> str:
    return str(uuid.uuid4())


def timestamp(instant: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(instant)
    return message
