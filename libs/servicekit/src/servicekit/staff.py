"""The staff record: who holds which role at this structure, as the structure itself says, whatever a token claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from groupement.options.v1 import options_pb2
from sqlalchemy import Row, bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from servicekit.refusals import Invalid
from servicekit.sql.tables import staff
from servicekit.sql.work import Work

ROLES = frozenset(role.name.removeprefix("ROLE_") for role in options_pb2.Role.DESCRIPTOR.values) - {
    "UNSPECIFIED",
    "MEMBER",
}
"""The roles of staff. MEMBER is not one: memberships make members."""

_ONE = (staff.c.person_id == bindparam("of_person")) & (staff.c.role == bindparam("of_role"))
_IN_FORCE = _ONE & staff.c.revoked_at.is_(None)
_HELD = select(staff).where(_IN_FORCE)
_VERSION = select(staff.c.version).where(_ONE)
_ROLES = select(staff.c.role).where(staff.c.person_id == bindparam("of_person"), staff.c.revoked_at.is_(None))
_REVOKE = (
    update(staff)
    .where(_IN_FORCE)
    .values(revoked_at=bindparam("at"), version=staff.c.version + 1)
    .returning(staff.c.version)
)
_granting = insert(staff)
_GRANT = _granting.on_conflict_do_update(
    index_elements=[staff.c.person_id, staff.c.role],
    set_={"version": staff.c.version + 1, "granted_at": _granting.excluded.granted_at, "revoked_at": None},
    where=staff.c.revoked_at.is_not(None),
).returning(staff.c.version)


class RoleUnknown(Invalid):
    """There is no such role among staff."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffChange:
    """What granting or revoking did; `aggregate_id` and `version` are for the fact to announce when `changed`."""

    changed: bool
    aggregate_id: str
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffRole:
    """A role held by a person since an instant."""

    person_id: str
    role: str
    granted_at: datetime


async def grant(work: Work, person_id: str, role: str, at: datetime) -> StaffChange:
    """Gives a role (`ADVISOR`); raises RoleUnknown."""
    _check(role)
    given = {"person_id": person_id, "role": role, "version": 1, "granted_at": at}
    return await _change(work, person_id, role, (await work.execute(_GRANT, given)).first())


async def revoke(work: Work, person_id: str, role: str, at: datetime) -> StaffChange:
    """Takes a role back; raises RoleUnknown."""
    _check(role)
    taken = await work.execute(_REVOKE, {**_one(person_id, role), "at": at})
    return await _change(work, person_id, role, taken.first())


async def roles_of(work: Work, person_id: str) -> frozenset[str]:
    """The roles a person holds here."""
    return frozenset((await work.execute(_ROLES, {"of_person": person_id})).scalars())


async def role_of(work: Work, person_id: str, role: str) -> StaffRole:
    """A role that a person holds here; raises LookupError when they do not."""
    row = (await work.execute(_HELD, _one(person_id, role))).first()
    if row is None:
        raise LookupError(f"{person_id} is no {role} here")
    return StaffRole(person_id=row.person_id, role=row.role, granted_at=row.granted_at)


async def anyone_holds(work: Work, role: str) -> bool:
    """Whether anybody holds a role here; on PostgreSQL, nobody can give up the last one behind our back meanwhile."""
    held = (
        select(staff.c.person_id).where(staff.c.role == role, staff.c.revoked_at.is_(None)).limit(1).with_for_update()
    )
    return (await work.execute(held)).first() is not None


async def list_roles(work: Work, *, after: tuple[str, str] = ("", ""), limit: int = 100) -> Sequence[StaffRole]:
    """The roles held here, by person then role, `limit` of them after a (person, role)."""
    held = (
        select(staff)
        .where(staff.c.revoked_at.is_(None), tuple_(staff.c.person_id, staff.c.role) > after)
        .order_by(staff.c.person_id, staff.c.role)
        .limit(limit)
    )
    rows = await work.execute(held)
    return [StaffRole(person_id=row.person_id, role=row.role, granted_at=row.granted_at) for row in rows]


async def _change(work: Work, person_id: str, role: str, changed: Row[Any] | None) -> StaffChange:
    version = changed.version if changed is not None else await _version(work, person_id, role)
    return StaffChange(changed=changed is not None, aggregate_id=f"{person_id}.{role.lower()}", version=version)


async def _version(work: Work, person_id: str, role: str) -> int:
    return (await work.execute(_VERSION, _one(person_id, role))).scalar() or 0


def _one(person_id: str, role: str) -> Mapping[str, object]:
    return {"of_person": person_id, "of_role": role}


def _check(role: str) -> None:
    if role not in ROLES:
        raise RoleUnknown(field="role", role=role)
