"""JointEventService over real gRPC: four parties prepare an evening through their own accounts, the public reads it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from contracts import Rpc, every_rpc
from engines import Databases
from gathering import DIRECTOR, ENDS, FREE, PARTNER, STARTS, STRANGER, address, doing, settle
from greeting import House
from groupement.shared_identity.v1 import joint_event_pb2 as pb
from groupement.shared_identity.v1 import joint_event_service_pb2 as service_pb
from groupement.shared_identity.v1 import joint_event_service_pb2_grpc
from reciprocity import NORTH, NOW, SHARED_IDENTITY, SOUTH, WEST
from servicekit.refusals import Conflict, Denied, Invalid, NotFound, Refusal, Stale, Unauthenticated
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.sql import Database
from servicekit.timestamps import timestamp
from shared_identity.joint_events.rpc import JointEventRpc
from shared_identity.schema import METADATA
from shared_identity.seats import usecases as seats

PORTAL = "portal@groupement"
LEAD = pb.ORGANISER_ROLE_LEAD
MANAGE, OWN, DOOR = pb.ORGANISER_ACCESS_MANAGE, pb.ORGANISER_ACCESS_OWN_REGISTRANTS, pb.ORGANISER_ACCESS_DOOR
SERVICE = "groupement.shared_identity.v1.JointEventService"
OF_AN_EVENT = [
    rpc for rpc in every_rpc() if rpc.service == SERVICE and "event_id" in rpc.method.input_type.fields_by_name
]


class Evening:
    """JointEventService, served; and whoever calls it."""

    def __init__(self, house: House, database: Database, server: Server) -> None:
        self.house = house
        self.database = database
        self.server = server

    def stub(self, caller: str = PORTAL) -> Any:
        """The service, called by an instance."""
        channel = channels.channel(self.server.address, SHARED_IDENTITY, self.house.tls(caller))
        self.house.opened.append(channel)
        return joint_event_service_pb2_grpc.JointEventServiceStub(channel)

    def as_(self, structure: str = NORTH, *roles: str, person: str = DIRECTOR) -> dict[str, Any]:
        """The options of a call in a person's name, acting for a structure."""
        return {"metadata": channels.credentials(self.house.token(person, structure, roles))}

    @property
    def director(self) -> dict[str, Any]:
        """Who directs the north."""
        return self.as_(NORTH, "DIRECTOR")

    async def begun(self, slug: str = "une-soiree", **more: Any) -> pb.JointEvent:
        """A draft of the north's."""
        answer = await self.stub().CreateEvent(creating(slug, **more), **self.director)
        event: pb.JointEvent = answer.event
        return event

    async def joined(self, event: pb.JointEvent, **organiser: Any) -> pb.Organiser:
        """An organiser more."""
        given = {"role": pb.ORGANISER_ROLE_PARTNER, "shown": True, "access": OWN} | organiser
        request = service_pb.SaveOrganiserRequest(event_id=event.event_id, organiser=pb.Organiser(**given))
        saved: pb.Organiser = (await self.stub().SaveOrganiser(request, **self.director)).organiser
        return saved

    async def proposed(self, event: pb.JointEvent, *organiser_ids: str) -> None:
        """An arrangement with a duty each."""
        duties = [pb.Duty(title="informer", organiser_id=whose, terms="Par écrit.") for whose in organiser_ids]
        said = pb.Arrangement(outline="Ensemble.", duties=duties, contact="soiree@demo.example", retention_days=90)
        request = service_pb.ProposeArrangementRequest(event_id=event.event_id, arrangement=said)
        await self.stub().ProposeArrangement(request, **self.director)

    async def published(self, event: pb.JointEvent) -> pb.JointEvent:
        """Shown to all, with seats."""
        await doing(self.database, seats.set_size, event.event_id, 150)
        request = service_pb.PublishEventRequest(event_id=event.event_id)
        shown: pb.JointEvent = (await self.stub().PublishEvent(request, **self.director)).event
        return shown


@pytest_asyncio.fixture
async def evening(databases: Databases, tmp_path: Path) -> AsyncIterator[Evening]:
    """Three structures and their people, served with real certificates and tokens."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle(work)
    house = House(tmp_path)
    served = JointEventRpc(database, bonds=FREE, clock=lambda: NOW)
    added = joint_event_service_pb2_grpc.add_JointEventServiceServicer_to_server
    server = house.server(SHARED_IDENTITY.instance, [(added, served)], staff=trusting_the_token)
    await server.start()
    house.servers.append(server)
    yield Evening(house, database, server)
    await house.close()


def creating(slug: str = "une-soiree", **more: Any) -> service_pb.CreateEventRequest:
    given: dict[str, Any] = {"title": "Une soirée", "start_time": timestamp(STARTS), "end_time": timestamp(ENDS)}
    return service_pb.CreateEventRequest(slug=slug, **(given | more))


async def every(call: Any, request: Any, rows: str, **options: Any) -> list[Any]:
    """All rows of a list, one a page."""
    request.page_size = 1
    found: list[Any] = []
    while True:
        page = await call(request, **options)
        found.extend(getattr(page, rows))
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def test_four_parties_prepare_an_evening_and_the_public_reads_it(evening: Evening) -> None:
    stub, event = evening.stub(), await evening.begun(venue=pb.Venue(name="La salle", address="1 rue de l'Essai"))
    south = await evening.joined(event, structure=SOUTH, role=LEAD, access=MANAGE)
    mutual = await evening.joined(event, name="Une mutuelle", website="https://mutuelle.example")
    await evening.joined(event, name="Qui ne se montre pas", shown=False, access=DOOR)
    [lead] = [held.organiser_id for held in event.organisers]
    invitation = service_pb.InviteDelegateRequest(
        event_id=event.event_id, organiser_id=mutual.organiser_id, email=address(PARTNER), access=OWN
    )
    await stub.InviteDelegate(invitation, **evening.director)
    challenge = (
        await stub.SaveChallenge(
            service_pb.SaveChallengeRequest(event_id=event.event_id, challenge=pb.Challenge(title="Se loger")),
            **evening.as_(SOUTH, "EVENT_MANAGER", person=STRANGER),
        )
    ).challenge
    workshop = pb.Session(
        title="Atelier",
        format=pb.SESSION_FORMAT_WORKSHOP,
        start_time=timestamp(STARTS),
        end_time=timestamp(ENDS),
        challenge_id=challenge.challenge_id,
    )
    await stub.SaveSession(service_pb.SaveSessionRequest(event_id=event.event_id, session=workshop), **evening.director)
    asked = pb.Question(label="Lequel ?", kind=pb.QUESTION_KIND_CHOICE, choices=["Un", "Deux"], required=True)
    await stub.SaveQuestion(service_pb.SaveQuestionRequest(event_id=event.event_id, question=asked), **evening.director)
    await evening.proposed(event, lead, south.organiser_id, mutual.organiser_id)
    with pytest.raises(Conflict) as refused:
        await evening.published(event)
    assert refused.value.reason == "ARRANGEMENT_NOT_APPROVED"
    approval = service_pb.ApproveArrangementRequest(event_id=event.event_id, version=1)
    await stub.ApproveArrangement(approval, **evening.as_(SOUTH, "DIRECTOR", person=STRANGER))
    await stub.ApproveArrangement(approval, **evening.as_(WEST, "MEMBER", person=PARTNER))
    await evening.published(event)
    shown = (await stub.GetPublishedEvent(service_pb.GetPublishedEventRequest(slug="une-soiree"))).event
    assert [(held.name, held.access, held.approved_arrangement) for held in shown.organisers] == [
        ("Le-Nord", 0, 0),
        ("Le-Sud", 0, 0),
        ("Une mutuelle", 0, 0),
    ]
    assert [held.title for held in shown.sessions] == ["Atelier"]
    assert shown.sessions[0].challenge_id == shown.challenges[0].challenge_id
    assert list(shown.questions[0].choices) == ["Un", "Deux"]
    assert [duty.name for duty in shown.arrangement.duties] == ["Le-Nord", "Le-Sud", "Une mutuelle"]
    assert (shown.arrangement_in_force, shown.etag, shown.venue.name) == (1, "", "La salle")
    assert "Qui ne se montre pas" not in str(shown)
    [listed] = (await stub.ListPublishedEvents(service_pb.ListPublishedEventsRequest())).events
    assert listed == shown


async def test_one_reads_ones_events_and_ones_standing(evening: Evening) -> None:
    events = [await evening.begun(f"soiree-{number}") for number in range(3)]
    stub = evening.stub()
    mine = await every(stub.ListMyEvents, service_pb.ListMyEventsRequest(), "events", **evening.director)
    assert sorted(held.event.slug for held in mine) == ["soiree-0", "soiree-1", "soiree-2"]
    assert {(held.standing.access, held.standing.granted) for held in mine} == {(MANAGE, MANAGE)}
    request = service_pb.GetEventRequest(event_id=events[0].event_id)
    answer = await stub.GetEvent(request, **evening.as_(NORTH, "ADVISOR", person=STRANGER))
    assert (answer.standing.access, answer.standing.organiser_id) == (OWN, events[0].organisers[0].organiser_id)
    assert answer.event.etag == '"1"'


async def test_parts_are_taken_away_and_what_hung_on_them_with_them(evening: Evening) -> None:
    stub, event, director = evening.stub(), await evening.begun(), evening.director
    at = {"event_id": event.event_id}
    challenge = service_pb.SaveChallengeRequest(**at, challenge=pb.Challenge(title="Se loger"))
    challenge_id = (await stub.SaveChallenge(challenge, **director)).challenge.challenge_id
    workshop = pb.Session(
        title="Atelier",
        format=pb.SESSION_FORMAT_WORKSHOP,
        start_time=timestamp(STARTS),
        end_time=timestamp(ENDS),
        challenge_id=challenge_id,
    )
    saved = await stub.SaveSession(service_pb.SaveSessionRequest(**at, session=workshop), **director)
    session_id = saved.session.session_id
    asked = [pb.Question(label=label, kind=pb.QUESTION_KIND_TEXT) for label in ("Pourquoi ?", "Et ensuite ?")]
    asked[0].session_id = session_id
    questions = [
        (await stub.SaveQuestion(service_pb.SaveQuestionRequest(**at, question=each), **director)).question
        for each in asked
    ]
    without = (
        await stub.RemoveChallenge(service_pb.RemoveChallengeRequest(**at, challenge_id=challenge_id), **director)
    ).event
    assert (list(without.challenges), without.sessions[0].challenge_id) == ([], "")
    without = (await stub.RemoveSession(service_pb.RemoveSessionRequest(**at, session_id=session_id), **director)).event
    assert (list(without.sessions), list(without.questions)) == ([], [questions[1]])
    last = service_pb.RemoveQuestionRequest(**at, question_id=questions[1].question_id, request_id="gone-once")
    gone = [(await stub.RemoveQuestion(last, **director)).event for _ in range(2)]
    assert (list(gone[0].questions), gone[0]) == ([], gone[1])
    for call, request, reason in (
        (
            stub.RemoveChallenge,
            service_pb.RemoveChallengeRequest(**at, challenge_id=challenge_id),
            "UNKNOWN_EVENT_CHALLENGE",
        ),
        (stub.RemoveSession, service_pb.RemoveSessionRequest(**at, session_id=session_id), "UNKNOWN_SESSION"),
        (stub.RemoveQuestion, service_pb.RemoveQuestionRequest(**at, question_id="question_1"), "UNKNOWN_QUESTION"),
    ):
        with pytest.raises(NotFound) as refused:
            await call(request, **director)
        assert refused.value.reason == reason


async def test_delegates_are_read_page_by_page(evening: Evening) -> None:
    event = await evening.begun()
    partner = await evening.joined(event, name="Une mutuelle")
    stub = evening.stub()
    for email in ("un@demo.example", "deux@demo.example", "trois@demo.example"):
        request = service_pb.InviteDelegateRequest(
            event_id=event.event_id, organiser_id=partner.organiser_id, email=email, access=DOOR
        )
        await stub.InviteDelegate(request, **evening.director)
    asked = service_pb.ListDelegatesRequest(event_id=event.event_id)
    found = await every(stub.ListDelegates, asked, "delegates", **evening.director)
    assert sorted(delegate.email.partition("@")[0] for delegate in found) == ["deux", "trois", "un"]
    gone = service_pb.RemoveDelegateRequest(event_id=event.event_id, delegate_id=found[0].delegate_id)
    assert (await stub.RemoveDelegate(gone, **evening.director)).delegate == found[0]
    with pytest.raises(NotFound) as refused:
        await stub.RemoveDelegate(gone, **evening.director)
    assert refused.value.reason == "UNKNOWN_DELEGATE"


def asking(rpc: Rpc, event_id: str) -> Any:
    """A request that is well formed, about an event."""
    request: Any = rpc.request(event_id=event_id)
    filled: dict[str, Any] = {
        "slug": "une-soiree",
        "title": "Une soirée",
        "start_time": timestamp(STARTS),
        "end_time": timestamp(ENDS),
        "organiser": pb.Organiser(name="Intruse", role=LEAD, access=MANAGE),
        "challenge": pb.Challenge(title="Intrus"),
        "session": pb.Session(
            title="Intruse",
            format=pb.SESSION_FORMAT_TALK,
            start_time=timestamp(STARTS),
            end_time=timestamp(ENDS),
        ),
        "question": pb.Question(label="Intruse ?", kind=pb.QUESTION_KIND_TEXT),
        "arrangement": pb.Arrangement(outline="Seule.", duties=[pb.Duty(title="tout")], contact="a@demo.example"),
        "email": "intruse@demo.example",
        "access": DOOR,
        "explanation": "Pour rien.",
    }
    known = rpc.method.input_type.fields_by_name
    request.MergeFrom(rpc.request(**{name: value for name, value in filled.items() if name in known}))
    return request


@pytest.mark.parametrize("rpc", OF_AN_EVENT, ids=lambda rpc: str(rpc.method.name))
async def test_without_standing_a_draft_is_not_there_and_an_event_is_not_for_all_to_touch(
    evening: Evening, rpc: Rpc
) -> None:
    event = await evening.begun()
    call = getattr(evening.stub(), rpc.method.name)
    strangers = [
        evening.as_(SOUTH, "DIRECTOR", person=STRANGER),
        evening.as_(NORTH, "MEMBER", person=STRANGER),
        evening.as_(NORTH, "ADMIN", person=STRANGER),
    ]
    for stranger in strangers:
        with pytest.raises(NotFound) as hidden:
            await call(asking(rpc, event.event_id), **stranger)
        assert hidden.value.reason == "UNKNOWN_EVENT"
    await evening.proposed(event, event.organisers[0].organiser_id)
    await evening.published(event)
    for stranger in strangers:
        with pytest.raises(Denied) as denied:
            await call(asking(rpc, event.event_id), **stranger)
        assert denied.value.reason == "NO_ACCESS_TO_EVENT"
    with pytest.raises(Unauthenticated):
        await call(asking(rpc, event.event_id))
    with pytest.raises(Refusal) as elsewhere:
        await getattr(evening.stub(f"coworking@{NORTH}"), rpc.method.name)(
            asking(rpc, event.event_id), **evening.director
        )
    assert isinstance(elsewhere.value, Denied)


def test_every_rpc_about_an_event_is_tried() -> None:
    others = {rpc.method.name for rpc in every_rpc() if rpc.service == SERVICE and rpc not in OF_AN_EVENT}
    assert others == {"ListPublishedEvents", "GetPublishedEvent", "ListMyEvents", "CreateEvent"}


async def test_members_begin_no_event(evening: Evening) -> None:
    for roles in ((), ("MEMBER",), ("ADVISOR",), ("COMMUNITY_MANAGER",), ("ADMIN",)):
        with pytest.raises(Denied):
            await evening.stub().CreateEvent(creating(), **evening.as_(NORTH, *roles))


async def test_services_read_what_is_published(evening: Evening) -> None:
    event = await evening.begun()
    await evening.proposed(event, event.organisers[0].organiser_id)
    await evening.published(event)
    for caller in (f"incubator@{NORTH}", f"coworking@{SOUTH}"):
        answer = await evening.stub(caller).GetPublishedEvent(service_pb.GetPublishedEventRequest(slug=event.event_id))
        assert answer.event.slug == "une-soiree"


async def test_asking_the_same_twice_does_it_once(evening: Evening) -> None:
    request = creating(request_id="une-seule-fois")
    once = await evening.stub().CreateEvent(request, **evening.director)
    assert await evening.stub().CreateEvent(request, **evening.director) == once
    with pytest.raises(Conflict) as refused:
        await evening.stub().CreateEvent(creating(), **evening.director)
    assert refused.value.reason == "SLUG_TAKEN"


async def test_what_changed_since_it_was_read_is_not_overwritten(evening: Evening) -> None:
    event = await evening.begun()
    stub, said = evening.stub(), creating()
    request = service_pb.UpdateEventRequest(
        event_id=event.event_id,
        etag=event.etag,
        slug=said.slug,
        title="Un autre titre",
        start_time=said.start_time,
        end_time=said.end_time,
    )
    changed = (await stub.UpdateEvent(request, **evening.director)).event
    assert (changed.title, changed.etag) == ("Un autre titre", '"2"')
    with pytest.raises(Stale) as refused:
        await stub.UpdateEvent(request, **evening.director)
    assert refused.value.reason == "STALE_ETAG"


async def test_what_is_malformed_names_its_field(evening: Evening) -> None:
    event = await evening.begun()
    request = service_pb.SaveSessionRequest(event_id=event.event_id, session=pb.Session(title="Sans heure"))
    with pytest.raises(Invalid) as refused:
        await evening.stub().SaveSession(request, **evening.director)
    assert refused.value.field in ("session.format", "session.start_time")
    with pytest.raises(NotFound) as unknown:
        await evening.stub().GetPublishedEvent(service_pb.GetPublishedEventRequest(slug="nulle-part"))
    assert unknown.value.reason == "UNKNOWN_EVENT"


async def test_parts_are_taken_away_over_the_wire(evening: Evening) -> None:
    event, stub = await evening.begun(), evening.stub()
    partner = await evening.joined(event, name="Une mutuelle")
    for noun in ("Challenge", "Session", "Question"):
        rpc = next(rpc for rpc in OF_AN_EVENT if rpc.method.name == f"Save{noun}")
        saved = await getattr(stub, rpc.method.name)(asking(rpc, event.event_id), **evening.director)
        part = getattr(saved, noun.lower())
        asked = getattr(service_pb, f"Remove{noun}Request")(event_id=event.event_id)
        setattr(asked, f"{noun.lower()}_id", getattr(part, f"{noun.lower()}_id"))
        left = (await getattr(stub, f"Remove{noun}")(asked, **evening.director)).event
        assert not getattr(left, f"{noun.lower()}s")
    gone = service_pb.RemoveOrganiserRequest(event_id=event.event_id, organiser_id=partner.organiser_id)
    assert len((await stub.RemoveOrganiser(gone, **evening.director)).event.organisers) == 1
    calling_off = service_pb.CancelEventRequest(event_id=event.event_id, explanation="On renonce.")
    assert (await stub.CancelEvent(calling_off, **evening.director)).event.explanation == "On renonce."
