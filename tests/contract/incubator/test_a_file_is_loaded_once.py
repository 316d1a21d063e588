"""`load` brings in what an incubator begins with, through its use cases, once."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from incubating import CAMILLE, announced, said, verbs
from incubator.calendar import Calendar
from incubator.calls import usecases as calls
from incubator.calls.domain import ApplicationState
from incubator.installation import InstallationRefused, read_installation
from incubator.loading import Loaded, load
from incubator.programmes import usecases as programmes
from incubator.projects import usecases as projects
from servicekit import staff
from servicekit.sql import Database

DEMO = Path(__file__).parents[3] / "deploy" / "demo" / "incubator@inter-made.toml"
TODAY = date(2026, 11, 3)
CALENDAR = Calendar(clock=lambda: datetime(2026, 11, 3, 9, 0, tzinfo=UTC), zone=ZoneInfo("Europe/Paris"))


async def test_the_demo_is_loaded_with_its_facts(database: Database) -> None:
    loaded = await _load(database)
    assert loaded == Loaded(staff=3, programmes=3, cohorts=4, projects=4, applications=3)
    assert await verbs(database) == {
        "staff_role_granted": 3,
        "membership_declared": 5,
        "membership_ended": 1,
        "project_moved": 3,
        "project_exited": 1,
        "application_submitted": 3,
    }


async def test_a_second_load_changes_nothing(database: Database) -> None:
    await _load(database)
    before = [told.fact.id for told in await announced(database)]
    again = await _load(database)
    assert (again.programmes, again.cohorts, again.projects, again.applications) == (0, 0, 0, 0)
    assert [told.fact.id for told in await announced(database)] == before


async def test_the_demo_agrees_with_itself(database: Database) -> None:
    await _load(database)
    async with database.reading() as work:
        listed = await programmes.programmes(work, after=None, most=10)
        (running, gone) = await projects.projects_carried_by(work, CAMILLE, after=None, most=10)
        pending = await calls.applications(work, state=ApplicationState.SUBMITTED, after=None, most=10)
        roles = await staff.roles_of(work, "person_01990000000070008000000000000002")
        cohorts = await programmes.cohorts(work, programme_id=None, after=None, most=10)
    assert [(programme.name, programme.duration_months) for programme in listed] == [
        ("Amorçage", 2),
        ("Couveuse", 12),
        ("Starter", 3),
    ]
    assert (running.name, running.stage_id) == ("Les Fanes (projet inventé)", listed[2].stages[1].stage_id)
    assert gone.exit is not None and gone.exit.on == date(2026, 9, 2)
    assert [application.applicant_name for application in pending] == [
        "Jo Inventé",
        "Camille Fictive",
        "Noor Hypothèse",
    ]
    assert roles == {"ADVISOR"}
    assert {cohort.name: cohort.taken for cohort in cohorts} == {
        "Amorçage, prochain groupe": 0,
        "Starter, groupe en cours": 2,
        "Couveuse, groupe en cours": 1,
        "Amorçage, groupe précédent": 0,
    }


async def test_a_membership_of_the_demo_begins_on_the_day_of_its_project(database: Database) -> None:
    await _load(database)
    days = [declared["period"]["startDate"] for declared in await said(database, "membership_declared")]
    assert sorted(days) == ["2026-06-06", "2026-06-06", "2026-07-06", "2026-09-29", "2026-09-30"]


@pytest.mark.parametrize(
    ("written", "where"),
    [
        ("programmes = 3", "programmes: "),
        ("[[programmes]]\nname = 'Starter'", "programmes.1.programme_id: "),
        ("unheard = 1", "unheard: "),
        ("[[staff]\n", "not TOML"),
        ("[[staff]]\nperson_id = 'nadia'\nrole = 'ADMIN'", "staff.0.person_id: "),
        ("[[staff]]\nperson_id = 'person_01990000000070008000000000000001'\nrole = 'QUEEN'", "staff.0.role: "),
    ],
)
async def test_a_file_that_cannot_be_loaded_is_refused_in_one_line_and_nothing_is(
    database: Database, tmp_path: Path, written: str, where: str
) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(_GOOD_PROGRAMME * (not written.startswith("programmes")) + written)
    with pytest.raises(InstallationRefused) as refused:
        await _load(database, file)
    assert where in str(refused.value)
    assert "\n" not in str(refused.value)
    async with database.reading() as work:
        assert await programmes.programmes(work, after=None, most=10) == []


async def test_a_refusal_names_the_entry_it_is_about(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(_GOOD_PROGRAMME + _COHORT_OF_ANOTHER)
    with pytest.raises(InstallationRefused, match=r"^cohorts\.0\.programme_id: .*UNKNOWN_PROGRAMME"):
        await _load(database, file)


async def test_a_stage_beyond_the_path_is_refused(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(DEMO.read_text().replace("stage = 2\n", "stage = 4\n"))
    with pytest.raises(InstallationRefused, match=r"^projects\.0\.stage: .*FIELD_OUT_OF_RANGE"):
        await _load(database, file)
    assert await announced(database) == []


async def test_a_file_that_is_not_there_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InstallationRefused, match="No such file"):
        await _load(database, tmp_path / "nowhere.toml")


_GOOD_PROGRAMME = """
[[programmes]]
programme_id = "programme_01990000000070008000000000000001"
name = "Starter"
description = ""
duration_months = 3
stages = ["Étude de marché"]

"""
_COHORT_OF_ANOTHER = """
[[cohorts]]
cohort_id = "cohort_01990000000070008000000000000001"
programme_id = "programme_01990000000070008000000000000099"
name = "Starter"
first_day = "today"
last_day = "today+90"
capacity = 5
"""


async def _load(database: Database, file: Path = DEMO) -> Loaded:
    installation = read_installation(file, today=TODAY)
    async with database.work() as work:
        return await load(work, installation, CALENDAR)
