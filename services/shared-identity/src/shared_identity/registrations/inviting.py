"""Invitations: an organiser sends a link, and whoever comes with it is its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from servicekit.fields import check_range, check_text, paragraphs
from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.joint_events.domain import JointEvent
from shared_identity.people import usecases as people
from shared_identity.registrations import choosing, invitation_storage, letters
from shared_identity.registrations.domain import LOCALES, Invitation, address
from shared_identity.registrations.office import Office
from shared_identity.registrations.refused import InvitationUsed, TooManyMessages, UnknownInvitation
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import Limit

LETTERS = Limit(kind="invitation", most=5, within=timedelta(days=1))
"""Letters that invite one address, whoever sends them: an invitation ended and made anew is one more."""

_MOST = 100
_MOST_MESSAGE = 1_000


async def invite(
    work: Work, office: Office, event: JointEvent, organiser_id: str, emails: Sequence[str], text: str, *, now: datetime
) -> Sequence[Invitation]:
    """Invites people; those invited before are not written to again. Gives all invitations, in the order asked.

    Raises EmailMalformed naming the address, FieldOutOfRange, RegistrationClosed; and TooManyMessages naming the
    address that was invited often enough today: then nobody is, so that whoever is listed was written to.
    """
    choosing.check_open(event, now)
    asked, text = _addresses(emails), paragraphs(text)
    check_text("message", text, most=_MOST_MESSAGE, required=False)
    invited = {}
    for email in sorted(asked):
        wish = Invitation(
            invitation_id=new_id("invitation"),
            event_id=event.event_id,
            organiser_id=organiser_id,
            email=email,
            created_at=now,
        )
        is_new = await invitation_storage.add(work, wish, office.codes)
        known = wish if is_new else await invitation_storage.at_address(work, organiser_id, email)
        invited[email] = known or wish
        if is_new:
            if not await tries.take(work, LETTERS, email, now=now):
                raise TooManyMessages(field=asked[email])
            await _send(work, wish, event, text, now)
    return [invited[email] for email in asked]


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


def _addresses(emails: Sequence[str]) -> Mapping[str, str]:
    """The addresses, each once, and the field that named it first."""
    check_range("emails", len(emails), least=1, most=_MOST)
    asked: dict[str, str] = {}
    for position, email in enumerate(emails):
        field = f"emails[{position}]"
        asked.setdefault(address(field, email), field)
    return asked
