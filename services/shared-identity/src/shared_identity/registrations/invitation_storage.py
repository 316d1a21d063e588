"""Invitations in the database."""

from collections.abc import Sequence

from servicekit.sql import Work, insert
from sqlalchemy import bindparam, delete, select, update

from shared_identity.codes import Codes
from shared_identity.registrations import rows
from shared_identity.registrations.domain import Invitation
from shared_identity.registrations.tables import invitation

_ADD = insert(invitation).on_conflict_do_nothing().returning(invitation.c.invitation_id)
_BY_CODE = select(invitation).where(invitation.c.code_digest == bindparam("digest"))
_BY_CODE_LOCKED = _BY_CODE.with_for_update()
_BY_ADDRESS = select(invitation).where(
    invitation.c.organiser_id == bindparam("organiser_id"), invitation.c.email == bindparam("email")
)
_ONE = (invitation.c.invitation_id == bindparam("of_invitation")) & invitation.c.used_by.is_(None)
_USE = update(invitation).where(_ONE).values(used_by=bindparam("by")).returning(invitation.c.invitation_id)
_DROP = delete(invitation).where(_ONE).returning(invitation.c.invitation_id)
_FORGET = delete(invitation).where(invitation.c.event_id == bindparam("of_event"))


async def add(work: Work, new: Invitation, codes: Codes) -> bool:
    """Keeps an invitation; False when the organiser invited this address before."""
    row = {column.name: getattr(new, column.name) for column in invitation.columns if column.name != "code_digest"}
    row["code_digest"] = codes.digest_of(new.invitation_id)
    return (await work.execute(_ADD, row)).first() is not None


async def by_code(work: Work, digest: str, *, locked: bool = False) -> Invitation | None:
    """The invitation of a code; when `locked`, nobody else locks or spends it before this work ends."""
    row = (await work.execute(_BY_CODE_LOCKED if locked else _BY_CODE, {"digest": digest})).first()
    return None if row is None else rows.invitation(row)


async def at_address(work: Work, organiser_id: str, email: str) -> Invitation | None:
    """The invitation an organiser sent to an address."""
    row = (await work.execute(_BY_ADDRESS, {"organiser_id": organiser_id, "email": email})).first()
    return None if row is None else rows.invitation(row)


async def find(work: Work, invitation_id: str) -> Invitation | None:
    """One invitation."""
    row = (await work.execute(select(invitation).where(invitation.c.invitation_id == invitation_id))).first()
    return None if row is None else rows.invitation(row)


async def use(work: Work, invitation_id: str, registration_id: str) -> bool:
    """Spends an invitation; False when it was spent, or ended."""
    return (await work.execute(_USE, {"of_invitation": invitation_id, "by": registration_id})).first() is not None


async def drop(work: Work, invitation_id: str) -> bool:
    """Ends an invitation; False when it was spent."""
    return (await work.execute(_DROP, {"of_invitation": invitation_id})).first() is not None


async def of_organiser(
    work: Work, event_id: str, organiser_id: str, *, before: str, limit: int
) -> Sequence[Invitation]:
    """The invitations of an organiser, the latest first; before one of them, "" for the first page."""
    wanted = select(invitation).where(invitation.c.event_id == event_id, invitation.c.organiser_id == organiser_id)
    if before:
        wanted = wanted.where(invitation.c.invitation_id < before)
    latest = wanted.order_by(invitation.c.invitation_id.desc()).limit(limit)
    return [rows.invitation(row) for row in await work.execute(latest)]


async def forget(work: Work, event_id: str) -> None:
    """Forgets who was invited to an event."""
    await work.execute(_FORGET, {"of_event": event_id})
