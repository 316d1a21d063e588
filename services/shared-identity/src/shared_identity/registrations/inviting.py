"""Invitations: an organiser sends a link, and whoever comes with it is its own."""

from collections.abc import Sequence
from datetime import datetime

from servicekit.fields import check_range, check_text, paragraphs
from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.joint_events.domain import JointEvent
from shared_identity.people import usecases as people
from shared_identity.registrations import choosing, invitation_storage, letters
from shared_identity.registrations.domain import LOCALES, Invitation, address
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import InvitationUsed, UnknownInvitation

_MOST = 100
_MOST_MESSAGE = 1_000


async def invite(
    work: Work, office: Office, event: JointEvent, organiser_id: str, emails: Sequence[str], text: str, *, now: datetime
) -> Sequence[Invitation]:
    """Invites people; those invited before are not written to again. Gives all invitations, in the order asked.

    Raises EmailMalformed naming the address, FieldOutOfRange, RegistrationClosed.
    """
    choosing.check_open(event, now)
    addresses, text = _addresses(emails), paragraphs(text)
    check_text("message", text, most=_MOST_MESSAGE, required=False)
    invited = []
    for email in addresses:
        wish = Invitation(
            invitation_id=new_id("invitation"),
            event_id=event.event_id,
            organiser_id=organiser_id,
            email=email,
            created_at=now,
        )
        is_new = await invitation_storage.add(work, wish, office.codes)
        known = wish if is_new else await invitation_storage.at_address(work, organiser_id, email)
        invited.append(known or wish)
        if is_new:
            await _send(work, wish, event, text, now)
    return invited


async def revoke(work: Work, event: JointEvent, organiser_id: str, invitation_id: str) -> Invitation:
    """Ends an invitation nobody used; raises UnknownInvitation, InvitationUsed."""
    found = await invitation_storage.find(work, invitation_id)
    if found is None or (found.event_id, found.organiser_id) != (event.event_id, organiser_id):
        raise UnknownInvitation(field="invitation_id")
    if not await invitation_storage.drop(work, invitation_id):
        raise InvitationUsed(field="invitation_id")
    return found


async def of_organiser(
    work: Work, event_id: str, organiser_id: str, *, before: str, limit: int
) -> Sequence[Invitation]:
    """The invitations of an organiser, the latest first."""
    return await invitation_storage.of_organiser(work, event_id, organiser_id, before=before, limit=limit)


async def _send(work: Work, wish: Invitation, event: JointEvent, text: str, now: datetime) -> None:
    known = await people.by_email(work, wish.email)
    locale = LOCALES[0] if known is None else known.locale
    organiser = event.organiser(wish.organiser_id).name
    await letters.invitation(work, wish, event, organiser=organiser, text=text, locale=locale, now=now)


def _addresses(emails: Sequence[str]) -> Sequence[str]:
    check_range("emails", len(emails), least=1, most=_MOST)
    return list(dict.fromkeys(address(f"emails[{position}]", email) for position, email in enumerate(emails)))
