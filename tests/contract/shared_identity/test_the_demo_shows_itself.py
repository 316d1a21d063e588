"""The demo's directory is loaded once; it shows projects to all, and structures as soon as memberships are declared."""

import tomllib
from pathlib import Path

import pytest
from engines import Databases
from identity import CODES
from reciprocity import NOW, SHARED_IDENTITY, Ears, declared, settle_in
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity import showcase
from shared_identity.directory import storage
from shared_identity.directory.domain import INSIDE, PUBLIC, Entry, View
from shared_identity.load import load
from shared_identity.passwords import Passwords
from shared_identity.schema import METADATA

DEMO = Path(__file__).parents[3] / "deploy" / "demo"
CAMILLE = "person_01990000000070008000000000000004"
INVENTED = ("inventé", "démonstration")
ENTRY = """
[[directory]]
entry_id = "entry_00000000000000000000000000000001"
kind = "PLACE"
structure = "le-nord"
public = { name = "Le lieu" }
"""


@pytest.fixture
async def demo(databases: Databases) -> Database:
    """The demo, loaded."""
    database = await databases.make(METADATA, SHARED_IDENTITY)
    for file in ("groupement.toml", "shared-identity.toml"):
        assert await load(database, DEMO / file, None, Passwords(), codes=CODES, now=NOW)
    return database


async def entries(database: Database) -> list[Entry]:
    async with database.reading() as work:
        return [kept.entry() for kept in await storage.batch(work, after="", most=100)]


async def test_a_second_load_changes_nothing(demo: Database) -> None:
    before = await entries(demo)
    assert not await load(demo, DEMO / "shared-identity.toml", None, Passwords(), codes=CODES, now=NOW)
    assert await entries(demo) == before
    assert {entry.kind.value for entry in before} == {"PERSON", "PROJECT", "ORGANISATION", "PLACE"}


async def test_what_is_true_names_its_source_and_who_is_invented_says_so(demo: Database) -> None:
    for view in [view for entry in await entries(demo) if (view := entry.seen_by(INSIDE)) is not None]:
        if view.structure:
            assert any(year in " ".join(view.values("source")) for year in ("2017", "2021", "2023")), view.name
        else:
            said = " ".join(text for _, values in view.fields for text in values)
            assert all(word in said for word in INVENTED), view.name


async def test_a_structure_shows_once_the_membership_is_declared(demo: Database) -> None:
    async def fanes() -> View | None:
        found = [entry for entry in await entries(demo) if entry.fields[0].values == ("Les Fanes",)]
        return found[0].seen_by(INSIDE)

    before = await fanes()
    await Ears(demo).hear(declared("membership_" + "1" * 32, CAMILLE, by="inter-made"))
    after = await fanes()
    assert before is not None and before.structures == ()
    assert after is not None and after.structures == ("inter-made",)


async def test_the_public_sees_the_projects_and_not_every_person(demo: Database) -> None:
    seen = [view for entry in await entries(demo) if (view := entry.seen_by(PUBLIC)) is not None]
    assert {view.name for view in seen if view.kind == "PROJECT"} == {
        "Les Fanes",
        "Le Fil Imaginaire",
        "Toit d'Essai",
        "La Carte Hypothétique",
    }
    assert "Jo Inventé" not in {view.name for view in seen}
    assert not any(view.values("email") or view.values("phone") for view in seen)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("directory = 1", "directory"),
        ("[[directory]]", "directory[0].entry_id"),
        (ENTRY.replace("PLACE", "CAVE"), "directory[0].kind"),
        (ENTRY.replace("PLACE", "PERSON"), "directory[0].kind"),
        (ENTRY.replace("le-nord", "nowhere"), "directory[0]"),
        (ENTRY.replace('name = "Le lieu"', 'colour = "red"'), "directory[0].fields[0].name"),
        (ENTRY.replace("public =", "pulbic ="), "directory[0].pulbic"),
        (ENTRY.replace('{ name = "Le lieu" }', '"all"'), "directory[0]"),
    ],
)
async def test_what_is_wrong_is_refused_by_name(databases: Databases, text: str, field: str) -> None:
    database = await databases.make(METADATA, SHARED_IDENTITY)
    with pytest.raises(Refusal) as refused:
        async with database.work() as work:
            await settle_in(work)
            await showcase.load(work, tomllib.loads(text), now=NOW)
    assert refused.value.field == field
