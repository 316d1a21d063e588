"""Agreements and the rights they open, on both engines."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from engines import Databases
from reciprocity import (
    CAMILLE,
    JO,
    NORTH,
    NOW,
    SEATS,
    SHARED_IDENTITY,
    SINCE,
    SOUTH,
    TODAY,
    WEST,
    Ears,
    a_structure,
    an_agreement,
    declared,
    ended,
    outcome,
    settle_in,
    signed,
    told_to,
)
from servicekit.bus.subscriptions import Subscriptions
from servicekit.etags import StaleEtag, etag
from servicekit.identifiers import new_id
from servicekit.refusals import Refusal
from servicekit.sql import Database, Sweeper
from shared_identity.agreements import subscribers, usecases
from shared_identity.agreements.domain import (
    Agreement,
    AgreementEnded,
    AgreementState,
    AlreadySigned,
    NotAParty,
    NotInGroupement,
    UnknownAgreement,
)
from shared_identity.agreements.entitlements import Entitlement
from shared_identity.assembly import subscriptions
from shared_identity.days import Period, start_of
from shared_identity.memberships.domain import MembershipKind
from shared_identity.schema import METADATA
from shared_identity.structures import usecases as structures

MEMBERSHIP = "membership_" + "1" * 32
OTHER = "membership_" + "2" * 32
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
async def alliance(databases: Databases) -> Database:
    """Three structures, two people."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    async with database.work() as work:
        await settle_in(work)
    return database


async def bind(database: Database, proposed: Agreement, *, now: datetime = NOW) -> Agreement:
    async with database.work() as work:
        return await signed(work, proposed, now=now)


async def end(database: Database, agreement: Agreement, *, by: str = NORTH, wished: date | None = None) -> Agreement:
    async with database.work() as work:
        return await usecases.end(work, agreement.agreement_id, wished, by=by, etag="", now=NOW)


async def rights(
    database: Database, person_id: str = CAMILLE, structure: str = SOUTH, today: date = TODAY
) -> Sequence[Entitlement]:
    async with database.reading() as work:
        return await usecases.open_rights(work, person_id, structure, today=today, after="", limit=100)


async def sweep(database: Database, day: date) -> int:
    def clock() -> datetime:
        return start_of(day)

    return await Sweeper(database, subscribers.due_handlers(clock), clock=clock).sweep()


async def test_a_structure_proposes_what_it_is_a_party_to(alliance: Database) -> None:
    async with alliance.work() as work:
        with pytest.raises(NotAParty):
            await usecases.propose(work, an_agreement(), by=WEST, now=NOW)
        proposed = await usecases.propose(work, an_agreement(), by=NORTH, now=NOW)
    assert proposed.state(TODAY) is AgreementState.PROPOSED
    assert (proposed.home_signed_at, proposed.grantor_signed_at) == (NOW, None)


@pytest.mark.parametrize("stranger", ["ailleurs", WEST])
async def test_both_parties_are_in_the_groupement(alliance: Database, stranger: str) -> None:
    """The west left yesterday."""
    async with alliance.work() as work:
        gone = Period(start=SINCE.start, end=TODAY - timedelta(days=1))
        await structures.enter(work, a_structure(WEST, gone), now=NOW)
        for field, proposed in (
            ("grantor", an_agreement(grantor=stranger)),
            ("home", an_agreement(grantor=NORTH, home=stranger)),
        ):
            with pytest.raises(NotInGroupement) as refused:
                await usecases.propose(work, proposed, by=NORTH, now=NOW)
            assert refused.value.field == field


async def test_rights_open_when_both_have_signed_and_not_before(alliance: Database) -> None:
    await Ears(alliance).hear(declared(MEMBERSHIP), declared(OTHER, JO))
    proposed = an_agreement()
    async with alliance.work() as work:
        await usecases.propose(work, proposed, by=SOUTH, now=NOW)
    assert await told_to(alliance, SOUTH) == []
    assert await rights(alliance) == []
    async with alliance.work() as work:
        await usecases.sign(work, proposed.agreement_id, by=NORTH, etag="", now=NOW)
    names = [name for name, _, _ in await told_to(alliance, SOUTH)]
    assert names == ["agreement.signed", "entitlement.opened", "entitlement.opened"]
    assert [name for name, _, _ in await told_to(alliance, NORTH)] == ["agreement.signed"]
    assert [right.period for right in await rights(alliance)] == [Period(start=date(2026, 9, 1))]


async def test_what_the_granting_structure_is_told_is_all_it_needs(alliance: Database) -> None:
    agreement = await bind(alliance, an_agreement())
    await Ears(alliance).hear(declared(MEMBERSHIP, end="2026-12-31"))
    name, version, body = (await told_to(alliance, SOUTH))[-1]
    [right] = await rights(alliance)
    assert (name, version) == ("entitlement.opened", 1)
    assert body == {
        "entitlementId": right.entitlement_id,
        "personId": CAMILLE,
        "agreementId": agreement.agreement_id,
        "home": NORTH,
        "resourceKind": "NOMAD_SEAT",
        "halfDaysPerMonth": 8,
        "price": {"cents": "600", "currencyCode": "EUR"},
        "period": {"startDate": "2026-09-01", "endDate": "2026-12-31"},
    }
    assert await told_to(alliance, WEST) == []


async def test_a_stranger_finds_no_agreement(alliance: Database) -> None:
    agreement = await bind(alliance, an_agreement())
    async with alliance.work() as work:
        for stranger, name in ((WEST, agreement.agreement_id), (NORTH, new_id("agreement"))):
            with pytest.raises(UnknownAgreement):
                await usecases.sign(work, name, by=stranger, etag="", now=NOW)
            with pytest.raises(UnknownAgreement):
                await usecases.end(work, name, None, by=stranger, etag="", now=NOW)
        assert await usecases.of_party(work, WEST, after="", limit=9) == []


async def test_what_was_read_before_a_change_is_not_signed_nor_ended(alliance: Database) -> None:
    proposed = an_agreement()
    async with alliance.work() as work:
        read = await usecases.propose(work, proposed, by=SOUTH, now=NOW)
        with pytest.raises(StaleEtag):
            await usecases.sign(work, read.agreement_id, by=NORTH, etag=etag(read.version - 1), now=NOW)
        bound = await usecases.sign(work, read.agreement_id, by=NORTH, etag=etag(read.version), now=NOW)
        with pytest.raises(StaleEtag):
            await usecases.end(work, read.agreement_id, None, by=NORTH, etag=etag(read.version), now=NOW)
        with pytest.raises(AlreadySigned):
            await usecases.sign(work, read.agreement_id, by=NORTH, etag=etag(bound.version), now=NOW)


async def test_rights_follow_a_membership_wherever_it_goes(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP))
    await ears.hear(ended(MEMBERSHIP))
    assert await rights(alliance) == []
    await ears.hear(declared(MEMBERSHIP, start="2026-11-03", version=3))
    said = [(name, version) for name, version, _ in await told_to(alliance, SOUTH) if "entitlement" in name]
    assert said == [("entitlement.opened", 1), ("entitlement.closed", 2), ("entitlement.opened", 3)]
    assert [right.period.start for right in await rights(alliance)] == [TODAY]


async def test_a_fact_that_comes_again_tells_nobody_anything(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    ears = Ears(alliance)
    fact = declared(MEMBERSHIP)
    await ears.hear(fact)
    before = await told_to(alliance, SOUTH)
    await ears.hear(fact, replace(fact, id=new_id("fact")))
    assert await told_to(alliance, SOUTH) == before


async def test_two_memberships_give_one_right_until_neither_entitles(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP), declared(OTHER))
    [right] = await rights(alliance)
    await ears.hear(ended(MEMBERSHIP))
    assert [held.entitlement_id for held in await rights(alliance)] == [right.entitlement_id]
    await ears.hear(ended(OTHER))
    assert await rights(alliance) == []


async def test_members_of_another_structure_or_quality_have_no_right(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    await Ears(alliance).hear(declared(MEMBERSHIP, by=WEST), declared(OTHER, kind=MembershipKind.COWORKER))
    assert await rights(alliance) == []


async def test_each_clause_and_each_agreement_opens_a_right_of_its_own(alliance: Database) -> None:
    rooms = replace(SEATS, resource_kind="MEETING_ROOM", half_days_per_month=1, cents=2_000)
    await bind(alliance, an_agreement(clauses=(SEATS, rooms)))
    await bind(alliance, an_agreement(grantor=WEST))
    await Ears(alliance).hear(declared(MEMBERSHIP))
    assert {held.resource_kind for held in await rights(alliance)} == {"NOMAD_SEAT", "MEETING_ROOM"}
    assert [held.grantor for held in await rights(alliance, structure=WEST)] == [WEST]
    assert len(await rights(alliance, structure=NORTH)) == 3


async def test_a_right_closes_after_its_last_day_and_is_not_shown_even_before(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    await Ears(alliance).hear(declared(MEMBERSHIP, end=TODAY.isoformat()))
    [right] = await rights(alliance)
    assert await sweep(alliance, TODAY) == 0
    assert await rights(alliance, today=TOMORROW) == []
    assert await sweep(alliance, TOMORROW) == 1
    name, version, body = (await told_to(alliance, SOUTH))[-1]
    assert (name, version) == ("entitlement.closed", 2)
    assert body == {"entitlementId": right.entitlement_id, "endDate": TODAY.isoformat()}


async def test_a_prolonged_membership_puts_the_closing_off(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP, end=TODAY.isoformat()), declared(MEMBERSHIP, version=2))
    assert await sweep(alliance, TODAY + timedelta(days=30)) == 0
    assert [held.period.end for held in await rights(alliance)] == [None]


async def test_after_one_run_of_days_the_next_one_opens(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    later = TODAY + timedelta(days=10)
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP, end=TODAY.isoformat()), declared(OTHER, start=later.isoformat()))
    assert [held.period for held in await rights(alliance)] == [Period(start=date(2026, 9, 1), end=TODAY)]
    await sweep(alliance, TOMORROW)
    assert [held.period for held in await rights(alliance)] == [Period(start=later)]


async def test_notice_sets_a_last_day_to_every_right_and_closes_them_then(alliance: Database) -> None:
    agreement = await bind(alliance, an_agreement(notice_days=10))
    await Ears(alliance).hear(declared(MEMBERSHIP), declared(OTHER, JO))
    last = TODAY + timedelta(days=10)
    ended_one = await end(alliance, agreement)
    assert (ended_one.period.end, ended_one.state(TODAY)) == (last, AgreementState.ENDED)
    assert [held.period.end for held in await rights(alliance)] == [last]
    assert await sweep(alliance, last) == 0
    assert await sweep(alliance, last + timedelta(days=1)) == 2
    assert set(outcome(await told_to(alliance, SOUTH)).values()) == {"closed"}
    for party in (NORTH, SOUTH):
        bodies = [body for name, _, body in await told_to(alliance, party) if name == "agreement.ended"]
        assert bodies == [{"agreementId": agreement.agreement_id, "endDate": last.isoformat()}]


async def test_nobody_gives_notice_twice(alliance: Database) -> None:
    agreement = await bind(alliance, an_agreement())
    await end(alliance, agreement, by=NORTH)
    with pytest.raises(AgreementEnded):
        await end(alliance, agreement, by=SOUTH)


async def test_a_member_who_comes_during_the_notice_has_the_right_until_the_last_day(alliance: Database) -> None:
    agreement = await bind(alliance, an_agreement(notice_days=10))
    await end(alliance, agreement)
    await Ears(alliance).hear(declared(MEMBERSHIP))
    assert [held.period.end for held in await rights(alliance)] == [TODAY + timedelta(days=10)]


@pytest.mark.parametrize("leaver", [NORTH, SOUTH])
async def test_rights_close_when_a_party_leaves_the_groupement(alliance: Database, leaver: str) -> None:
    await bind(alliance, an_agreement())
    await Ears(alliance).hear(declared(MEMBERSHIP))
    async with alliance.work() as work:
        await structures.enter(work, a_structure(leaver, Period(start=SINCE.start, end=TODAY)), now=NOW)
        await usecases.follow_structure(work, leaver, now=NOW)
    assert [held.period.end for held in await rights(alliance)] == [TODAY]
    assert await sweep(alliance, TOMORROW) == 1
    assert set(outcome(await told_to(alliance, SOUTH)).values()) == {"closed"}


async def test_a_structure_knows_its_members_and_who_holds_a_right_there(alliance: Database) -> None:
    await bind(alliance, an_agreement())
    ears = Ears(alliance)
    await ears.hear(declared(MEMBERSHIP), declared(OTHER, JO, by=WEST))
    asked = [CAMILLE, JO]
    async with alliance.reading() as work:
        known = {slug: await usecases.is_known_at(work, asked, slug, TODAY) for slug in (NORTH, SOUTH, WEST)}
    assert known == {NORTH: {CAMILLE}, SOUTH: {CAMILLE}, WEST: {JO}}
    await ears.hear(ended(MEMBERSHIP))
    async with alliance.reading() as work:
        assert await usecases.is_known_at(work, asked, SOUTH, TODAY) == set()


async def test_agreements_are_listed_from_page_to_page_for_their_parties(alliance: Database) -> None:
    mine = [await bind(alliance, an_agreement(f"agreement_{number:032x}")) for number in range(3)]
    await bind(alliance, an_agreement(home=WEST))
    async with alliance.reading() as work:
        first = await usecases.of_party(work, NORTH, after="", limit=2)
        rest = await usecases.of_party(work, NORTH, after=first[-1].agreement_id, limit=2)
    assert [*first, *rest] == mine


async def test_a_declaration_that_crosses_a_signature_opens_the_right(alliance: Database) -> None:
    """The signature is not committed when the declaration comes: without the hold, neither would see the other."""
    agreement_id = await _proposed(alliance)
    async with alliance.work() as work:
        await usecases.sign(work, agreement_id, by=NORTH, etag="", now=NOW)
        declaring = asyncio.create_task(Ears(alliance).hear(declared(MEMBERSHIP)))
        await asyncio.sleep(0.3)
    await declaring
    assert [held.agreement_id for held in await rights(alliance)] == [agreement_id]


async def test_a_signature_that_crosses_a_declaration_opens_the_right(alliance: Database) -> None:
    agreement_id = await _proposed(alliance)
    fact = declared(MEMBERSHIP)
    async with alliance.work() as work:
        await Subscriptions(subscriptions(lambda: NOW)).handle(work, fact)
        signing = asyncio.create_task(_sign(alliance, agreement_id))
        await asyncio.sleep(0.3)
    await signing
    assert [held.agreement_id for held in await rights(alliance)] == [agreement_id]


async def test_a_proposal_opens_nothing_whoever_comes_or_goes(alliance: Database) -> None:
    await Ears(alliance).hear(declared(MEMBERSHIP))
    await _proposed(alliance)
    async with alliance.work() as work:
        await usecases.follow_structure(work, SOUTH, now=NOW)
    await Ears(alliance).hear(declared(OTHER))
    assert await rights(alliance) == []


async def _proposed(database: Database) -> str:
    agreement_id = new_id("agreement")
    async with database.work() as work:
        await usecases.propose(work, an_agreement(agreement_id), by=SOUTH, now=NOW)
    return agreement_id


async def _sign(database: Database, agreement_id: str) -> None:
    async with database.work() as work:
        await usecases.sign(work, agreement_id, by=NORTH, etag="", now=NOW)


async def test_of_many_signatures_at_once_one_counts(alliance: Database) -> None:
    agreement_id = await _proposed(alliance)
    results = await asyncio.gather(*(_sign(alliance, agreement_id) for _ in range(4)), return_exceptions=True)
    reasons = sorted(result.reason for result in results if isinstance(result, Refusal))
    assert reasons == ["ALREADY_SIGNED"] * 3
