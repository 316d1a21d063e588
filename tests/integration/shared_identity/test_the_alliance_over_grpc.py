"""The alliance's four services over real gRPC: each caller sees what the structure they act for may see."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from engines import Databases
from google.protobuf.message import Message
from greeting import House
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.shared_identity.v1 import (
    agreement_pb2,
    agreement_service_pb2,
    agreement_service_pb2_grpc,
    membership_service_pb2,
    membership_service_pb2_grpc,
    post_service_pb2,
    post_service_pb2_grpc,
    structure_service_pb2,
    structure_service_pb2_grpc,
)
from groupement.type.v1.money_pb2 import Money
from groupement.type.v1.period_pb2 import Period
from reciprocity import (
    CAMILLE,
    JO,
    NORTH,
    NOW,
    SHARED_IDENTITY,
    SINCE,
    SOUTH,
    WEST,
    Ears,
    declared,
    ended,
    settle_in,
    used,
)
from servicekit.identifiers import new_id
from servicekit.refusals import (
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Refusal,
    Stale,
    Unauthenticated,
)
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.sql import Database
from shared_identity.agreements.rpc import AgreementRpc
from shared_identity.memberships.domain import MembershipKind
from shared_identity.memberships.rpc import MembershipRpc
from shared_identity.posts import usecases as posts
from shared_identity.posts.domain import Post, PostShare
from shared_identity.posts.rpc import PostRpc
from shared_identity.schema import METADATA
from shared_identity.structures.rpc import StructureRpc

PORTAL = "portal@groupement"
MINE = "membership_" + "1" * 32


class Alliance:
    """shared-identity's alliance, served; and whoever calls it."""

    def __init__(self, house: House, database: Database, server: Server) -> None:
        self.house = house
        self.database = database
        self.server = server
        self.ears = Ears(database)

    def structures(self, caller: str = PORTAL) -> Any:
        return structure_service_pb2_grpc.StructureServiceStub(self._channel(caller))

    def memberships(self, caller: str = PORTAL) -> Any:
        return membership_service_pb2_grpc.MembershipServiceStub(self._channel(caller))

    def posts(self, caller: str = PORTAL) -> Any:
        return post_service_pb2_grpc.PostServiceStub(self._channel(caller))

    def agreements(self, caller: str = PORTAL) -> Any:
        return agreement_service_pb2_grpc.AgreementServiceStub(self._channel(caller))

    def as_(self, structure: str, *roles: str, person: str = JO) -> dict[str, Any]:
        """The options of a call in a person's name, acting for a structure."""
        return {"metadata": channels.credentials(self.house.token(person, structure, roles))}

    async def signed(self) -> agreement_pb2.Agreement:
        """An agreement from south to north, signed by both."""
        stub = self.agreements()
        made = await stub.ProposeAgreement(proposal(), **self.as_(SOUTH, "DIRECTOR"))
        request = agreement_service_pb2.SignAgreementRequest(agreement_id=made.agreement.agreement_id)
        answer = await stub.SignAgreement(request, **self.as_(NORTH, "DIRECTOR"))
        agreement: agreement_pb2.Agreement = answer.agreement
        return agreement

    def _channel(self, caller: str) -> channels.Channel:
        channel = channels.channel(self.server.address, SHARED_IDENTITY, self.house.tls(caller))
        self.house.opened.append(channel)
        return channel


@pytest_asyncio.fixture
async def alliance(databases: Databases, tmp_path: Path) -> AsyncIterator[Alliance]:
    """Three structures, two people, served with real certificates and tokens."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    house = House(tmp_path)
    services = [
        (structure_service_pb2_grpc.add_StructureServiceServicer_to_server, StructureRpc(database)),
        (membership_service_pb2_grpc.add_MembershipServiceServicer_to_server, MembershipRpc(database, clock=_clock)),
        (post_service_pb2_grpc.add_PostServiceServicer_to_server, PostRpc(database)),
        (agreement_service_pb2_grpc.add_AgreementServiceServicer_to_server, AgreementRpc(database, clock=_clock)),
    ]
    server = house.server(SHARED_IDENTITY.instance, services, staff=trusting_the_token)
    await server.start()
    house.servers.append(server)
    yield Alliance(house, database, server)
    await house.close()


def _clock() -> Any:
    return NOW


def proposal(request_id: str = "", **changes: Any) -> agreement_service_pb2.ProposeAgreementRequest:
    given: dict[str, Any] = {
        "grantor": SOUTH,
        "home": NORTH,
        "clauses": [
            agreement_pb2.HalfDaysClause(
                membership_kind=declarations.MEMBERSHIP_KIND_INCUBATED,
                resource_kind="NOMAD_SEAT",
                half_days_per_month=8,
                price=Money(cents=600, currency_code="EUR"),
            )
        ],
        "period": Period(start_date="2026-01-01"),
        "notice_days": 60,
        "request_id": request_id,
    }
    return agreement_service_pb2.ProposeAgreementRequest(**(given | changes))


async def every(call: Any, request: Any, rows: str, **options: Any) -> list[Message]:
    """All rows of a list, one a page."""
    request.page_size = 1
    found: list[Message] = []
    while True:
        page = await call(request, **options)
        assert len(getattr(page, rows)) <= 1
        found.extend(getattr(page, rows))
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


async def test_anyone_in_the_house_reads_who_is_in_the_groupement(alliance: Alliance) -> None:
    for caller in (PORTAL, f"incubator@{NORTH}", f"coworking@{SOUTH}"):
        answer = await alliance.structures(caller).GetGroupement(structure_service_pb2.GetGroupementRequest())
        assert {entered.slug for entered in answer.groupement.structures} == {NORTH, SOUTH, WEST}
    request = structure_service_pb2.GetStructureRequest(slug=NORTH)
    answer = await alliance.structures().GetStructure(request)
    assert (answer.structure.slug, answer.structure.period.start_date) == (NORTH, "2021-11-01")


async def test_there_is_no_structure_but_those(alliance: Alliance) -> None:
    with pytest.raises(NotFound) as refused:
        await alliance.structures().GetStructure(structure_service_pb2.GetStructureRequest(slug="ailleurs"))
    assert refused.value.reason == "UNKNOWN_STRUCTURE"


async def test_members_see_what_they_are_where_they_ask(alliance: Alliance) -> None:
    await alliance.ears.hear(
        declared(MINE, start="2026-01-01", end="2026-06-30"),
        declared(new_id("membership"), start="2026-09-01", kind=MembershipKind.ALUMNI),
        declared(new_id("membership"), by=SOUTH, kind=MembershipKind.COWORKER),
        declared(new_id("membership"), JO),
    )
    stub, request = alliance.memberships(), membership_service_pb2.ListMyMembershipsRequest
    mine = await every(
        stub.ListMyMemberships, request(), "memberships", **alliance.as_(NORTH, "MEMBER", person=CAMILLE)
    )
    seen = [(it.person_id, it.structure, it.period.start_date, it.in_force) for it in mine]  # type: ignore[attr-defined]
    assert seen == [(CAMILLE, NORTH, "2026-09-01", True), (CAMILLE, NORTH, "2026-01-01", False)]
    elsewhere = await stub.ListMyMemberships(request(), **alliance.as_(WEST, person=CAMILLE))
    assert not elsewhere.memberships


async def test_staff_and_services_see_the_memberships_of_their_structure(alliance: Alliance) -> None:
    await alliance.ears.hear(
        declared(MINE),
        declared(new_id("membership"), JO, start="2026-08-01"),
        declared(new_id("membership"), JO, by=SOUTH),
        ended(MINE),
    )
    request = membership_service_pb2.ListMembershipsRequest
    stub, staff = alliance.memberships(), alliance.as_(NORTH, "ADVISOR")
    found = await every(stub.ListMemberships, request(), "memberships", **staff)
    assert [it.person_id for it in found] == [JO, CAMILLE]  # type: ignore[attr-defined]
    found = await every(stub.ListMemberships, request(in_force_only=True), "memberships", **staff)
    assert [it.person_id for it in found] == [JO]  # type: ignore[attr-defined]
    by_service = await alliance.memberships(f"coworking@{SOUTH}").ListMemberships(request())
    assert [it.structure for it in by_service.memberships] == [SOUTH]


async def test_a_structure_lists_the_posts_it_bears(alliance: Alliance) -> None:
    shares = tuple(
        PostShare(structure=slug, basis_points=5_000, roles=frozenset({"DIRECTOR"})) for slug in (NORTH, SOUTH)
    )
    async with alliance.database.work() as work:
        for number in (1, 2):
            post = Post(
                post_id=f"post_{number:032x}",
                title="Direction",
                person_id=CAMILLE,
                employer=NORTH,
                shares=shares,
                period=SINCE,
            )
            await posts.fill(work, post)
    stub, request = alliance.posts(), post_service_pb2.ListPostsRequest
    found: Sequence[Any] = await every(stub.ListPosts, request(), "posts", **alliance.as_(SOUTH, "ACCOUNTANT"))
    assert [post.post_id for post in found] == [f"post_{number:032x}" for number in (1, 2)]
    assert {share.structure: len(share.roles) for share in found[0].shares} == {NORTH: 0, SOUTH: 1}
    assert not (await stub.ListPosts(request(), **alliance.as_(WEST, "DIRECTOR"))).posts


async def test_an_agreement_is_proposed_signed_and_ended(alliance: Alliance) -> None:
    stub = alliance.agreements()
    south, north = alliance.as_(SOUTH, "DIRECTOR"), alliance.as_(NORTH, "DIRECTOR")
    await alliance.ears.hear(declared(MINE))
    proposed = (await stub.ProposeAgreement(proposal(), **south)).agreement
    assert (proposed.state, proposed.version) == (agreement_pb2.AGREEMENT_STATE_PROPOSED, 1)
    assert proposed.HasField("grantor_sign_time")
    assert not proposed.HasField("home_sign_time")
    assert proposed.clauses == proposal().clauses

    sign, end = agreement_service_pb2.SignAgreementRequest, agreement_service_pb2.EndAgreementRequest
    with pytest.raises(Stale) as stale:
        await stub.SignAgreement(sign(agreement_id=proposed.agreement_id, etag='"99"'), **north)
    assert stale.value.reason == "STALE_ETAG"
    signed = (await stub.SignAgreement(sign(agreement_id=proposed.agreement_id, etag=proposed.etag), **north)).agreement
    assert signed.state == agreement_pb2.AGREEMENT_STATE_SIGNED
    assert signed.etag != proposed.etag
    with pytest.raises(Conflict) as again:
        await stub.SignAgreement(sign(agreement_id=proposed.agreement_id), **north)
    assert again.value.reason == "ALREADY_SIGNED"

    with pytest.raises(Invalid) as malformed:
        await stub.EndAgreement(end(agreement_id=proposed.agreement_id, end_date="demain"), **north)
    assert malformed.value.field == "end_date"
    ended_one = (await stub.EndAgreement(end(agreement_id=proposed.agreement_id, etag=signed.etag), **north)).agreement
    assert ended_one.state == agreement_pb2.AGREEMENT_STATE_ENDED
    assert ended_one.period.end_date == "2027-01-02"


async def test_repeating_a_command_changes_nothing(alliance: Alliance) -> None:
    stub, south = alliance.agreements(), alliance.as_(SOUTH, "DIRECTOR")
    first = await stub.ProposeAgreement(proposal("once"), **south)
    again = await stub.ProposeAgreement(proposal("once"), **south)
    assert first == again
    sign = agreement_service_pb2.SignAgreementRequest(agreement_id=first.agreement.agreement_id, request_id="sign-once")
    north = alliance.as_(NORTH, "DIRECTOR")
    assert await stub.SignAgreement(sign, **north) == await stub.SignAgreement(sign, **north)
    end = agreement_service_pb2.EndAgreementRequest(agreement_id=first.agreement.agreement_id, request_id="end-once")
    assert await stub.EndAgreement(end, **north) == await stub.EndAgreement(end, **north)
    listed = await stub.ListAgreements(agreement_service_pb2.ListAgreementsRequest(), **south)
    assert len(listed.agreements) == 1


async def test_a_structure_proposes_for_itself_and_finds_nothing_of_others(alliance: Alliance) -> None:
    stub, stranger = alliance.agreements(), alliance.as_(WEST, "DIRECTOR")
    with pytest.raises(Denied) as refused:
        await stub.ProposeAgreement(proposal(), **stranger)
    assert refused.value.reason == "NOT_A_PARTY"
    with pytest.raises(Invalid) as outside:
        await stub.ProposeAgreement(proposal(home="ailleurs"), **alliance.as_(SOUTH, "DIRECTOR"))
    assert (outside.value.reason, outside.value.field) == ("NOT_IN_GROUPEMENT", "home")
    agreement = await alliance.signed()
    for call, request in (
        (stub.SignAgreement, agreement_service_pb2.SignAgreementRequest),
        (stub.EndAgreement, agreement_service_pb2.EndAgreementRequest),
    ):
        with pytest.raises(NotFound) as unknown:
            await call(request(agreement_id=agreement.agreement_id), **stranger)
        assert unknown.value.reason == "UNKNOWN_AGREEMENT"


async def test_agreements_and_counts_are_listed_for_their_parties_alone(alliance: Alliance) -> None:
    first, second = await alliance.signed(), await alliance.signed()
    await alliance.ears.hear(declared(MINE))
    member = alliance.as_(SOUTH, "MEMBER", person=CAMILLE)
    stub = alliance.agreements()
    listed: Sequence[Any] = await every(
        stub.ListMyEntitlements, agreement_service_pb2.ListMyEntitlementsRequest(), "entitlements", **member
    )
    assert {right.agreement_id for right in listed} == {first.agreement_id, second.agreement_id}
    await alliance.ears.hear(*(used(right.entitlement_id, half_days=2) for right in listed))
    agreements, counts = agreement_service_pb2.ListAgreementsRequest, agreement_service_pb2.ListUsageCountsRequest
    for party in (SOUTH, NORTH):
        staff = alliance.as_(party, "ACCOUNTANT")
        found: Sequence[Any] = await every(stub.ListAgreements, agreements(), "agreements", **staff)
        assert [it.agreement_id for it in found] == [first.agreement_id, second.agreement_id]
        counted: Sequence[Any] = await every(stub.ListUsageCounts, counts(month="2026-11"), "usage_counts", **staff)
        assert [(it.half_days, it.amount.cents, it.home) for it in counted] == [(2, 1_200, NORTH)] * 2
    stranger = alliance.agreements(f"coworking@{WEST}")
    assert not (await stranger.ListAgreements(agreements())).agreements
    assert not (await stranger.ListUsageCounts(counts(month="2026-11"))).usage_counts


async def test_a_person_sees_their_rights_where_they_are_granted_and_at_home(alliance: Alliance) -> None:
    await alliance.signed()
    await alliance.ears.hear(declared(MINE), declared(new_id("membership"), JO))
    stub, request = alliance.agreements(), agreement_service_pb2.ListMyEntitlementsRequest()
    for structure, expected in ((SOUTH, 1), (NORTH, 1), (WEST, 0)):
        answer = await stub.ListMyEntitlements(request, **alliance.as_(structure, person=CAMILLE))
        assert len(answer.entitlements) == expected
        assert all(right.person_id == CAMILLE for right in answer.entitlements)


async def test_a_page_token_is_good_for_its_list_alone(alliance: Alliance) -> None:
    await alliance.ears.hear(declared(MINE), declared(new_id("membership")))
    request = membership_service_pb2.ListMembershipsRequest
    stub, staff = alliance.memberships(), alliance.as_(NORTH, "ADMIN")
    token = (await stub.ListMemberships(request(page_size=1), **staff)).next_page_token
    for wrong in (request(page_token=token, in_force_only=True), request(page_token="AAAA"), request(page_size=-1)):
        with pytest.raises(Invalid) as refused:
            await stub.ListMemberships(wrong, **staff)
        assert refused.value.field in ("page_token", "page_size")
    with pytest.raises(Invalid) as refused:
        month = agreement_service_pb2.ListUsageCountsRequest(month="novembre")
        await alliance.agreements().ListUsageCounts(month, **staff)
    assert refused.value.field == "month"


STAFF_ONLY: list[tuple[str, Callable[[Alliance], Any], Message]] = [
    ("DIRECTOR", lambda it: it.agreements().ProposeAgreement, proposal()),
    ("DIRECTOR", lambda it: it.agreements().SignAgreement, agreement_service_pb2.SignAgreementRequest()),
    ("DIRECTOR", lambda it: it.agreements().EndAgreement, agreement_service_pb2.EndAgreementRequest()),
    ("ADMIN", lambda it: it.agreements().ListAgreements, agreement_service_pb2.ListAgreementsRequest()),
    (
        "ADMIN",
        lambda it: it.agreements().ListUsageCounts,
        agreement_service_pb2.ListUsageCountsRequest(month="2026-11"),
    ),
    ("ADMIN", lambda it: it.memberships().ListMemberships, membership_service_pb2.ListMembershipsRequest()),
    ("ADMIN", lambda it: it.posts().ListPosts, post_service_pb2.ListPostsRequest()),
]


@pytest.mark.parametrize(("role", "call", "request_"), STAFF_ONLY)
async def test_staff_work_is_for_staff(
    alliance: Alliance, role: str, call: Callable[[Alliance], Any], request_: Message
) -> None:
    """With the role the door opens, whatever is then answered; a member, a stranger and a bare portal stay outside."""
    for outsider in (alliance.as_(SOUTH, "MEMBER"), alliance.as_(SOUTH, "EVENT_MANAGER")):
        with pytest.raises(Denied) as refused:
            await call(alliance)(request_, **outsider)
        assert refused.value.reason == "ROLE_REQUIRED"
    with pytest.raises(Unauthenticated):
        await call(alliance)(request_)
    try:
        await call(alliance)(request_, **alliance.as_(SOUTH, role))
    except Refusal as answered:
        assert answered.reason == "UNKNOWN_AGREEMENT"


async def test_a_service_brings_no_person_of_another_structure_along(alliance: Alliance) -> None:
    carried = alliance.as_(NORTH, "ADVISOR")
    with pytest.raises(Refusal) as refused:
        await alliance.memberships(f"coworking@{SOUTH}").ListMemberships(
            membership_service_pb2.ListMembershipsRequest(), **carried
        )
    assert refused.value.reason == "TOKEN_FOR_ANOTHER_STRUCTURE"
