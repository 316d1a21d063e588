"""The staff record over gRPC: the same for every kind of service, kept by each instance for itself."""

from collections.abc import Callable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.declaration.v1 import events_pb2
from groupement.options.v1 import options_pb2
from groupement.staff.v1 import staff_service_pb2 as pb
from groupement.staff.v1.staff_service_pb2_grpc import StaffServiceServicer

from servicekit import staff
from servicekit.clock import Clock
from servicekit.facts import fact
from servicekit.identifiers import is_id
from servicekit.refusals import Conflict, Invalid
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import next_token, page
from servicekit.sql.engine import Database
from servicekit.sql.work import Work

_ADMIN = "ADMIN"


class LastAdmin(Conflict):
    """Nobody could edit the staff record afterwards: give the role to somebody else first."""


class PersonIdMalformed(Invalid):
    """A person is named by an identifier: person_ and thirty-two hexadecimal digits."""


async def grant(work: Work, person_id: str, role: str, *, now: datetime) -> None:
    """Give a role here and declare it; giving it twice changes nothing. Raises PersonIdMalformed, RoleUnknown."""
    _check_person(person_id)
    change = await staff.grant(work, person_id, role, now)
    if change.changed:
        granted = events_pb2.StaffRoleGranted(person_id=person_id, role=_number(role))
        work.announce(fact(granted, aggregate_id=change.aggregate_id, version=change.version, at=now))


async def revoke(work: Work, person_id: str, role: str, *, now: datetime) -> None:
    """Take a role back and declare it. Raises PersonIdMalformed, RoleUnknown, LastAdmin."""
    _check_person(person_id)
    change = await staff.revoke(work, person_id, role, now)
    if role == _ADMIN and not await staff.anyone_holds(work, _ADMIN):
        raise LastAdmin(field="person_id")
    if change.changed:
        revoked = events_pb2.StaffRoleRevoked(person_id=person_id, role=_number(role))
        work.announce(fact(revoked, aggregate_id=change.aggregate_id, version=change.version, at=now))


class StaffRpc(StaffServiceServicer):
    """Answers StaffService; `on_change` is told after each commit whose roles changed."""

    def __init__(self, db: Database, *, clock: Clock, on_change: Callable[[str], None]) -> None:
        self._db = db
        self._command = Commands(db, clock=clock)
        self._clock = clock
        self._on_change = on_change

    async def GrantRole(self, request: pb.GrantRoleRequest, context: object) -> pb.GrantRoleResponse:
        async with self._command(request, context) as work:
            await grant(work, request.person_id, _name(request.role), now=self._clock())
            work.after_commit(lambda: self._on_change(request.person_id))
            held = await staff.role_of(work, request.person_id, _name(request.role))
            return work.answer(pb.GrantRoleResponse(staff_role=_message(held)))

    async def RevokeRole(self, request: pb.RevokeRoleRequest, context: object) -> pb.RevokeRoleResponse:
        async with self._command(request, context) as work:
            await revoke(work, request.person_id, _name(request.role), now=self._clock())
            work.after_commit(lambda: self._on_change(request.person_id))
            return work.answer(pb.RevokeRoleResponse())

    async def ListStaff(self, request: pb.ListStaffRequest, _context: object) -> pb.ListStaffResponse:
        wanted = page(request)
        person_id, role = wanted.after if wanted.after else ("", "")
        async with self._db.reading() as work:
            held = await staff.list_roles(work, after=(person_id, role), limit=wanted.size + 1)
        more, held = len(held) > wanted.size, held[: wanted.size]
        after = (held[-1].person_id, held[-1].role) if more else ()
        return pb.ListStaffResponse(
            staff_roles=[_message(each) for each in held], next_page_token=next_token(request, after)
        )


def _check_person(person_id: str) -> None:
    if not is_id(person_id, "person"):
        raise PersonIdMalformed(field="person_id")


def _name(role: "options_pb2.Role.ValueType") -> str:
    """`ADVISOR`; an unknown number becomes a name that no staff role has."""
    known = options_pb2.Role.DESCRIPTOR.values_by_number.get(role)
    return known.name.removeprefix("ROLE_") if known is not None else ""


def _number(role: str) -> "options_pb2.Role.ValueType":
    return options_pb2.Role.Value(f"ROLE_{role}")


def _message(held: staff.StaffRole) -> pb.StaffRole:
    granted = Timestamp()
    granted.FromDatetime(held.granted_at)
    return pb.StaffRole(person_id=held.person_id, role=_number(held.role), grant_time=granted)
