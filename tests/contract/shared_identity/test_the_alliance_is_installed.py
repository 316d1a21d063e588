"""The registry and the demo are loaded once, as they are; what is wrong in a file is refused by name."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from engines import Databases
from identity import CODES
from reciprocity import NOW, SHARED_IDENTITY, SOUTH, TODAY, settle_in, told
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity import alliance
from shared_identity.agreements import usecases as agreements
from shared_identity.agreements.domain import AgreementState
from shared_identity.load import load
from shared_identity.memberships import usecases as memberships
from shared_identity.passwords import Passwords
from shared_identity.schema import METADATA
from shared_identity.structures import usecases as structures

DEMO = Path(__file__).parents[3] / "deploy" / "demo"
NADIA = "person_01990000000070008000000000000001"
STRUCTURE = """
[[structures]]
slug = "le-sud"
name = "Le Sud"
vat_status = "LIABLE"
data_contact = "donnees@le-sud.example"
start_date = "2021-11-01"
"""
AGREEMENT = """
[[agreements]]
agreement_id = "agreement_00000000000000000000000000000001"
grantor = "le-sud"
home = "le-nord"
start_date = "today-30"
end_date = "today+14"
clauses = [{ membership_kind = "INCUBATED", resource_kind = "NOMAD_SEAT", half_days_per_month = 8, price_cents = 600 }]
"""


@pytest.fixture
async def database(databases: Databases) -> Database:
    """Nothing yet."""
    return await databases.make(METADATA, SHARED_IDENTITY)


async def install(database: Database, text: str, now: datetime = NOW) -> bool:
    async with database.work() as work:
        return await alliance.load(work, tomllib.loads(text), now=now)


async def load_demo(database: Database) -> list[bool]:
    passwords = Passwords()
    files = ("groupement.toml", "shared-identity.toml")
    return [await load(database, DEMO / file, None, passwords, codes=CODES, now=NOW) for file in files]


async def test_the_demo_stands_after_one_load_and_a_second_changes_nothing(database: Database) -> None:
    assert await load_demo(database) == [True, True]
    before = len(await told(database))
    assert await load_demo(database) == [False, False]
    assert len(await told(database)) == before


async def test_the_demo_is_two_structures_one_director_one_agreement(database: Database) -> None:
    await load_demo(database)
    async with database.reading() as work:
        groupement = await structures.groupement(work)
        slugs = [entered.slug for entered in groupement.structures]
        roles = [set(await memberships.roles_at(work, NADIA, slug, TODAY)) for slug in slugs]
        [agreement] = await agreements.of_party(work, slugs[0], after="", limit=9)
    assert groupement.signature == "concrétisons l'utopie"
    assert roles == [{"DIRECTOR"}] * 2
    assert (agreement.state(TODAY), set(agreement.parties)) == (AgreementState.SIGNED, set(slugs))


async def test_days_are_counted_from_today(database: Database) -> None:
    async with database.work() as work:
        await settle_in(work)
    late_in_the_evening = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
    assert await install(database, AGREEMENT, late_in_the_evening)
    async with database.reading() as work:
        [agreement] = await agreements.of_party(work, SOUTH, after="", limit=9)
    assert (agreement.period.start, agreement.period.end) == (date(2026, 10, 5), date(2026, 11, 18))
    assert agreement.state(TODAY) is AgreementState.PROPOSED


async def test_an_installation_is_loaded_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(Refusal):
        await install(database, STRUCTURE + AGREEMENT)
    async with database.reading() as work:
        assert (await structures.groupement(work)).structures == ()


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (STRUCTURE.replace("LIABLE", "RICH"), "structures[0]", "ENTRY_MALFORMED"),
        (STRUCTURE.replace("le-sud", "Le Sud"), "structures[0].slug", "SLUG_MALFORMED"),
        (STRUCTURE + "sirene = '1'", "structures[0]", "ENTRY_MALFORMED"),
        (STRUCTURE + "siren = '123456789'", "structures[0].siren", "SIREN_WRONG"),
        (STRUCTURE.replace("2021-11-01", "hier"), "structures[0].period.start_date", "DAY_MALFORMED"),
        (STRUCTURE + AGREEMENT, "agreements[0].home", "NOT_IN_GROUPEMENT"),
        (AGREEMENT.replace("agreement_0", "accord_0"), "agreements[0].agreement_id", "ENTRY_MALFORMED"),
        (AGREEMENT.replace("INCUBATED", "FRIEND"), "agreements[0]", "ENTRY_MALFORMED"),
        ("[groupement]\ncolour = 'red'", "groupement", "ENTRY_MALFORMED"),
        ("groupement = 1", "groupement", "ENTRY_MALFORMED"),
        ("structures = 1", "structures", "ENTRY_MALFORMED"),
        ("structures = [1]", "structures[0]", "ENTRY_MALFORMED"),
        ("[[posts]]\nshares = [1]", "posts[0]", "ENTRY_MALFORMED"),
        ("[[posts]]\nshares = 1", "posts[0]", "ENTRY_MALFORMED"),
        ("[[posts]]\nshares = [{roles = 1}]", "posts[0]", "ENTRY_MALFORMED"),
        (
            "[[agreements]]\nagreement_id='agreement_00000000000000000000000000000001'\nclauses=[1]",
            "agreements[0]",
            "ENTRY_MALFORMED",
        ),
    ],
)
async def test_what_is_wrong_in_a_file_is_refused_by_name(
    database: Database, text: str, field: str, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await install(database, text)
    assert (refused.value.field, refused.value.reason) == (field, reason)


async def test_an_entry_written_later_is_loaded_beside_those_that_are_there(database: Database) -> None:
    async with database.work() as work:
        await settle_in(work)
    assert await install(database, AGREEMENT)
    signed: dict[str, Any] = tomllib.loads(AGREEMENT.replace("000001", "000002"))
    signed["agreements"][0]["signed"] = True
    async with database.work() as work:
        assert await alliance.load(work, signed, now=NOW)
    assert not await install(database, AGREEMENT)
    async with database.reading() as work:
        states = [each.state(TODAY) for each in await agreements.of_party(work, SOUTH, after="", limit=9)]
    assert states == [AgreementState.PROPOSED, AgreementState.SIGNED]
