"""DoorService, OutcomeService and FigureService over real gRPC: an evening held, closed and counted."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from doors import Device, all_approve, doorkeepers
from engines import Databases
from evening import BEFORE, ENDS, EVENT, LODGING, STARTS, TERMS, Hall, enrol, evening, prepare
from gathering import DIRECTOR, HOUSING, LEAD, SECOND
from greeting import House
from groupement.shared_identity.v1 import door_service_pb2 as door_pb
from groupement.shared_identity.v1 import figure_service_pb2 as figure_pb
from groupement.shared_identity.v1 import outcome_service_pb2 as outcome_pb
from groupement.shared_identity.v1.door_service_pb2_grpc import DoorServiceStub, add_DoorServiceServicer_to_server
from groupement.shared_identity.v1.figure_service_pb2_grpc import (
    FigureServiceStub,
    add_FigureServiceServicer_to_server,
)
from groupement.shared_identity.v1.outcome_service_pb2_grpc import (
    OutcomeServiceStub,
    add_OutcomeServiceServicer_to_server,
)
from groupement.shared_identity.v1.registration_pb2 import REGISTRANT_PROFILE_CITIZEN
from identity import CODES
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet, OKPKey
from reciprocity import NORTH, SHARED_IDENTITY, SOUTH, WEST, person, somebody
from servicekit.refusals import Conflict, Denied, Invalid, NotFound, Refusal, Stale, Unauthenticated
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.timestamps import instant, timestamp
from shared_identity import keys
from shared_identity.attendance.domain import Scan
from shared_identity.attendance.rpc import DoorRpc
from shared_identity.figures.rpc import FigureRpc
from shared_identity.joint_events.parts import Challenge
from shared_identity.outcomes.rpc import OutcomeRpc
from shared_identity.people import usecases as people
from shared_identity.registrations.domain import Registration
from shared_identity.registrations.office import Office
from shared_identity.schema import METADATA

PORTAL = "portal@groupement"
DEVICE = "device_" + "1" * 32
ACCESS_NEEDS, DIET = "une place pour fauteuil", "sans arachides"


class Evening(Hall):
    """The three services, served; and whoever calls them."""

    house: House
    server: Server
    jwks: KeySet

    @property
    def doors(self) -> Any:
        """DoorService, called by the portal."""
        return DoorServiceStub(self._channel())

    @property
    def outcomes(self) -> Any:
        """OutcomeService, called by the portal."""
        return OutcomeServiceStub(self._channel())

    @property
    def figures(self) -> Any:
        """FigureService, called by the portal."""
        return FigureServiceStub(self._channel())

    def as_(self, structure: str = NORTH, role: str = "DIRECTOR", *, who: str = DIRECTOR) -> dict[str, Any]:
        """The options of a call in a person's name, acting for a structure."""
        return {"metadata": channels.credentials(self.house.token(who, structure, (role,)))}

    async def list_of(self, **options: Any) -> dict[str, Any]:
        """What a door's list says, its signature checked against the groupement's keys."""
        request = door_pb.GetDoorListRequest(event_id=EVENT, device_id=DEVICE)
        answer = await self.doors.GetDoorList(request, **(options or self.as_()))
        said: dict[str, Any] = json.loads(jws.deserialize_compact(answer.list, self.jwks, ["Ed25519"]).payload)
        return said

    def _channel(self) -> channels.Channel:
        channel = channels.channel(self.server.address, SHARED_IDENTITY, self.house.tls(PORTAL))
        self.house.opened.append(channel)
        return channel


@pytest_asyncio.fixture
async def held(databases: Databases, tmp_path: Path) -> AsyncIterator[Evening]:
    """An evening of forty seats with a challenge, a member of the north and a guest among those registered."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    challenge = Challenge(challenge_id=HOUSING, title="Se loger")
    await prepare(database, size=40, rooms=20, event=evening(challenges=(challenge,)))
    served = Evening(database=database, office=Office(codes=CODES, terms=TERMS), now=BEFORE)
    await doorkeepers(served)
    await all_approve(served)
    async with database.work() as work:
        await people.install(work, somebody(DIRECTOR))
        await enrol(work, person(70), NORTH)
    keys.make(tmp_path / "keys", BEFORE)
    made = keys.read(tmp_path / "keys")
    served.jwks = KeySet.import_key_set(json.loads((tmp_path / "keys" / keys.JWKS).read_bytes()))
    served.house = House(tmp_path)
    services = [
        (
            add_DoorServiceServicer_to_server,
            DoorRpc(database, key=made.door_key, office=served.office, clock=lambda: served.now),
        ),
        (add_OutcomeServiceServicer_to_server, OutcomeRpc(database, office=served.office, clock=lambda: served.now)),
        (add_FigureServiceServicer_to_server, FigureRpc(database, clock=lambda: served.now)),
    ]
    served.server = served.house.server(SHARED_IDENTITY.instance, services, staff=trusting_the_token)
    await served.server.start()
    served.house.servers.append(served.server)
    yield served
    await served.house.close()


async def guests(held: Evening) -> tuple[Registration, Registration]:
    """A member of the north, and somebody nobody knows who needs something; then the evening begins."""
    member = await held.register_me(person(70), LODGING)
    guest = await held.register("zoe@demo.example", access_needs=ACCESS_NEEDS, diet=DIET, family_name="Inconnue")
    held.now = STARTS
    return member, guest


def scan(seen: Scan) -> door_pb.Scan:
    """A scan as a device sends it."""
    walk_in = seen.walk_in and door_pb.WalkIn(
        given_name=seen.walk_in.given_name, family_name=seen.walk_in.family_name, profile=REGISTRANT_PROFILE_CITIZEN
    )
    return door_pb.Scan(
        scan_id=seen.scan_id,
        device_id=seen.device_id,
        kind=door_pb.ScanKind.Value(f"SCAN_KIND_{seen.kind}"),
        session_id=seen.session_id,
        ticket_hash=seen.ticket_hash,
        registration_id=seen.registration_id,
        walk_in=walk_in,
        undone_scan_id=seen.undone_scan_id,
        scan_time=timestamp(seen.said_at),
    )


async def refused(call: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await call
    return caught.value


async def recorded(held: Evening, *scans: door_pb.Scan, **options: Any) -> Any:
    request = door_pb.RecordScansRequest(event_id=EVENT, scans=scans)
    return await held.doors.RecordScans(request, **(options or held.as_()))


async def test_a_door_gets_a_signed_list_of_hashes_and_first_names_and_of_nothing_else(held: Evening) -> None:
    member, guest = await guests(held)
    await recorded(held, scan(Device(hall=held).sees(member)))
    said = await held.list_of()
    assert (said["event_id"], said["title"], said["device_id"]) == (EVENT, "Une soirée", DEVICE)
    by_hash = {entry["hash"]: entry for entry in said["entries"]}
    theirs = by_hash[held.office.codes.digest_of(guest.code_id)]
    assert theirs == {
        "hash": held.office.codes.digest_of(guest.code_id),
        "registration_id": guest.registration_id,
        "given_name": "Zoe",
        "initial": "I",
        "session_ids": [],
        "present": False,
    }
    mine = by_hash[held.office.codes.digest_of(member.code_id)]
    assert (mine["session_ids"], mine["present"]) == ([LODGING], True)
    text = json.dumps(said, ensure_ascii=False)
    assert not [word for word in (ACCESS_NEEDS, DIET, "Inconnue", "zoe@", person(70), "organiser_") if word in text]


async def test_a_list_is_signed_by_a_key_for_doors_and_no_other_key_will_do(held: Evening) -> None:
    held.now = STARTS
    request = door_pb.GetDoorListRequest(event_id=EVENT, device_id=DEVICE)
    signed = (await held.doors.GetDoorList(request, **held.as_())).list
    assert jws.extract_compact(signed.encode()).headers()["kid"].startswith("door-")
    stranger = OKPKey.generate_key("Ed25519")
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(signed, stranger, ["Ed25519"])


async def test_two_phones_check_people_in_and_agree(held: Evening) -> None:
    member, guest = await guests(held)
    near, far = Device(hall=held), Device(hall=held, clock=STARTS + timedelta(seconds=30))
    seen = [scan(near.sees(member)), scan(near.meets("Ada"))]
    offline = [scan(far.sees(member)), scan(far.sees(guest)), scan(far.undoes(near.meets()))]
    first = await recorded(held, *seen)
    assert [door_pb.ScanOutcome.Name(result.outcome) for result in first.results] == [
        "SCAN_OUTCOME_IN",
        "SCAN_OUTCOME_IN",
    ]
    assert [result.given_name for result in first.results] == ["Camille", "Ada"]
    later = await recorded(held, *offline, *seen)
    assert [door_pb.ScanOutcome.Name(result.outcome).removeprefix("SCAN_OUTCOME_") for result in later.results] == [
        "ALREADY_IN",
        "IN",
        "UNDONE",
        "IN",
        "IN",
    ]
    assert (later.counts.expected, later.counts.present, later.counts.walk_ins) == (3, 3, 1)
    counts = await held.doors.GetDoorCounts(door_pb.GetDoorCountsRequest(event_id=EVENT), **held.as_())
    assert counts.counts == later.counts


async def test_a_malformed_scan_is_named(held: Evening) -> None:
    member, _ = await guests(held)
    right = scan(Device(hall=held).sees(member))
    for spoil, field in (
        ({"scan_id": "scan_1"}, "scans[1].scan_id"),
        ({"device_id": "phone"}, "scans[1].device_id"),
        ({"kind": 0}, "scans[1].kind"),
        ({"ticket_hash": "0" * 63}, "scans[1].ticket_hash"),
        ({"registration_id": "registration_" + "1" * 32}, "scans[1].ticket_hash"),
    ):
        wrong = door_pb.Scan()
        wrong.CopyFrom(right)
        for name, value in spoil.items():  # type: ignore[attr-defined]
            setattr(wrong, name, value)
        refusal = await refused(recorded(held, right, wrong))
        assert (type(refusal).__mro__[1], refusal.reason, refusal.field) == (Invalid, "SCAN_MALFORMED", field)
    counts = await held.doors.GetDoorCounts(door_pb.GetDoorCountsRequest(event_id=EVENT), **held.as_())
    assert counts.counts.present == 0
    many = await refused(recorded(held, *[right] * 501))
    assert many.reason == "TOO_MANY_SCANS"


async def test_needs_are_told_to_the_desk_on_the_day_one_by_one(held: Evening) -> None:
    _, guest = await guests(held)
    asked = door_pb.GetDoorEntryRequest(event_id=EVENT, registration_id=guest.registration_id)
    entry = (await held.doors.GetDoorEntry(asked, **held.as_())).entry
    assert (entry.display_name, entry.access_needs, entry.diet) == ("Zoe I.", ACCESS_NEEDS, DIET)
    found = await held.doors.FindAtDoor(door_pb.FindAtDoorRequest(event_id=EVENT, query="inco"), **held.as_())
    assert [(one.display_name, one.has_needs, one.access_needs) for one in found.entries] == [("Zoe I.", True, "")]


async def test_a_door_that_is_not_open_says_when_it_is_and_nothing_else(held: Evening) -> None:
    member, guest = await guests(held)
    seen = scan(Device(hall=held).sees(member))
    entry = door_pb.GetDoorEntryRequest(event_id=EVENT, registration_id=guest.registration_id)
    for days in (-3, 3):
        held.now = STARTS + timedelta(days=days)
        for call in (
            held.list_of(),
            held.doors.FindAtDoor(door_pb.FindAtDoorRequest(event_id=EVENT, query="inco"), **held.as_()),
            held.doors.GetDoorEntry(entry, **held.as_()),
            recorded(held, scan(Device(hall=held).meets("Ada"))),
        ):
            refusal = await refused(call)
            assert (isinstance(refusal, Conflict), refusal.reason) == (True, "DOOR_NOT_OPEN")
    assert (await recorded(held, seen)).counts.present == 1
    told = await held.doors.GetDoorCounts(door_pb.GetDoorCountsRequest(event_id=EVENT), **held.as_())
    assert instant("", told.open_time) == datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert instant("", told.close_time) == datetime(2026, 12, 1, 23, tzinfo=UTC)


async def test_doors_are_closed_to_strangers(held: Evening) -> None:
    await guests(held)
    asked = door_pb.GetDoorListRequest(event_id=EVENT, device_id=DEVICE)
    for options in (held.as_(WEST), held.as_(NORTH, "MEMBER"), held.as_(NORTH, "ACCOUNTANT")):
        refusal = await refused(held.doors.GetDoorList(asked, **options))
        assert (isinstance(refusal, Denied), refusal.reason) == (True, "NO_ACCESS_TO_EVENT")
    assert isinstance(await refused(held.doors.GetDoorList(asked)), Unauthenticated)
    nowhere = door_pb.GetDoorListRequest(event_id="event_" + "9" * 32, device_id=DEVICE)
    unknown = await refused(held.doors.GetDoorList(nowhere, **held.as_()))
    assert (isinstance(unknown, NotFound), unknown.reason) == (True, "UNKNOWN_EVENT")


def contribution(**changes: Any) -> outcome_pb.Contribution:
    said = {"challenge_id": HOUSING, "kind": outcome_pb.CONTRIBUTION_KIND_NEED, "title": "Un bail glissant"}
    return outcome_pb.Contribution(**{**said, **changes})


async def test_a_contribution_is_captured_once_and_followed_up(held: Evening) -> None:
    capture = outcome_pb.CaptureContributionRequest(event_id=EVENT, contribution=contribution(), request_id="r1")
    first = (await held.outcomes.CaptureContribution(capture, **held.as_())).contribution
    assert (await held.outcomes.CaptureContribution(capture, **held.as_())).contribution == first
    assert first.state == outcome_pb.CONTRIBUTION_STATE_CAPTURED
    first.state, first.owner_organiser_id = outcome_pb.CONTRIBUTION_STATE_FOLLOWED, SECOND
    update = outcome_pb.UpdateContributionRequest(event_id=EVENT, contribution=first)
    after = (await held.outcomes.UpdateContribution(update, **held.as_(SOUTH))).contribution
    assert (after.owner_organiser_id, after.etag != first.etag) == (SECOND, True)
    assert isinstance(await refused(held.outcomes.UpdateContribution(update, **held.as_())), Stale)
    await held.outcomes.CaptureContribution(
        outcome_pb.CaptureContributionRequest(event_id=EVENT, contribution=contribution(title="Un autre")),
        **held.as_(),
    )
    asked = outcome_pb.ListContributionsRequest(event_id=EVENT, page_size=1)
    page = await held.outcomes.ListContributions(asked, **held.as_())
    asked.page_token = page.next_page_token
    rest = await held.outcomes.ListContributions(asked, **held.as_())
    assert {one.title for one in (*page.contributions, *rest.contributions)} == {"Un autre", "Un bail glissant"}
    assert rest.next_page_token == ""


async def test_what_is_wrong_with_a_contribution_is_said(held: Evening) -> None:
    for spoiled, kind, reason, field in (
        ({"challenge_id": "challenge_" + "9" * 32}, NotFound, "UNKNOWN_EVENT_CHALLENGE", "contribution.challenge_id"),
        ({"owner_organiser_id": "x"}, NotFound, "UNKNOWN_ORGANISER", "contribution.owner_organiser_id"),
        ({"kind": 0}, Invalid, "CONTRIBUTION_KIND_MISSING", "contribution.kind"),
        ({"title": "t" * 121}, Invalid, "FIELD_TOO_LONG", "contribution.title"),
    ):
        request = outcome_pb.CaptureContributionRequest(event_id=EVENT, contribution=contribution(**spoiled))
        refusal = await refused(held.outcomes.CaptureContribution(request, **held.as_()))
        assert (isinstance(refusal, kind), refusal.reason, refusal.field) == (True, reason, field)


async def test_an_event_is_closed_once_and_its_report_adds_up(held: Evening) -> None:
    member, guest = await guests(held)
    device = Device(hall=held)
    await recorded(held, scan(device.sees(member)), scan(device.sees(guest)))
    close = outcome_pb.CloseEventRequest(event_id=EVENT, request_id="close")
    early = await refused(held.outcomes.CloseEvent(close, **held.as_()))
    assert (isinstance(early, Conflict), early.reason) == (True, "EVENT_NOT_OVER")
    held.now = ENDS
    report = (await held.outcomes.CloseEvent(close, **held.as_())).report
    assert (report.final, report.size, report.registered, report.attended) == (True, 40, 2, 2)
    own = next(one for one in report.organisers if one.organiser_id == LEAD)
    assert (own.registered.value, own.attended.value, own.registered.hidden) == (1, 1, False)
    assert (await held.outcomes.CloseEvent(close, **held.as_())).report == report
    again = await refused(held.outcomes.CloseEvent(outcome_pb.CloseEventRequest(event_id=EVENT), **held.as_()))
    assert again.reason == "EVENT_OVER"
    read = outcome_pb.GetClosingReportRequest(event_id=EVENT)
    south = (await held.outcomes.GetClosingReport(read, **held.as_(SOUTH))).report
    lead = next(one for one in south.organisers if one.organiser_id == LEAD)
    assert (lead.registered.hidden, lead.registered.value, south.registered) == (True, 0, 2)
    late = await refused(recorded(held, scan(device.meets())))
    assert late.reason == "EVENT_OVER"


async def test_figures_are_for_directors_and_each_reads_its_own(held: Evening) -> None:
    asked = figure_pb.GetFiguresRequest(first_month="2026-11", last_month="2026-12")
    answer = await held.figures.GetFigures(asked, **held.as_())
    own = [one.people for one in answer.members if one.structure == NORTH and not one.kind]
    assert [(count.value, count.hidden) for count in own] == [(1, False)]
    assert [event.slug for event in answer.events] == ["une-soiree"]
    south = await held.figures.GetFigures(asked, **held.as_(SOUTH))
    theirs = [one.people for one in south.members if one.structure == NORTH]
    assert all((count.value, count.hidden) == (0, True) for count in theirs)
    manager = await refused(held.figures.GetFigures(asked, **held.as_(NORTH, "EVENT_MANAGER")))
    assert isinstance(manager, Denied)
    for spoiled, reason, field in (
        ({"first_month": "11/2026"}, "MONTH_MALFORMED", "first_month"),
        ({"last_month": "2026-10"}, "ENDS_BEFORE_IT_STARTS", "last_month"),
        ({"last_month": "2030-11"}, "TOO_LONG", "last_month"),
    ):
        request = figure_pb.GetFiguresRequest(**{"first_month": "2026-11", "last_month": "2026-11", **spoiled})
        refusal = await refused(held.figures.GetFigures(request, **held.as_()))
        assert (isinstance(refusal, Invalid), refusal.reason, refusal.field) == (True, reason, field)
