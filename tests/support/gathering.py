"""A joint event for tests: three structures and two partners, those who act for them, an evening in Paris."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reciprocity import NORTH, NOW, SOUTH, WEST, a_structure, person, somebody, told
from servicekit.caller import Caller, Peer
from servicekit.origin import GROUPEMENT
from servicekit.sql import Database, Work
from shared_identity.joint_events import delegates, editing, preparing, usecases
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.editing import Bonds
from shared_identity.joint_events.parts import (
    Access,
    Arrangement,
    Challenge,
    Delegate,
    Details,
    Duty,
    Format,
    Organiser,
    Question,
    QuestionKind,
    Role,
    Session,
    Venue,
)
from shared_identity.people import usecases as people
from shared_identity.seats import usecases as seats
from shared_identity.structures import usecases as structures

STARTS = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=5)
EVENT = "event_" + "1" * 32
LEAD, SECOND, VENUE, MUTUAL, QUIET = (f"organiser_{number:032x}" for number in range(1, 6))
HOUSING = "challenge_" + "1" * 32
WORKSHOP, PLENARY = "session_" + "1" * 32, "session_" + "2" * 32
DIRECTOR, COMMUNITY, MEMBER, PARTNER, STRANGER, UNPROVED = (person(number) for number in range(21, 27))


def organiser(
    organiser_id: str = "",
    *,
    structure: str = "",
    name: str = "",
    role: Role = Role.CO_ORGANISER,
    shown: bool = True,
    access: Access = Access.OWN_REGISTRANTS,
) -> Organiser:
    """An organiser: a structure by its slug, or a partner by its name."""
    return Organiser(organiser_id=organiser_id, structure=structure, name=name, role=role, shown=shown, access=access)


def details(**changes: Any) -> Details:
    """What the evening says of itself."""
    said = Details(
        slug="une-soiree",
        title="Une soirée",
        summary="En une phrase.",
        description="Ce que l'on y fait.",
        starts_at=STARTS,
        ends_at=ENDS,
        venue=Venue(name="La salle", address="1 rue de l'Essai"),
    )
    return replace(said, **changes)


def workshop(session_id: str = "", **changes: Any) -> Session:
    """A workshop that people choose."""
    said = Session(
        session_id=session_id,
        title="Atelier",
        format=Format.WORKSHOP,
        starts_at=STARTS + timedelta(hours=1),
        ends_at=STARTS + timedelta(hours=2),
        chosen=True,
    )
    return replace(said, **changes)


def question(**changes: Any) -> Question:
    """A question everybody is asked."""
    return replace(Question(label="Comment avez-vous su ?", kind=QuestionKind.TEXT), **changes)


def arrangement(*organiser_ids: str, outline: str = "Nous décidons ensemble.") -> Arrangement:
    """Who does what: a duty each."""
    duties = tuple(Duty(title="informer", organiser_id=organiser_id) for organiser_id in organiser_ids or (LEAD,))
    return Arrangement(
        outline=outline, duties=duties, contact="soiree@demo.example", retention_days=90, proposed_at=NOW
    )


def an_event(*more: Organiser, **changes: Any) -> JointEvent:
    """A draft led by the north, and by whoever else is said."""
    lead = organiser(LEAD, structure=NORTH, name="Le-Nord", role=Role.LEAD, access=Access.MANAGE)
    return replace(JointEvent(event_id=EVENT, details=details(), organisers=(lead, *more)), **changes)


def agreed(event: JointEvent, *by: str) -> JointEvent:
    """With an arrangement proposed by the lead and approved by these."""
    proposed = event.proposing(arrangement(), LEAD)
    for organiser_id in by:
        proposed = proposed.approving(1, organiser_id)
    return proposed


def calling(person_id: str = DIRECTOR, structure: str = NORTH, *roles: str) -> Caller:
    """Somebody who calls by the portal, acting for a structure."""
    peer = Peer(kind="portal", structure=GROUPEMENT)
    return Caller(peer=peer, acting_for=structure, person_id=person_id, roles=frozenset(roles))


DIRECTS = calling(DIRECTOR, NORTH, "DIRECTOR")
"""Who directs the north, where the evening began."""

HELPS = calling(PARTNER, WEST, "MEMBER")
"""Who acts for a partner once invited, and is a member of the west."""

SOUTHERN = calling(COMMUNITY, SOUTH, "EVENT_MANAGER")
"""Who manages the events of the south."""


async def settle(work: Work) -> None:
    """Three structures, and people: one of them has not proved her address."""
    for slug in (NORTH, SOUTH, WEST):
        await structures.enter(work, a_structure(slug), now=NOW)
    for person_id in (DIRECTOR, COMMUNITY, MEMBER, PARTNER, STRANGER):
        await people.install(work, somebody(person_id))
    await people.install(work, replace(somebody(UNPROVED), email_verified=False))


def address(person_id: str) -> str:
    """Where somebody reads mail."""
    return somebody(person_id).email


async def begin(database: Database, **changes: Any) -> JointEvent:
    """The evening begun by the north, on a database that knows everybody."""
    async with database.work() as work:
        await settle(work)
        return await preparing.create(
            work, details(**changes), structure=NORTH, event_id=EVENT, organiser_id=LEAD, now=NOW
        )


async def nothing(_work: Work, _part: str) -> bool:
    """Nothing hangs on any part."""
    return False


async def something(_work: Work, _part: str) -> bool:
    """Something hangs on every part."""
    return True


FREE = Bonds(has_contributions=nothing, has_registrants=nothing)
BOUND = Bonds(has_contributions=something, has_registrants=something)


async def save(
    database: Database, wish: Any, fresh_id: str, caller: Caller = DIRECTS, now: datetime = NOW
) -> JointEvent:
    """An event with a part saved, whichever it is."""
    saving: Any = {
        Organiser: editing.save_organiser,
        Challenge: editing.save_challenge,
        Session: editing.save_session,
        Question: editing.save_question,
    }[type(wish)]
    async with database.work() as work:
        event, _ = await saving(work, caller, EVENT, wish, fresh_id=fresh_id, now=NOW)
    saved: JointEvent = event
    return saved


async def invite(
    database: Database,
    person_id: str,
    organiser_id: str,
    access: Access = Access.OWN_REGISTRANTS,
    caller: Caller = DIRECTS,
    *,
    delegate_id: str = "",
) -> Delegate:
    """Somebody invited to act for an organiser."""
    wish = Delegate(
        delegate_id=delegate_id or f"delegate_{person_id.removeprefix('person_')}",
        event_id=EVENT,
        organiser_id=organiser_id,
        email=address(person_id),
        access=access,
    )
    async with database.work() as work:
        return await delegates.invite(work, caller, wish, now=NOW)


async def publish(database: Database, *approvals: Caller, size: int = 150) -> JointEvent:
    """The evening with seats and an arrangement approved by these callers besides the director, published."""
    async with database.work() as work:
        await seats.set_size(work, EVENT, size)
        event = await usecases.event(work, EVENT)
        for session in event.chosen_sessions:
            await seats.set_session_size(work, EVENT, session.session_id, 30)
        await editing.propose_arrangement(work, DIRECTS, EVENT, arrangement(), now=NOW)
        for caller in approvals:
            await editing.approve_arrangement(work, caller, EVENT, 1, now=NOW)
        return await preparing.publish(work, DIRECTS, EVENT, etag="", now=NOW)


async def read(database: Database) -> JointEvent:
    """The evening, as it is kept."""
    async with database.reading() as work:
        return await usecases.event(work, EVENT)


async def doing(database: Database, act: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """What a use case gives, in a transaction of its own."""
    async with database.work() as work:
        return await act(work, *given, **more)


async def standing(database: Database, caller: Caller, at_least: Access = Access.DOOR) -> tuple[str, Access]:
    """For whom somebody acts on the evening, and what they may do."""
    async with database.reading() as work:
        _, held = await usecases.standing(work, caller, EVENT, at_least=at_least)
    return held.organiser_id, held.access


async def announced(database: Database) -> list[tuple[str, str | None, int, dict[str, Any]]]:
    """What was said about joint events: verb, to whom, version, body."""
    facts = [it.fact for it in await told(database) if it.fact.kind.noun == "joint_event"]
    return [(fact.kind.verb, fact.to, fact.version, json.loads(fact.body)) for fact in facts]


async def an_event_a_day(database: Database, days: range) -> None:
    """Drafts led by the north, each so many days after the evening."""
    for number in days:
        shift = timedelta(days=number)
        async with database.work() as work:
            await preparing.create(
                work,
                details(slug=f"jour-{number:02d}", starts_at=STARTS + shift, ends_at=ENDS + shift),
                structure=NORTH,
                event_id=f"event_{number:032x}",
                organiser_id=f"organiser_{number + 64:032x}",
                now=NOW,
            )
