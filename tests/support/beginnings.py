"""What three structures have and keep to themselves before anybody knocks: people, projects, bookings, posts."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from border import Answer
from cast import (
    NORTH,
    SHARED_IDENTITY,
    SOUTH,
    STRUCTURES,
    Viewer,
)
from contracts import Rpc
from founding import appoint, found
from groupement.coworking.v1 import place_pb2
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.shared_identity.v1 import directory_entry_pb2 as entries
from groupement.shared_identity.v1 import joint_event_pb2 as events
from recipes import NOW, Marked, Seen
from registrants import register
from shared_identity.joint_events.tables import joint_event
from shared_identity.seats import usecases as seats
from sqlalchemy import update
from trespass import Trespass, address, by_name

_DAY_HOURS = [place_pb2.OpeningHours(weekday=day, opens="00:00", closes="24:00") for day in range(1, 8)]
_CLAUSE = {
    "membership_kind": declarations.MEMBERSHIP_KIND_INCUBATED,
    "resource_kind": "NOMAD_SEAT",
    "half_days_per_month": 60,
    "price": {"cents": 600, "currency_code": "EUR"},
}

_DOOR, _OWN_REGISTRANTS = events.ORGANISER_ACCESS_DOOR, events.ORGANISER_ACCESS_OWN_REGISTRANTS


async def settle(trespass: Trespass) -> None:
    """Everything that stands before the first stranger comes; each private thing bears its owner's mark."""
    await found(trespass.world, trespass.border)
    await trespass.look_around()
    begin = _Beginning(trespass)
    for structure in STRUCTURES:
        await begin.incubating(structure)
        await begin.coworking(structure)
    await begin.agreeing()


async def morning(trespass: Trespass) -> None:
    """A new day: staff at their posts, somebody new registers, applies, books, so that there is something to decide."""
    await appoint(trespass.world)
    await trespass.raise_challenges()
    begin = _Beginning(trespass)
    await begin.knocking()
    await begin.proposing()
    for structure in STRUCTURES:
        await begin.coming(structure)
        await begin.showing(structure)
        await begin.gathering(structure)


class _Beginning:
    """The first days of each structure, lived over gRPC."""

    def __init__(self, trespass: Trespass) -> None:
        self._trespass = trespass
        self._rpcs: Mapping[str, Rpc] = by_name()
        self._viewers = {viewer.name: viewer for viewer in trespass.viewers}
        self._people = trespass.people

    async def incubating(self, structure: str) -> None:
        """A programme, its cohort, the holder's application, their admission."""
        incubator = f"incubator@{structure}"
        director, holder = self._staff(structure, "DIRECTOR"), self._viewers[f"a holder of {structure}"]
        made = await self._do(
            director,
            incubator,
            "ProgrammeService.CreateProgramme",
            name=self._mark(director),
            duration_months=3,
            stage_names=["Étude de marché", "Statuts juridiques"],
        )
        programme = made.programme.programme_id
        opened = await self._do(
            director,
            incubator,
            "ProgrammeService.OpenCohort",
            programme_id=programme,
            name=self._mark(director),
            period={"start_date": "2026-09-01", "end_date": "2026-12-31"},
            capacity=500,
        )
        sent = await self._do(
            holder,
            incubator,
            "CallService.SubmitApplication",
            programme_id=programme,
            applicant_name=self._mark(holder),
            email=self._mark(holder, "@demo.example"),
            project_name=self._mark(holder),
            pitch=self._mark(holder),
        )
        await self._do(
            self._staff(structure, "ADVISOR"),
            incubator,
            "CallService.AdmitApplication",
            application_id=sent.application.application_id,
            cohort_id=opened.cohort.cohort_id,
        )

    async def coworking(self, structure: str) -> None:
        """A place open day and night, seats in it, the coworker's card and booking."""
        manager, coworker = (
            self._staff(structure, "COMMUNITY_MANAGER"),
            self._viewers[f"a coworker of {structure}"],
        )
        target = f"coworking@{structure}"
        made = await self._do(
            manager,
            target,
            "PlaceService.CreatePlace",
            name=self._mark(manager),
            address=self._mark(manager),
            time_zone="Europe/Paris",
            opening_hours=_DAY_HOURS,
            accessibility={"note": self._mark(manager)},
        )
        seats = await self._do(
            manager,
            target,
            "PlaceService.CreateResource",
            place_id=made.place.place_id,
            name=self._mark(manager),
            kind=place_pb2.RESOURCE_KIND_NOMAD_SEAT,
            units=500,
            capacity=1,
            half_day_price={"cents": 900, "currency_code": "EUR"},
        )
        self._trespass.memory.note("seats", seats.resource.resource_id, structure)
        for viewer in (coworker, self._viewers[f"a holder of {structure}"]):
            await self._do(viewer, SHARED_IDENTITY, "PersonService.GetMyCard")
            span = {"start_time": NOW, "end_time": NOW + timedelta(hours=2)}
            await self._do(viewer, target, "BookingService.Book", resource_id=seats.resource.resource_id, **span)

    async def knocking(self) -> None:
        """Somebody registers, somebody has lost their password, somebody signs in by link."""
        visitor = self._viewers["a visitor"]
        new = {"email": self._mark(visitor, "@demo.example"), "given_name": "Nour", "family_name": "Venue"}
        await self._ask(visitor, SHARED_IDENTITY, "PersonService.RegisterPerson", **new)
        known = {"email": address(next(self._people))}
        await self._ask(visitor, SHARED_IDENTITY, "PersonService.RequestPasswordReset", **known)
        challenge = self._trespass.memory.pick(Seen("challenge", 0, True))
        await self._ask(visitor, SHARED_IDENTITY, "SignInService.SendSignInLink", challenge=challenge, **known)

    async def proposing(self) -> None:
        """One structure offers another's volunteers something; both have it before them."""
        grantor, home = next(self._trespass.neighbours)
        clause = {**_CLAUSE, "membership_kind": declarations.MEMBERSHIP_KIND_VOLUNTEER}
        await self._ask(
            self._staff(grantor, "DIRECTOR"),
            SHARED_IDENTITY,
            "AgreementService.ProposeAgreement",
            grantor=grantor,
            home=home,
            clauses=[clause],
            period={"start_date": "2026-01-01"},
        )
        await self._ask(
            self._staff(home, "DIRECTOR"), SHARED_IDENTITY, "AgreementService.ListAgreements", page_size=200
        )

    async def coming(self, structure: str) -> None:
        """A stranger applies to what is offered; the coworker books a seat."""
        stranger, coworker = (self._viewers[f"{who} {structure}"] for who in ("a stranger at", "a coworker of"))
        pick = self._trespass.memory.pick
        await self._ask(
            stranger,
            f"incubator@{structure}",
            "CallService.SubmitApplication",
            programme_id=pick(Seen("programme_id", 0, False), structure),
            applicant_name=self._mark(stranger),
            email=self._mark(stranger, "@demo.example"),
            project_name=self._mark(stranger),
            pitch=self._mark(stranger),
        )
        await self._ask(
            coworker,
            f"coworking@{structure}",
            "BookingService.Book",
            resource_id=pick(Seen("seats", 0, False), structure),
            start_time=NOW,
            end_time=NOW + timedelta(hours=1),
        )

    async def showing(self, structure: str) -> None:
        """Staff show their house, the coworker a project: something to everybody, to some, to nobody."""
        for viewer, kind in (
            (self._staff(structure, "DIRECTOR"), entries.ENTRY_KIND_PLACE),
            (self._viewers[f"a coworker of {structure}"], entries.ENTRY_KIND_PROJECT),
        ):
            for_each = {"name": 4, "headline": 3, "presentation": 2, "email": 1}
            fields = [
                {
                    "name": name,
                    "values": [self._mark(viewer, "@demo.example" * (name == "email"))],
                    "audience": audience,
                }
                for name, audience in for_each.items()
            ]
            await self._ask(viewer, SHARED_IDENTITY, "DirectoryService.SaveEntry", kind=kind, fields=fields)

    async def gathering(self, structure: str) -> None:
        """The evening made ready last is published; another is made ready: a part of each kind, a hidden partner."""
        manager, mark = self._staff(structure, "EVENT_MANAGER"), self._mark
        memory = self._trespass.memory
        await self._end(structure, memory.pick(Seen("open", 0, False), structure))
        ready = memory.pick(Seen("ready", 0, False), structure)
        opened = await self._ask(manager, SHARED_IDENTITY, "JointEventService.PublishEvent", event_id=ready)
        if opened.message is not None:
            memory.note("open", ready, structure)
            await register(self._trespass, structure, ready)
        span = {"start_time": NOW + timedelta(hours=1), "end_time": NOW + timedelta(hours=4)}
        said = {"title": mark(manager), "summary": mark(manager), "description": mark(manager), **span}
        made = await self._do(manager, SHARED_IDENTITY, "JointEventService.CreateEvent", slug=mark(manager), **said)
        [lead] = made.event.organisers

        async def then(rpc_name: str, /, **values: Any) -> Any:
            name = f"JointEventService.{rpc_name}"
            return await self._do(manager, SHARED_IDENTITY, name, event_id=made.event.event_id, **values)

        partner = {"name": mark(manager), "role": events.ORGANISER_ROLE_PARTNER, "access": _OWN_REGISTRANTS}
        hidden = await then("SaveOrganiser", organiser=partner)
        await then("SaveOrganiser", organiser={**partner, "name": mark(manager), "shown": True, "access": _DOOR})
        challenge = await then("SaveChallenge", challenge={"title": mark(manager)})
        talk = {"start_time": NOW + timedelta(hours=2), "end_time": NOW + timedelta(hours=2, minutes=15)}
        session = {"title": mark(manager), "format": events.SESSION_FORMAT_TALK, **talk}
        await then("SaveSession", session={**session, "challenge_id": challenge.challenge.challenge_id})
        later = {"start_time": NOW + timedelta(hours=3), "end_time": NOW + timedelta(hours=3, minutes=15)}
        chosen = {"title": mark(manager), "format": events.SESSION_FORMAT_WORKSHOP, "chosen": True, **later}
        room = await then("SaveSession", session=chosen)
        await then("SaveQuestion", question={"label": mark(manager), "kind": events.QUESTION_KIND_TEXT})
        whose = hidden.organiser.organiser_id
        helper = self._viewers[f"a stranger at {_elsewhere(structure)}"]
        await then("InviteDelegate", organiser_id=whose, email=address(helper.person), access=_OWN_REGISTRANTS)
        duties = [{"title": mark(manager), "organiser_id": each} for each in (lead.organiser_id, whose)]
        outline = {"outline": mark(manager), "duties": duties, "contact": mark(manager, "@demo.example")}
        await then("ProposeArrangement", arrangement=outline)
        approval = {"event_id": made.event.event_id, "version": 1}
        await self._do(helper, SHARED_IDENTITY, "JointEventService.ApproveArrangement", **approval)
        async with self._trespass.world.dbs[SHARED_IDENTITY].work() as work:
            await seats.set_size(work, made.event.event_id, 100)
            await seats.set_session_size(work, made.event.event_id, room.session.session_id, 50)
        self._trespass.memory.note("workshop", room.session.session_id, structure)
        self._trespass.memory.note("ready", made.event.event_id, structure)

    async def _end(self, structure: str, event_id: str) -> None:
        """An evening that was open is over: it took place yesterday."""
        yesterday = {"starts_at": NOW - timedelta(hours=20), "ends_at": NOW - timedelta(hours=16)}
        async with self._trespass.world.dbs[SHARED_IDENTITY].work() as work:
            await work.execute(update(joint_event).where(joint_event.c.event_id == event_id).values(yesterday))
        self._trespass.memory.note("over", event_id, structure)

    async def agreeing(self) -> None:
        """The south grants seats to those whom the north incubates; the west knows nothing of it."""
        proposed = await self._do(
            self._staff(SOUTH, "DIRECTOR"),
            SHARED_IDENTITY,
            "AgreementService.ProposeAgreement",
            grantor=SOUTH,
            home=NORTH,
            clauses=[_CLAUSE],
            period={"start_date": "2026-01-01"},
            notice_days=60,
        )
        await self._do(
            self._staff(NORTH, "DIRECTOR"),
            SHARED_IDENTITY,
            "AgreementService.SignAgreement",
            agreement_id=proposed.agreement.agreement_id,
        )

    def _staff(self, structure: str, role: str) -> Viewer:
        return next(v for v in self._trespass.viewers if v.structure == structure and v.roles == (role,))

    def _mark(self, viewer: Viewer, after: str = "") -> str:
        return self._trespass.border.mark(viewer, Marked(after=after))

    async def _ask(self, viewer: Viewer, target: str, rpc_name: str, /, **values: Any) -> Answer:
        """A call, whatever comes of it."""
        rpc = self._rpcs[rpc_name]
        return await self._trespass.call(viewer, target, rpc, rpc.request(**values), counted=False)

    async def _do(self, viewer: Viewer, target: str, rpc_name: str, /, **values: Any) -> Any:
        answer = await self._ask(viewer, target, rpc_name, **values)
        assert answer.message is not None, f"{viewer} could not {rpc_name}: {answer}"
        return answer.message


def _elsewhere(structure: str) -> str:
    """The next structure."""
    return STRUCTURES[(STRUCTURES.index(structure) + 1) % len(STRUCTURES)]
