"""What people are written about their registrations, in the transaction that gives the reason."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from servicekit.sql import Work

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.telling import time_and_place
from shared_identity.mail import usecases as mail
from shared_identity.mail.domain import Kind
from shared_identity.registrations import choosing
from shared_identity.registrations.domain import Invitation, Registration, State

_LIFE = timedelta(days=7)
"""How long a letter is of use; one about an event not longer than the event."""

_OF_STATE = {State.CONFIRMED: Kind.TICKET, State.WAITING: Kind.WAITING, State.OFFERED: Kind.OFFER}


async def ticket(work: Work, held: Registration, event: JointEvent, *, now: datetime) -> None:
    """Brings the ticket, the place in the list, or the offer: whatever the registration is now."""
    kind = _OF_STATE.get(held.state)
    if kind is None:
        return
    more = {"until": _instant(held.expires_at)} if held.expires_at is not None else {}
    if kind is Kind.TICKET:
        more |= {"qr": "1", **_calendar(held, event)}
    await _to_holder(work, kind, held, event, now=now, more=more, code=True)


async def offer_lapsed(work: Work, held: Registration, event: JointEvent, *, now: datetime) -> None:
    """Says that a seat offered is kept no longer."""
    await _to_holder(work, Kind.OFFER_LAPSED, held, event, now=now, code=True)


async def gone(work: Work, kind: Kind, held: Registration, event: JointEvent, *, now: datetime, why: str = "") -> None:
    """Says that a seat is somebody's no more, and takes it out of their calendar."""
    more = {"message": why, "calendar": "CANCEL", **_calendar(held, event)}
    await _to_holder(work, kind, held, event, now=now, more=more)


async def changed(work: Work, held: Registration, event: JointEvent, knew: Mapping[str, str], *, now: datetime) -> None:
    """Says what was and what is, when and where; who has a seat has an entry in their calendar, which is put right."""
    more = {f"was_{name}": value for name, value in knew.items()}
    if held.state is State.CONFIRMED:
        more |= _calendar(held, event)
    await _to_holder(work, Kind.EVENT_CHANGED, held, event, now=now, more=more, code=True)


async def message(
    work: Work, held: Registration, event: JointEvent, *, organiser: str, subject: str, text: str, now: datetime
) -> None:
    """What an organiser writes to one of its own."""
    more = {"organiser": organiser, "subject": subject, "message": text}
    await _to_holder(work, Kind.EVENT_MESSAGE, held, event, now=now, more=more, code=True)


async def invitation(
    work: Work, sent: Invitation, event: JointEvent, *, organiser: str, text: str, locale: str, now: datetime
) -> None:
    """Invites somebody in an organiser's name."""
    await mail.write(
        work,
        Kind.INVITATION,
        to=sent.email,
        locale=locale,
        now=now,
        life=_life(event, now),
        code_id=sent.invitation_id,
        parameters={**_about(event), "organiser": organiser, "message": text},
    )


async def _to_holder(
    work: Work,
    kind: Kind,
    held: Registration,
    event: JointEvent,
    *,
    now: datetime,
    more: Mapping[str, str] | None = None,
    code: bool = False,
) -> None:
    if not held.attendee.email:
        return
    sessions = "\n".join(choosing.titles(held.session_ids, event))
    await mail.write(
        work,
        kind,
        to=held.attendee.email,
        locale=held.attendee.locale,
        now=now,
        life=_life(event, now),
        code_id=held.code_id if code else "",
        parameters={**_about(event), "sessions": sessions, **(more or {})},
    )


def _about(event: JointEvent) -> dict[str, str]:
    return {"event": event.details.title, "slug": event.slug, **time_and_place(event)}


def _calendar(held: Registration, event: JointEvent) -> dict[str, str]:
    """An entry is newer when either the event or the registration changed (RFC 5545 §3.8.7.4)."""
    return {"uid": held.registration_id, "sequence": str(event.sequence + held.version)}


def _life(event: JointEvent, now: datetime) -> timedelta:
    return max(min(_LIFE, event.ends_at - now), timedelta(days=1))


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()
