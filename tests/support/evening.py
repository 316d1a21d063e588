"""An evening people can register for: seats, allocations, workshops, and what visitors and organisers do with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from gathering import ENDS, EVENT, LEAD, MUTUAL, SECOND, STARTS, an_event, arrangement, organiser, question, workshop
from identity import CODES
from reciprocity import NORTH, NOW, SOUTH, WEST, a_structure, somebody, told
from servicekit.identifiers import new_id
from servicekit.sql import Database, Sweeper, Work
from shared_identity.attendance.usecases import present_at
from shared_identity.days import Period
from shared_identity.joint_events import storage as joint_events
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import State as EventState
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships.domain import Declaration, MembershipKind
from shared_identity.people import usecases as people
from shared_identity.registrations import holding, inviting, organising, registering, rows, tickets
from shared_identity.registrations.domain import Attendee, Profile, Registration, Terms, Wish
from shared_identity.registrations.office import Office
from shared_identity.registrations.subscribers import due_handlers
from shared_identity.registrations.tables import registration
from shared_identity.registrations.views import Hold, Ticket
from shared_identity.seats import usecases as pools
from shared_identity.seats.domain import Pool, Seats
from shared_identity.structures import usecases as structures
from sqlalchemy import select

LODGING, FEEDING, CLOTHING = (f"session_{number:032x}" for number in (11, 12, 13))
TERMS = Terms(hold=timedelta(minutes=10), offer=timedelta(hours=24), most_holds=5)
BEFORE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def evening(**changes: object) -> JointEvent:
    """Published: led by the north, with the south and a partner; two workshops at the same time, one after."""
    later = {"starts_at": STARTS + timedelta(hours=3), "ends_at": STARTS + timedelta(hours=4)}
    draft = an_event(
        organiser(SECOND, structure=SOUTH, name="Le-Sud"),
        organiser(MUTUAL, name="La mutuelle"),
        sessions=(
            workshop(LODGING, title="Se loger"),
            workshop(FEEDING, title="Se nourrir"),
            workshop(CLOTHING, title="Se vêtir", **later),
        ),
        questions=(question(question_id="question_" + "1" * 32, label="Comment avez-vous su ?"),),
    )
    agreed = draft.proposing(arrangement(), LEAD).approving(1, SECOND).approving(1, MUTUAL)
    public = replace(agreed, state=EventState.PUBLISHED, published_at=NOW, in_force=agreed.arrangement)
    return replace(public, **changes)  # type: ignore[arg-type]


def attendee(email: str, **changes: object) -> Attendee:
    """Somebody with an address."""
    name = email.partition("@")[0].capitalize()
    said = Attendee(given_name=name, family_name="Essai", email=email, profile=Profile.CITIZEN)
    return replace(said, **changes)  # type: ignore[arg-type]


def wish(email: str, *session_ids: str, **changes: object) -> Wish:
    """What somebody asks for."""
    return Wish(attendee=attendee(email, **changes), session_ids=session_ids, arrangement_version=1)


async def prepare(database: Database, *, size: int = 4, rooms: int = 2, event: JointEvent | None = None) -> JointEvent:
    """An evening in the database, with so many seats, and so many in each workshop."""
    said = event or evening()
    async with database.work() as work:
        for slug in (NORTH, SOUTH, WEST):
            await structures.enter(work, a_structure(slug), now=NOW)
        organisers = tuple(replace(held, approvals=frozenset()) for held in said.organisers)
        draft = replace(said, state=EventState.DRAFT, published_at=None, in_force=None, arrangement=None)
        draft = replace(draft, organisers=organisers)
        assert await joint_events.add(work, draft)
        await joint_events.save(work, draft, said, NOW)
        await pools.set_size(work, EVENT, size)
        for session in said.chosen_sessions:
            await pools.set_session_size(work, EVENT, session.session_id, rooms)
    return said


async def enrol(work: Work, person_id: str, *slugs: str) -> None:
    """Somebody with a proved address, a member of these structures since long ago."""
    await people.install(work, somebody(person_id))
    for slug in slugs:
        said = Declaration(
            membership_id=new_id("membership"),
            person_id=person_id,
            structure=slug,
            kind=MembershipKind.COWORKER,
            period=Period(start=date(2020, 1, 1)),
            version=1,
        )
        await memberships.declare(work, said)


async def heard(database: Database, verb: str) -> dict[str, int]:
    """The structures that will hear of registrations: of which version, last."""
    facts = [it.fact for it in await told(database) if (it.fact.kind.noun, it.fact.kind.verb) == ("registration", verb)]
    return {fact.to or "": fact.version for fact in facts}


@dataclass(kw_only=True)
class Hall:
    """One process that hands out the seats of the evening; its clock goes as told."""

    database: Database
    office: Office = field(default_factory=lambda: Office(codes=CODES, terms=TERMS))
    now: datetime = BEFORE

    def code(self, held: Registration) -> str:
        """What opens a registration, as its mail says."""
        return self.office.codes.secret_of(held.code_id)

    async def hold(self, visitor: str = "", *, invitation: str = "", person_id: str | None = None) -> Hold:
        """A seat kept."""
        async with self.database.work() as work:
            return await holding.hold(
                work,
                self.office,
                EVENT,
                visitor=visitor,
                invitation_code=invitation,
                person_id=person_id,
                now=self.now,
            )

    async def confirm(self, kept: Hold, asked: Wish, *, person_id: str | None = None) -> None:
        """A seat kept, made somebody's."""
        async with self.database.work() as work:
            await registering.confirm(work, self.office, self.code(kept.held), asked, person_id=person_id, now=self.now)

    async def register(self, email: str, *session_ids: str, **changes: object) -> Registration:
        """Somebody who held a seat and filled the form."""
        await self.confirm(await self.hold(), wish(email, *session_ids, **changes))
        return await self.of(email)

    async def join(
        self, email: str, *session_ids: str, invitation: str = "", person_id: str | None = None, **changes: object
    ) -> None:
        """Somebody who joins the list."""
        async with self.database.work() as work:
            await registering.join(
                work,
                self.office,
                EVENT,
                wish(email, *session_ids, **changes),
                invitation_code=invitation,
                person_id=person_id,
                now=self.now,
            )

    async def register_me(self, person_id: str, *session_ids: str, or_wait: bool = False) -> Registration:
        """Somebody signed in who registers in one go."""
        async with self.database.work() as work:
            return await registering.register_me(
                work,
                self.office,
                EVENT,
                wish("nobody@demo.example", *session_ids),
                person_id=person_id,
                invitation_code="",
                or_wait=or_wait,
                now=self.now,
            )

    async def accept(self, held: Registration) -> Ticket:
        """The seat offered, taken."""
        async with self.database.work() as work:
            return await tickets.accept(work, self.office, self.code(held), now=self.now)

    async def decline(self, held: Registration) -> Ticket:
        """The seat offered, or the list, left."""
        async with self.database.work() as work:
            return await tickets.decline(work, self.office, self.code(held), now=self.now)

    async def rejoin(self, held: Registration) -> Ticket:
        """Back in the list."""
        async with self.database.work() as work:
            return await tickets.rejoin(work, self.office, self.code(held), now=self.now)

    async def cancel(self, held: Registration) -> Ticket:
        """A seat, or a place in the list, given back."""
        async with self.database.work() as work:
            return await tickets.cancel(work, self.office, self.code(held), present_at=present_at, now=self.now)

    async def move(self, held: Registration, *session_ids: str) -> Ticket:
        """Other sessions."""
        async with self.database.work() as work:
            return await tickets.change_sessions(work, self.office, self.code(held), session_ids, now=self.now)

    async def transfer(self, held: Registration, email: str) -> None:
        """A seat handed to somebody else."""
        async with self.database.work() as work:
            await tickets.transfer(
                work, self.office, self.code(held), attendee(email), present_at=present_at, now=self.now
            )

    async def ticket(self, held: Registration) -> Ticket:
        """What a code shows."""
        async with self.database.reading() as work:
            return await tickets.ticket(work, self.office, self.code(held), now=self.now)

    async def allocate(
        self,
        organiser_id: str,
        size: int,
        *,
        release_at: datetime | None = None,
        open_to_members: bool = False,
    ) -> None:
        """Seats for one organiser to hand out."""
        async with self.database.work() as work:
            event = await self.office.events.event(work, EVENT)
            await organising.set_allocation(
                work,
                self.office,
                event,
                organiser_id,
                size,
                release_at=release_at,
                open_to_members=open_to_members,
                now=self.now,
            )

    async def resize(self, size: int, session_id: str = "") -> None:
        """More seats, or fewer; of a session, when one is named."""
        async with self.database.work() as work:
            event = await self.office.events.event(work, EVENT)
            if session_id:
                await organising.set_session_capacity(work, self.office, event, session_id, size, now=self.now)
            else:
                await organising.set_capacity(work, self.office, event, size, now=self.now)

    async def invite(self, organiser_id: str, *emails: str) -> list[str]:
        """The codes of invitations."""
        async with self.database.work() as work:
            event = await self.office.events.event(work, EVENT)
            sent = await inviting.invite(work, self.office, event, organiser_id, emails, "", now=self.now)
        return [self.office.codes.secret_of(each.invitation_id) for each in sent]

    async def revoke(self, organiser_id: str) -> None:
        """An organiser's last invitation, ended."""
        async with self.database.work() as work:
            event = await self.office.events.event(work, EVENT)
            (last,) = await inviting.of_organiser(work, EVENT, organiser_id, before="", limit=1)
            await inviting.revoke(work, event, organiser_id, last.invitation_id)

    async def sweep(self) -> int:
        """What is due by now, done."""
        return await Sweeper(self.database, due_handlers(self.office, lambda: self.now), clock=lambda: self.now).sweep()

    async def seats(self) -> Seats:
        """The pools of the evening."""
        async with self.database.reading() as work:
            return Seats.of(await pools.of_event(work, EVENT))

    async def pool(self, session_id: str = "", organiser_id: str = "") -> Pool:
        """One pool: the open one, a session's, an organiser's."""
        wanted = (organiser_id, session_id)
        return next(pool for pool in (await self.seats()).pools if (pool.organiser_id, pool.session_id) == wanted)

    async def all(self) -> Sequence[Registration]:
        """Every registration there ever was, oldest first."""
        async with self.database.reading() as work:
            found = (await work.execute(select(registration).order_by(registration.c.registration_id))).all()
        return [rows.registration(row) for row in found]

    async def of(self, email: str) -> Registration:
        """The last registration of an address."""
        return [held for held in await self.all() if held.attendee.email == email][-1]

    async def states(self) -> Collection[tuple[str, str]]:
        """Who stands where: name of the address, state."""
        return [(held.attendee.email.partition("@")[0], held.state.value) for held in await self.all()]


__all__ = ["ENDS", "EVENT", "STARTS"]
